import { EventEmitter, type Disposable, l10n, window } from 'vscode';
import { cancelledBy } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { Logger } from '../../../platform/host/host';
import type { Host } from '../../../platform/inventory/model';
import type { Destination } from '../../../platform/transport/hostTransport';
import type { Batches } from '../../../shell/editor/batches';
import { assertTrusted } from '../../../shell/editor/batches';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import type { BranchChange } from '../../../shell/editor/hosts/hostsTree';
import { Forward, type ForwardPlace, type ForwardUse } from './forward';
import { forwardKey } from './forwardRow';
import { type ForwardTarget, targetText } from './forwardTarget';
import { setContext } from '../../../shell/editor/setContext';
import { forwardsContext } from './contextKeys';

/** Milliseconds between two drawings of a row whose counts change. */
const drawMs = 500;

/** Hosts named in one message. */
const maxNamed = 10;

/** What a feature needs to reach, and its name as the user knows it, which the row of the port shows. */
export interface ForwardRequest extends Destination {
  usedBy: string;
}

/** The forwarded ports of this window: those that the user asked for, and those that features use. */
export class Forwards implements Disposable {
  /** Those that are being opened too, so that nothing is opened twice. */
  private readonly opening = new Map<Promise<Forward>, ForwardPlace>();
  private readonly opened = new Set<Forward>();
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<BranchChange>());
  readonly onDidChange = this.changed.event;
  private disposed = false;

  constructor(
    private readonly fleets: Fleets,
    private readonly batches: Batches,
    private readonly logger: Logger,
  ) {
    this.owned.add(fleets.onDidChange(() => this.closeOrphans()));
  }

  get all(): readonly Forward[] {
    return [...this.opened];
  }

  of(fleet: Fleet, host: string): readonly Forward[] {
    return this.all.filter((forward) => forward.fleet === fleet && forward.host === host);
  }

  /**
   * For the user: listens until the user stops it, the window ends, or its host or inventory goes; the host is logged
   * in to at the first connection. One that leads there already is taken, unless another local port is wanted.
   * @throws MusterError REFUSED when the local port is taken, INVENTORY for an unknown host
   */
  async start(fleet: Fleet, host: string, target: ForwardTarget): Promise<Forward> {
    const forward = await this.to({ fleet, host, target });
    forward.isOwn = true;
    this.changed.fire({ fleet, host });
    return forward;
  }

  /**
   * For a feature that reaches what only the host does, such as a server on its loopback: until the last use is
   * disposed, or aborted by its signal. A port that leads there already is shared, also one of the user.
   * @throws MusterError USAGE for an unknown host, CANCELLED
   */
  async open(
    fleet: Fleet,
    host: string,
    { address, port, usedBy }: ForwardRequest,
    signal?: AbortSignal,
  ): Promise<ForwardUse> {
    if (signal?.aborted) throw cancelledBy(signal);
    const forward = await this.to({ fleet, host, target: { address, port, localPort: 0 } });
    if (!signal?.aborted) return forward.use(usedBy, signal);
    forward.closeIfUnused();
    throw cancelledBy(signal);
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.all.map((forward) => forward.close()));
  }

  dispose(): void {
    this.disposed = true;
    void this.closeAll();
    this.owned.dispose();
  }

  /** The one that leads there, opened if there is none. */
  private async to(place: ForwardPlace): Promise<Forward> {
    assertTrusted();
    const same = this.all.find((forward) => leadsTo(forward, place, forward.port.port));
    if (same) return same;
    const pending = [...this.opening].find(([, other]) => leadsTo(other, place, other.target.localPort))?.[0];
    const opening = pending ?? this.listen(place);
    if (!pending) this.opening.set(opening, place);
    try {
      const forward = await opening;
      if (forward.gone.aborted) throw cancelledBy(forward.gone);
      return forward;
    } finally {
      this.opening.delete(opening);
    }
  }

  private async listen(place: ForwardPlace): Promise<Forward> {
    const { fleet, host, target } = place;
    const title = `${host} → ${targetText(target)}`;
    this.hostOf(place);
    const { forwardPort } = await import('../../../platform/transport/portForward');
    let timer: NodeJS.Timeout | undefined;
    const port = await fleet.use(({ transport }) => {
      const connect: typeof transport.connect = (to, destination, options) =>
        this.batches.run({ title, total: 1, quiet: true }, () => transport.connect(to, destination, options));
      const options = {
        port: target.localPort,
        onChange: () =>
          (timer ??= setTimeout(() => {
            timer = undefined;
            this.changed.fire({ fleet, host, key: forwardKey(forward) });
          }, drawMs)),
        onFailure: (error: MusterError) =>
          this.logger.warn(`forward ${title}: ${error.code}: ${error.message}`),
      };
      // An edit of the inventory holds for the next connection.
      return forwardPort({ connect }, () => this.hostOf(place), target, options);
    });
    const forward = new Forward(place, port, {
      changed: () => this.changed.fire({ fleet, host }),
      closed: async () => {
        this.opened.delete(forward);
        this.tell();
        this.changed.fire({ fleet, host });
        await port.close();
        clearTimeout(timer);
        this.logger.info(`forward of ${targetText(target)} on ${host} ended`);
      },
    });
    this.opened.add(forward);
    if (this.disposed) await forward.close();
    this.tell();
    this.logger.info(`127.0.0.1:${port.port} leads to ${targetText(target)} on ${host}`);
    return forward;
  }

  /** @throws MusterError USAGE */
  private hostOf({ fleet, host }: ForwardPlace): Host {
    const known = fleet.inventory?.hosts.get(host);
    if (known) return known;
    throw new MusterError('USAGE', l10n.t('“{0}” is not in the inventory.', host), {
      host,
      phase: 'inventory',
      hint: l10n.t('It may have been renamed in muster.yaml, or its inventory is not open.'),
    });
  }

  private tell(): void {
    void setContext(forwardsContext.forwarding, this.opened.size > 0);
  }

  /** Ends what has lost its inventory or its host. Only the latter may surprise the user. */
  private closeOrphans(): void {
    const fleets = new Set(this.fleets.all);
    const lost = new Map<string, string[]>();
    for (const forward of this.all) {
      const { fleet, host, target } = forward;
      if (fleet.inventory?.hosts.has(host) && fleets.has(fleet)) continue;
      if (fleets.has(fleet)) lost.set(host, [...(lost.get(host) ?? []), targetText(target)]);
      const message = l10n.t('“{0}” is no longer in the inventory.', host);
      void forward.close(new MusterError('INVENTORY', message, { host, phase: 'inventory' }));
    }
    if (lost.size === 0) return;
    const named = [...lost].slice(0, maxNamed).map(([host, ports]) => `${host} (${ports.join(', ')})`);
    const more = lost.size - named.length;
    void window.showWarningMessage(
      l10n.t(
        'No longer forwarded, because their hosts are no longer in the inventory: {0}',
        named.join(', ') + (more > 0 ? l10n.t(' and {0} more', more) : ''),
      ),
    );
  }
}

/** Whether it leads where `place` does, at the local port that is wanted there. */
function leadsTo({ fleet, host, target }: ForwardPlace, place: ForwardPlace, localPort: number): boolean {
  const wanted = place.target;
  return (
    fleet === place.fleet &&
    host === place.host &&
    target.address === wanted.address &&
    target.port === wanted.port &&
    (wanted.localPort === 0 || wanted.localPort === localPort)
  );
}

declare module '../../../shell/editor/services' {
  interface Services {
    /** Ports of hosts on this machine; `open` is for features that reach what only a host does. */
    readonly forwards: Forwards;
  }
}
