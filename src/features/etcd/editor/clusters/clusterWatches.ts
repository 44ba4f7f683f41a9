import { type Disposable, EventEmitter } from 'vscode';
import { type MusterError, toMusterError } from '../../../../platform/errors/errors';
import type { WatchRecord } from '../../core/watch/etcdWatchRecord';
import type { Logger } from '../../../../platform/host/host';
import { Disposables } from '../../../../shell/editor/disposables';
import type { Cluster } from './cluster';
import { isUnattended, unattended } from '../../../../shell/editor/prompts/unattended';

/** What the watch of a cluster tells. */
export interface ToldRecord {
  cluster: Cluster;
  record: WatchRecord;
}

/** A watch that could not begin, or that etcd does not allow any more. */
export interface FailedWatch {
  cluster: Cluster;
  error: MusterError;
}

/** One watch for each cluster that somebody follows, shared by all who do, until the cluster goes. */
export class ClusterWatches implements Disposable {
  private readonly owned = new Disposables();
  private readonly told = this.owned.add(new EventEmitter<ToldRecord>());
  readonly onDidTell = this.told.event;
  private readonly failed = this.owned.add(new EventEmitter<FailedWatch>());
  readonly onDidFail = this.failed.event;
  private readonly running = new WeakSet<Cluster>();

  constructor(private readonly logger: Logger) {}

  /** Begins to watch, unless it is watched already; tried once, told by `onDidFail`. */
  follow(cluster: Cluster): void {
    if (this.running.has(cluster)) return;
    this.running.add(cluster);
    void this.watch(cluster)
      .catch((thrown: unknown) => {
        this.running.delete(cluster);
        if (cluster.gone.aborted) return;
        const error = toMusterError(thrown);
        this.logger.warn(`etcd ${cluster.name}: not followed: ${error.message}`);
        this.failed.fire({ cluster, error });
      })
      .finally(() => this.running.delete(cluster));
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async watch(cluster: Cluster): Promise<void> {
    const { prefixRange } = await import('../../core/client/etcdModel');
    // Asks for a password where the user waits for the watch; later on nobody does.
    if (!isUnattended()) await cluster.logIn();
    const connection = await cluster.open();
    const watch = connection.watch(prefixRange(cluster.prefix), { previous: false, signal: cluster.gone });
    await unattended(async () => {
      for await (const record of watch) {
        if (record.type === 'gap')
          this.logger.warn(
            `etcd ${cluster.name}: revisions ${record.from} to ${record.to} are unknown (${record.reason})`,
          );
        this.told.fire({ cluster, record });
      }
    });
  }
}
