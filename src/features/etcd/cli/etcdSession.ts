import type { Core } from '../../../engine/createCore';
import { Deadline } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { EtcdCluster } from '../core/client/etcdCluster';
import { clusterEntries, type ClusterEntry } from '../core/section/clusterEntry';
import type { Inventory } from '../../../platform/inventory/model';
import type { Cli } from '../../../shell/cli/cli';
import type { EtcdOptions } from './etcdOptions';
import { UsageError } from '../../../shell/cli/exitStatus';
import { givenPassword, withPassword } from '../../../shell/cli/terminal/givenPassword';
import { t } from '../../../shell/cli/l10n';
import { openCore } from '../../../shell/cli/hosts/openCore';
import { openInventory } from '../../../shell/cli/hosts/openInventory';
import { readBatchOptions } from '../../../shell/cli/options';

/** A cluster that is open, and how it is called. */
export interface OpenCluster {
  readonly entry: ClusterEntry;
  readonly etcd: EtcdCluster;
  /** For every call. */
  readonly call: { readonly signal: AbortSignal; readonly timeoutMs: number };
}

/** Milliseconds to reach a cluster and log in, without those in which a person is asked. */
const connectTimeoutMs = 30_000;

/** The clusters that one command works on; everything that was opened ends with it. */
export class EtcdSession implements AsyncDisposable {
  private readonly core: Core;

  private constructor(
    readonly inventory: Inventory,
    private readonly timeoutMs: number | undefined,
    options: EtcdOptions,
    password: string | undefined,
    private readonly cli: Cli,
  ) {
    this.core = openCore(inventory, options, cli, {
      authority: (person) => withPassword(person, password),
      etcd: {
        passwordHint: t(
          'Give the password with --password-env or --password-fd, or remove username of the cluster.',
        ),
      },
    });
  }

  /** @throws UsageError, MusterError INVENTORY */
  static async start(options: EtcdOptions, cli: Cli): Promise<EtcdSession> {
    const { timeoutMs } = readBatchOptions({ timeout: options.timeout, color: options.color });
    const inventory = await openInventory(options, cli);
    return new EtcdSession(inventory, timeoutMs, options, await givenPassword(options, cli), cli);
  }

  /** The cluster of that name, or the only one. @throws UsageError */
  entry(name: string | undefined): ClusterEntry {
    const clusters = this.inventory.section(clusterEntries);
    const names = [...clusters.keys()].join(', ');
    if (clusters.size === 0) throw new UsageError(t('the inventory has no clusters of etcd'));
    if (name === undefined && clusters.size > 1)
      throw new UsageError(t('name one of the clusters with --cluster: {0}', names));
    const entry = name === undefined ? clusters.values().next().value : clusters.get(name);
    if (entry) return entry;
    throw new UsageError(t('there is no cluster {0} in the inventory, only: {1}', name!, names));
  }

  /** The same one to write to. @throws UsageError, MusterError READ_ONLY */
  writableEntry(name: string | undefined): ClusterEntry {
    const entry = this.entry(name);
    if (!entry.readOnly) return entry;
    throw new MusterError('READ_ONLY', t('the cluster {0} is read-only', entry.name), {
      hint: t('Remove readOnly of the cluster in muster.yaml to write to it.'),
    });
  }

  /** Opens it at its first use, and logs in when it has a user. @throws MusterError, UsageError */
  async open(entry: ClusterEntry): Promise<OpenCluster> {
    const { signal } = this.cli.interruption;
    const deadline = new Deadline(this.timeoutMs ?? connectTimeoutMs, signal);
    try {
      const etcd = await this.core.etcd.ready(entry.name, deadline);
      return { entry, etcd, call: { signal, timeoutMs: this.timeoutMs ?? entry.timeoutMs } };
    } finally {
      deadline.dispose();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.core.dispose();
    this.cli.interruption.dispose();
  }
}
