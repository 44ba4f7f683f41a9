import { type Disposable, l10n } from 'vscode';
import type { EtcdCluster as EtcdConnection } from '../../core/etcd/etcdCluster';
import type { EtcdTunnel } from '../../core/etcd/etcdEndpoint';
import { MusterError } from '../../core/errors';
import { Deadline } from '../../core/deadline';
import type { Authority, Logger, SecretDestination } from '../../core/host';
import type { ClusterEntry } from '../../core/etcd/section/clusterEntry';
import { assertTrusted } from '../batches';
import type { Fleet } from '../fleets/fleet';
import type { Forwards } from '../forwards/forwards';
import { isUnattended } from '../prompts/unattended';

export interface ClusterPorts {
  authority: Authority;
  forwards: Forwards;
  logger: Logger;
  /** The user wants to be asked again for what was declined. */
  mayAskAgain?: () => void;
  /** `login` has changed. */
  loginChanged?: (cluster: Cluster) => void;
}

/** A cluster of an inventory that is open, connected to at its first use. */
export class Cluster implements Disposable {
  private readonly closing = new AbortController();
  private connection: Promise<EtcdConnection> | undefined;
  private loginState: Cluster['login'];

  constructor(
    readonly fleet: Fleet,
    readonly settings: ClusterEntry,
    private readonly ports: ClusterPorts,
  ) {}

  /** How the login of its user went; undefined before one was tried, and without a user. */
  get login(): 'needed' | 'refused' | 'done' | undefined {
    return this.loginState;
  }

  /** Whether nothing is to be had of it before the user has entered a password. */
  get isLocked(): boolean {
    return this.loginState === 'needed' || this.loginState === 'refused';
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

  /** @throws MusterError CANCELLED in Restricted Mode, INVENTORY, TLS */
  async open(): Promise<EtcdConnection> {
    assertTrusted();
    this.connection ??= this.connect().catch((error: unknown) => {
      this.connection = undefined;
      throw error;
    });
    return this.connection;
  }

  /**
   * Logs its user in, and asks for the password up to three times; `again`: although it was declined or refused.
   * @throws MusterError
   */
  async logIn({ again = false } = {}): Promise<void> {
    const connection = await this.open();
    if (this.settings.username === undefined || this.loginState === 'done') return;
    if (again) {
      this.ports.mayAskAgain?.();
      connection.transport.tryAgain();
    }
    const { logIn } = await import('../../core/etcd/etcdClusters');
    const options = { signal: this.gone, timeoutMs: this.settings.timeoutMs };
    await logIn(connection, () => this.loginState === 'needed', options);
  }

  dispose(): void {
    this.closing.abort(
      new MusterError('CANCELLED', l10n.t('The cluster is no longer in the inventory as it was.')),
    );
    void this.connection?.then((connection) => connection.close()).catch(() => {});
  }

  private async connect(): Promise<EtcdConnection> {
    const [{ openEtcd }, { ClusterPassword }] = await Promise.all([
      import('../../core/etcd/etcdCluster'),
      import('../../core/etcd/etcdClusters'),
    ]);
    const { settings, ports } = this;
    const { through } = settings;
    const password = new ClusterPassword(settings, ports.authority, () => this.destination());
    return openEtcd(settings, {
      directory: settings.directory,
      logger: ports.logger,
      password: async (retry) => {
        await password.find();
        const answer = await password.ask(retry, this.gone);
        // Where nobody was asked, what was refused stays refused.
        const stays = this.loginState === 'refused' && isUnattended();
        if (answer === undefined && !stays) this.tellLogin('needed');
        return answer;
      },
      passwordAccepted: () => {
        this.tellLogin('done');
        password.accepted();
      },
      passwordRefused: () => {
        this.tellLogin('refused');
        password.refused();
      },
      passwordHint: l10n.t(
        'Choose “Enter Password of etcd Cluster…” in the menu of the cluster in the Config view, or remove username of the cluster in muster.yaml.',
      ),
      ...(through !== undefined && { tunnel: (address) => this.tunnel(through, address) }),
    });
  }

  private tellLogin(state: Cluster['login']): void {
    if (this.loginState === state) return;
    this.loginState = state;
    this.ports.loginChanged?.(this);
  }

  private async destination(): Promise<SecretDestination> {
    const { through: name } = this.settings;
    const through = name === undefined ? undefined : this.fleet.inventory?.hosts.get(name);
    if (name !== undefined && !through)
      throw new MusterError('INVENTORY', l10n.t('The inventory no longer has a host {0}.', name));
    const { serviceDestination } = await import('../../core/secretDestination');
    const deadline = new Deadline(0, this.gone);
    try {
      return await this.fleet.use(({ transport }) =>
        serviceDestination({ ...this.settings, tls: this.settings.tls, through }, transport, deadline),
      );
    } finally {
      deadline.dispose();
    }
  }

  private async tunnel(host: string, target: { address: string; port: number }): Promise<EtcdTunnel> {
    const usedBy = l10n.t('etcd {0}', this.name);
    const use = await this.ports.forwards.open(this.fleet, host, { ...target, usedBy }, this.gone);
    return {
      port: use.localPort,
      close: () => {
        use.dispose();
        return Promise.resolve();
      },
    };
  }
}
