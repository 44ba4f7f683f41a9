import { type Disposable, EventEmitter, l10n, type Memento, workspace } from 'vscode';
import { errorReport, MusterError, toMusterError } from '../../../../platform/errors/errors';
import type { Logger } from '../../../../platform/host/host';
import type { Inventory } from '../../../../platform/inventory/model';
import { Disposables } from '../../../../shell/editor/disposables';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../../shell/editor/fleets/fleets';
import type { HostsView } from '../../../../shell/editor/hosts/hostsView';
import type { BranchChange, HostBranch } from '../../../../shell/editor/hosts/hostsTree';
import type { MetricFollower } from '../../core/metricFollower';
import type { MetricTarget } from '../../core/readSource';
import { metricEntries } from '../../core/section/metricEntry';
import type { StoredSeries } from '../../core/seriesStore';
import { seriesText } from '../../core/seriesText';
import { isSamePin, mostPins, type Pin, pinOf, readPins } from './pin';
import { type PinFigure, pinFigure } from './pinFigure';
import { pinKey, PinRow, pinText } from './pinRow';

const memoryKey = 'muster.metrics.pins';
/** As often as rows are drawn again, at most. */
const drawMs = 1_000;

/** What reads the pinned series of an inventory, as it was when that began. */
interface Following {
  readonly inventory: Inventory;
  readonly targets: readonly MetricTarget[];
  follower?: MetricFollower;
  failure?: string;
  isOver?: boolean;
}

export interface PinPorts {
  readonly fleets: Fleets;
  readonly logger: Logger;
  readonly memory: Memento;
  readonly view: Pick<HostsView, 'visible' | 'onDidChangeVisibility'>;
}

/** Series below their hosts. They are read while the Hosts view is visible and the workspace is trusted. */
export class PinnedSeries implements HostBranch, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<BranchChange>());
  /** With a key, the figure of one changed; without, it was pinned or unpinned. */
  readonly onDidChange = this.changed.event;
  private pins: readonly Pin[];
  private readonly following = new Map<Fleet, Following>();
  private readonly drawn = new Map<Pin, string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly ports: PinPorts) {
    this.pins = readPins(ports.memory.get(memoryKey));
    this.owned.add(ports.fleets.onDidChange(() => this.follow()));
    this.owned.add(ports.view.onDidChangeVisibility(() => this.follow()));
    this.owned.add(workspace.onDidGrantWorkspaceTrust(() => this.follow()));
    this.follow();
  }

  dispose(): void {
    this.owned.dispose();
    clearInterval(this.timer);
    for (const fleet of [...this.following.keys()]) this.end(fleet);
  }

  rowsOf(fleet: Fleet, host: string): PinRow[] {
    return this.pins
      .filter((pin) => pin.inventory === fleet.id && pin.host === host)
      .map((pin) => new PinRow(pin, () => this.figureOf(fleet, pin)));
  }

  has(inventory: string, series: StoredSeries): boolean {
    const pin = pinOf(inventory, series);
    return this.pins.some((one) => isSamePin(one, pin));
  }

  /** Pins a series, or unpins one that is pinned. @throws MusterError LOCAL_LIMIT when too many are pinned */
  async toggle(inventory: string, series: StoredSeries): Promise<void> {
    const pin = pinOf(inventory, series);
    if (this.has(inventory, series)) return this.unpin(pin);
    if (this.pins.length >= mostPins)
      throw new MusterError('LOCAL_LIMIT', l10n.t('{0} series are pinned already: unpin one.', mostPins));
    await this.keep([...this.pins, pin], pin);
  }

  async unpin(pin: Pin): Promise<void> {
    await this.keep(
      this.pins.filter((one) => !isSamePin(one, pin)),
      pin,
    );
  }

  private async keep(pins: readonly Pin[], { inventory, host }: Pin): Promise<void> {
    this.pins = pins;
    for (const pin of this.drawn.keys()) if (!pins.includes(pin)) this.drawn.delete(pin);
    const fleet = this.ports.fleets.all.find(({ id }) => id === inventory);
    if (fleet) {
      this.end(fleet);
      this.follow();
      this.changed.fire({ fleet, host });
    }
    await this.ports.memory.update(memoryKey, pins);
  }

  private figureOf(fleet: Fleet, pin: Pin): PinFigure {
    if (!workspace.isTrusted) return { failure: l10n.t('Muster connects to nothing in Restricted Mode.') };
    const { targets, follower, failure } = this.following.get(fleet) ?? {};
    if (failure !== undefined) return { failure };
    const target = targets?.find(({ host, entry }) => host.name === pin.host && entry.name === pin.source);
    if (targets && !target) return { failure: l10n.t('This host has no source “{0}”.', pin.source) };
    if (!follower) return { isPending: true };
    const state = follower.all().find((one) => one.target === target);
    return pinFigure(pin, { store: follower.store, state, now: Date.now() });
  }

  /** Begins, goes on or ends with each inventory, by what is visible and allowed now. */
  private follow(): void {
    const { fleets, view } = this.ports;
    const isWanted = view.visible && workspace.isTrusted && this.pins.length > 0;
    for (const [fleet, { inventory }] of [...this.following])
      if (!isWanted || fleet.inventory !== inventory || !fleets.all.includes(fleet)) this.end(fleet);
    if (isWanted)
      for (const fleet of fleets.all) if (fleet.inventory && !this.following.has(fleet)) this.begin(fleet);
    clearInterval(this.timer);
    this.timer = this.following.size > 0 ? setInterval(() => this.draw(), drawMs) : undefined;
    // What was read before is not shown as if it were of now.
    this.draw();
  }

  private begin(fleet: Fleet): void {
    const pins = this.pins.filter(({ inventory }) => inventory === fleet.id);
    if (pins.length === 0) return;
    const inventory = fleet.inventory!;
    const following: Following = { inventory, targets: targetsOf(inventory, pins) };
    this.following.set(fleet, following);
    void this.read(fleet, following, pins);
  }

  private async read(fleet: Fleet, following: Following, pins: readonly Pin[]): Promise<void> {
    const { targets } = following;
    if (targets.length === 0) return;
    try {
      const follower = await fleet.use((core) =>
        core.followMetrics(targets, {
          isWanted: ({ name, labels }, { host, entry }) =>
            pins.some(
              (pin) =>
                pin.host === host.name &&
                pin.source === entry.name &&
                pin.series.startsWith(name) &&
                pin.series === seriesText(name, labels),
            ),
        }),
      );
      following.follower = follower;
      if (following.isOver) await follower.dispose();
    } catch (error) {
      if (following.isOver) return;
      const { message, causes } = errorReport(toMusterError(error));
      following.failure = message;
      this.ports.logger.error(`metrics: ${[message, ...causes].join('\n  ')}`);
    }
  }

  private end(fleet: Fleet): void {
    const following = this.following.get(fleet);
    if (!following) return;
    this.following.delete(fleet);
    following.isOver = true;
    void following.follower?.dispose();
  }

  /** Draws the rows anew whose figures look different now. */
  private draw(): void {
    for (const pin of this.pins) {
      const fleet = this.ports.fleets.all.find(({ id }) => id === pin.inventory);
      if (!fleet) continue;
      const text = pinText(this.figureOf(fleet, pin));
      if (this.drawn.get(pin) === text) continue;
      this.drawn.set(pin, text);
      this.changed.fire({ fleet, host: pin.host, key: pinKey(pin) });
    }
  }
}

/** The sources on hosts that have pinned series, each once; what the inventory no longer has is left out. */
function targetsOf(inventory: Inventory, pins: readonly Pin[]): MetricTarget[] {
  const entries = inventory.section(metricEntries);
  const places = new Map(pins.map(({ host, source }) => [`${host}\0${source}`, { host, source }]));
  return [...places.values()].flatMap(({ host: name, source }) => {
    const [host, entry] = [inventory.hosts.get(name), entries.get(source)];
    return host && entry?.hosts.includes(name) ? [{ host, entry }] : [];
  });
}
