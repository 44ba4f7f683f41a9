import { MusterError } from '../core/errors';
import type { EtcdCluster } from '../core/etcd/etcdCluster';
import type { Authority, Logger } from '../core/host';
import type { EtcdCluster as ClusterEntry, Inventory } from '../core/inventory/model';
import type { SshPool } from '../core/ssh/sshPool';
import type { Cli } from './cli';
import type { EtcdOptions } from './etcdOptions';
import { UsageError } from './exitStatus';
import { t } from './l10n';
import { openInventory } from './openInventory';
import { readBatchOptions } from './options';
import { ownKnownHostsFile } from './ownKnownHosts';
import { terminalAuthority } from './terminalAuthority';
import { terminalLogger } from './terminalLogger';

/** A cluster that is open, and how it is called. */
export interface OpenCluster {
  readonly entry: ClusterEntry;
  readonly etcd: EtcdCluster;
  /** For every call. */
  readonly call: { readonly signal: AbortSignal; readonly timeoutMs: number };
}

/** A password may be mistyped. */
const maxLogins = 3;

/** The clusters that one command works on; everything that was opened ends with it. */
export class EtcdSession implements AsyncDisposable {
  private readonly opened = new Map<string, Promise<OpenCluster>>();
  private readonly authority: Authority;
  private readonly logger: Logger;
  private pool: SshPool | undefined;

  private constructor(
    readonly inventory: Inventory,
    private readonly timeoutMs: number | undefined,
    options: EtcdOptions,
    private readonly cli: Cli,
  ) {
    this.authority = terminalAuthority(cli.terminal, cli.interruption, options.acceptNew ?? false);
    this.logger = terminalLogger(cli.terminal, options.verbose ?? false);
  }

  /** @throws UsageError, MusterError INVENTORY */
  static async start(options: EtcdOptions, cli: Cli): Promise<EtcdSession> {
    const { timeoutMs } = readBatchOptions({ timeout: options.timeout, color: options.color });
    return new EtcdSession(await openInventory(options, cli), timeoutMs, options, cli);
  }

  /** The cluster of that name, or the only one. @throws UsageError */
  entry(name: string | undefined): ClusterEntry {
    const { etcd } = this.inventory;
    const names = [...etcd.keys()].join(', ');
    if (etcd.size === 0) throw new UsageError(t('the inventory has no clusters of etcd'));
    if (name === undefined && etcd.size > 1)
      throw new UsageError(t('name one of the clusters with --cluster: {0}', names));
    const entry = name === undefined ? etcd.values().next().value : etcd.get(name);
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
  open(entry: ClusterEntry): Promise<OpenCluster> {
    const known = this.opened.get(entry.name);
    if (known) return known;
    const opening = this.connect(entry);
    this.opened.set(entry.name, opening);
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const clusters = await Promise.allSettled(this.opened.values());
    for (const cluster of clusters) if (cluster.status === 'fulfilled') await cluster.value.etcd.close();
    await this.pool?.dispose();
    this.cli.interruption.dispose();
  }

  private async connect(entry: ClusterEntry): Promise<OpenCluster> {
    const { openEtcd } = await import('../core/etcd/etcdCluster');
    const { signal } = this.cli.interruption;
    let declined = false;
    const etcd = await openEtcd(entry, {
      directory: entry.directory,
      logger: this.logger,
      tunnel: await this.tunnel(entry),
      password: async (retry) => {
        const password = await this.authority.credential(
          {
            kind: 'password',
            subject: `etcd:${entry.name}`,
            prompt: t('Password of {0} for the etcd cluster {1}', entry.username!, entry.name),
            ...{ echo: false, retry },
          },
          signal,
        );
        declined = password === undefined;
        return password;
      },
    });
    const cluster = { entry, etcd, call: { signal, timeoutMs: this.timeoutMs ?? entry.timeoutMs } };
    try {
      for (let left = maxLogins; entry.username !== undefined && left > 0; left--)
        if (await this.login(cluster, () => declined || left === 1)) break;
    } catch (error) {
      await etcd.close();
      throw error;
    }
    return cluster;
  }

  /** Whether the password is right, so that a wrong one is asked for again. */
  private async login({ etcd, call }: OpenCluster, isLast: () => boolean): Promise<boolean> {
    const [{ singleKey }, key] = [await import('../core/etcd/etcdModel'), Buffer.from('health')];
    try {
      await etcd.range(singleKey(key), { ...call, keysOnly: true });
      return true;
    } catch (error) {
      if (!MusterError.is(error, 'AUTH')) throw error;
      // Who may not read that key has been let in all the same.
      if (error.phase === 'request') return true;
      if (isLast()) throw error;
      return false;
    }
  }

  private async tunnel({ name, through }: ClusterEntry) {
    if (through === undefined) return undefined;
    const host = this.inventory.hosts.get(through);
    if (!host)
      throw new UsageError(t('the cluster {0} is reached through {1}, which is not there', name, through));
    const [{ createSshPool }, { tunnelThrough }] = await Promise.all([
      import('../core/ssh/createSshPool'),
      import('../core/etcd/etcdTunnel'),
    ]);
    this.pool ??= createSshPool({
      logger: this.logger,
      authority: this.authority,
      knownHostsFile: ownKnownHostsFile(this.cli.env),
      inventoryHost: (jump) => this.inventory.hosts.get(jump),
      defaultSsh: () => this.inventory.defaultSsh,
    });
    return tunnelThrough(this.pool, host);
  }
}
