import { type Disposable, l10n } from 'vscode';
import type { ClusterLogin } from '../../core/client/etcdClusters';
import type { EtcdCluster as EtcdConnection } from '../../core/client/etcdCluster';
import { MusterError } from '../../../../platform/errors/errors';
import type { ClusterEntry } from '../../core/section/clusterEntry';
import { assertTrusted } from '../../../../shell/editor/batches';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';

/** A cluster of an inventory that is open. Its client is that of the engine, which checks use as well. */
export class Cluster implements Disposable {
  private readonly closing = new AbortController();

  constructor(
    readonly fleet: Fleet,
    readonly settings: ClusterEntry,
    /** The user wants to be asked again for what was declined. */
    private readonly mayAskAgain: () => void = () => {},
  ) {}

  /** How the login of its user went; undefined before one was tried, and without a user. */
  get login(): ClusterLogin {
    return this.fleet.loginOf(this.name);
  }

  /** Whether nothing is to be had of it before the user has entered a password. */
  get isLocked(): boolean {
    return this.login === 'needed' || this.login === 'refused';
  }

  get name(): string {
    return this.settings.name;
  }

  /** Aborts when its inventory changes or goes. */
  get gone(): AbortSignal {
    return this.closing.signal;
  }

  /** What its keys begin with. */
  get prefix(): Buffer {
    return Buffer.from(this.settings.prefix);
  }

  get separator(): Buffer {
    return Buffer.from(this.settings.separator);
  }

  /** @throws MusterError CANCELLED in Restricted Mode and when it has gone, INVENTORY, TLS */
  async open(): Promise<EtcdConnection> {
    assertTrusted();
    this.gone.throwIfAborted();
    return this.fleet.use(({ etcd }) => etcd.get(this.name, this.settings));
  }

  /**
   * Logs its user in, and asks for the password up to three times; `again`: although it was declined or refused.
   * @throws MusterError
   */
  async logIn({ again = false } = {}): Promise<void> {
    const connection = await this.open();
    if (this.settings.username === undefined || this.login === 'done') return;
    if (again) {
      this.mayAskAgain();
      connection.transport.tryAgain();
    }
    const { timeoutMs } = this.settings;
    await this.fleet.use(({ etcd }) => etcd.logIn(this.name, { signal: this.gone, timeoutMs }));
  }

  dispose(): void {
    this.closing.abort(
      new MusterError('CANCELLED', l10n.t('The cluster is no longer in the inventory as it was.')),
    );
  }
}
