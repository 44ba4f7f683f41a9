import { type Disposable, type Event, EventEmitter, l10n, workspace } from 'vscode';
import { EventRate } from '../../core/watch/eventRate';
import type { WatchRecord } from '../../core/watch/etcdWatchRecord';
import { WatchLog } from '../../core/watch/watchLog';
import { MusterError } from '../../../../platform/errors/errors';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { identityOf, rangeOf, type WatchStart, type WatchTarget } from './watchTarget';

export type SessionState =
  | { kind: 'waiting'; why: string }
  | { kind: 'connecting' }
  | { kind: 'live'; endpoint: string }
  /** `since`: ms since the epoch. */
  | { kind: 'away'; since: number; error: MusterError }
  | { kind: 'ended'; error: MusterError };

/** One watch and its log. It takes what the watch tells whatever becomes of those who look at it. */
export class WatchSession implements Disposable {
  readonly log = new WatchLog();
  readonly rate = new EventRate();
  private readonly changed = new EventEmitter<void>();
  /** The log has grown, or the connection is another one. */
  readonly onDidChange = this.changed.event;
  private now: SessionState = { kind: 'connecting' };
  private readonly closing = new AbortController();
  private cluster: Cluster | undefined;

  constructor(
    readonly target: WatchTarget,
    private readonly start: WatchStart,
    private readonly clusters: EtcdClusters,
    /** Changes that a panel of before the reload had told. */
    private readonly lost = 0,
  ) {
    if (lost > 0 && start.kind === 'revision') this.log.loseEarlier(start.revision - 1, lost);
    void this.run(start);
  }

  get state(): SessionState {
    return this.now;
  }

  /** The cluster while it is the one that is watched. */
  get watched(): Cluster | undefined {
    return this.cluster?.gone.aborted ? undefined : this.cluster;
  }

  /** Changes that were told, those that are lost included. */
  get changes(): number {
    return this.lost + this.log.events;
  }

  /** Where a watch of the same goes on without a gap. */
  get next(): WatchStart {
    const { complete } = this.log;
    return complete > 0 ? { kind: 'revision', revision: complete + 1 } : this.start;
  }

  /** Begins again after it has ended, at the revision after the last. False when its cluster is gone. */
  goOn(): boolean {
    if (this.now.kind !== 'ended') return true;
    if (!this.watched) return false;
    void this.run(this.next);
    return true;
  }

  dispose(): void {
    this.closing.abort(new MusterError('CANCELLED', 'the panel was closed'));
    this.changed.dispose();
  }

  private show(state: SessionState): void {
    this.now = state;
    this.changed.fire();
  }

  private async run(start: WatchStart): Promise<void> {
    const { signal: closed } = this.closing;
    try {
      const cluster = await this.find();
      if (!cluster) return;
      this.cluster = cluster;
      this.show({ kind: 'connecting' });
      const connection = await cluster.open();
      const signal = AbortSignal.any([closed, cluster.gone]);
      const isSame = identityOf(cluster) === this.target.identity;
      const watch = connection.watch(rangeOf(this.target), {
        ...(start.kind === 'revision' && isSame && { fromRevision: start.revision }),
        ...(start.kind === 'snapshot' && { snapshot: 'values' as const }),
        signal,
      });
      for await (const record of watch) {
        this.log.add(record, watch.complete, { pastUntil: watch.pastUntil });
        this.follow(record);
        this.changed.fire();
      }
      if (!closed.aborted) throw signal.reason;
    } catch (error) {
      if (closed.aborted) return;
      const reason = MusterError.is(error)
        ? error
        : new MusterError('PROTOCOL', String(error), { cause: error });
      this.log.fail(reason);
      this.show({ kind: 'ended', error: reason });
    }
  }

  private follow(record: WatchRecord): void {
    if (record.type === 'events') this.rate.add(record.events.length);
    else if (record.type === 'connected' || record.type === 'resumed')
      this.show({ kind: 'live', endpoint: record.endpoint });
    else if (record.type === 'disconnected')
      this.show({ kind: 'away', since: Date.now(), error: record.error });
  }

  /** Waits until the cluster is in an inventory and may be connected to; undefined when the panel is closed before. */
  private async find(): Promise<Cluster | undefined> {
    const { cluster: name, inventory } = this.target;
    while (!this.closing.signal.aborted) {
      const cluster = this.clusters.find(name, inventory);
      if (cluster && workspace.isTrusted) return cluster;
      this.show({
        kind: 'waiting',
        why: workspace.isTrusted
          ? l10n.t('The cluster {0} is in no open inventory.', name)
          : l10n.t('Muster connects to nothing in Restricted Mode.'),
      });
      await this.oneOf(this.clusters.onDidChange, workspace.onDidGrantWorkspaceTrust);
    }
    return undefined;
  }

  /** Resolves at the first of the events, or when the panel is closed. */
  private async oneOf(...events: Event<void>[]): Promise<void> {
    const { signal } = this.closing;
    await new Promise<void>((resolve) => {
      const done = () => {
        for (const listener of listeners) listener.dispose();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const listeners = events.map((event) => event(done));
      signal.addEventListener('abort', done);
    });
  }
}
