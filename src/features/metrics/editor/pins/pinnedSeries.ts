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
import type { Series } from '../../core/reading';
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

/** A source on a host that has pinned series. */
interface Place {
  readonly fleet: Fleet;
  /** As it was when reading began: who edits it begins anew. */
  readonly inventory: Inventory;
  readonly host: string;
  readonly source: string;
}

/** What reads a place. */
interface Following extends Place {
  /** Undefined where the inventory has no such source. */
  readonly target: MetricTarget | undefined;
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
  /** When those of this window were pinned: a reading before that says nothing of them. */
  private readonly pinnedAt = new Map<Pin, number>();
  /** By place. Pinning one series begins or ends one of them at most. */
  private readonly following = new Map<string, Following>();
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
    for (const following of [...this.following.values()]) this.end(following);
  }

  rowsOf(fleet: Fleet, host: string): PinRow[] {
    return this.pins
      .filter((pin) => pin.inventory === fleet.id && pin.host === host)
      .map((pin) => new PinRow(pin, () => this.figureOf(pin)));
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
    this.pinnedAt.set(pin, Date.now());
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
    for (const known of [this.drawn, this.pinnedAt])
      for (const pin of known.keys()) if (!pins.includes(pin)) known.delete(pin);
    this.follow();
    const fleet = this.ports.fleets.all.find(({ id }) => id === inventory);
    if (fleet) this.changed.fire({ fleet, host });
    await this.ports.memory.update(memoryKey, pins);
  }

  private figureOf(pin: Pin): PinFigure {
    if (!workspace.isTrusted) return { failure: l10n.t('Muster connects to nothing in Restricted Mode.') };
    const following = this.following.get(placeKey(pin));
    if (!following) return { isPending: true };
    const { target, follower, failure } = following;
    if (failure !== undefined) return { failure };
    if (!target) return { failure: l10n.t('This host has no source “{0}”.', pin.source) };
    if (!follower) return { isPending: true };
    const state = follower.all()[0]!;
    const since = this.pinnedAt.get(pin) ?? 0;
    return pinFigure(pin, { store: follower.store, state, since, now: Date.now() });
  }

  /** Begins, goes on or ends with each place, by what is pinned, visible and allowed now. */
  private follow(): void {
    const places = this.places();
    for (const [key, following] of [...this.following]) {
      const place = places.get(key);
      if (place?.fleet !== following.fleet || place.inventory !== following.inventory) this.end(following);
    }
    for (const [key, place] of places) if (!this.following.has(key)) this.begin(place);
    clearInterval(this.timer);
    this.timer = this.following.size > 0 ? setInterval(() => this.draw(), drawMs) : undefined;
    // What was read before is not shown as if it were of now.
    this.draw();
  }

  /** Those to read now, each once. */
  private places(): Map<string, Place> {
    const { fleets, view } = this.ports;
    const places = new Map<string, Place>();
    if (!view.visible || !workspace.isTrusted) return places;
    for (const { inventory: id, host, source } of this.pins) {
      const fleet = fleets.all.find((one) => one.id === id);
      if (fleet?.inventory)
        places.set(placeKey({ inventory: id, host, source }), {
          ...{ fleet, host, source },
          inventory: fleet.inventory,
        });
    }
    return places;
  }

  private begin(place: Place): void {
    const following: Following = { ...place, target: targetOf(place) };
    this.following.set(keyOf(place), following);
    if (following.target) void this.read(following, following.target);
  }

  private async read(following: Following, target: MetricTarget): Promise<void> {
    const { fleet } = following;
    try {
      const follower = await fleet.use((core) =>
        core.followMetrics([target], {
          isWanted: (series) => this.isPinned(following, series),
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

  private isPinned({ fleet, host, source }: Place, { name, labels }: Series): boolean {
    return this.pins.some(
      (pin) =>
        pin.inventory === fleet.id &&
        pin.host === host &&
        pin.source === source &&
        pin.series.startsWith(name) &&
        pin.series === seriesText(name, labels),
    );
  }

  private end(following: Following): void {
    this.following.delete(keyOf(following));
    following.isOver = true;
    void following.follower?.dispose();
  }

  /** Draws the rows anew whose figures look different now. */
  private draw(): void {
    for (const pin of this.pins) {
      const fleet = this.ports.fleets.all.find(({ id }) => id === pin.inventory);
      if (!fleet) continue;
      const text = pinText(this.figureOf(pin));
      if (this.drawn.get(pin) === text) continue;
      this.drawn.set(pin, text);
      this.changed.fire({ fleet, host: pin.host, key: pinKey(pin) });
    }
  }
}

const placeKey = ({ inventory, host, source }: Pick<Pin, 'inventory' | 'host' | 'source'>) =>
  JSON.stringify([inventory, host, source]);

const keyOf = ({ fleet, host, source }: Place) => placeKey({ inventory: fleet.id, host, source });

function targetOf({ inventory, host: name, source }: Place): MetricTarget | undefined {
  const [host, entry] = [inventory.hosts.get(name), inventory.section(metricEntries).get(source)];
  return host && entry?.hosts.includes(name) ? { host, entry } : undefined;
}
