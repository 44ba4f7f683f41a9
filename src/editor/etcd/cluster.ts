import { type Disposable, l10n } from 'vscode';
import type { EtcdCluster as EtcdConnection } from '../../core/etcd/etcdCluster';
import type { EtcdTunnel } from '../../core/etcd/etcdEndpoint';
import { MusterError } from '../../core/errors';
import { Deadline } from '../../core/deadline';
import type { Authority, Logger, SecretDestination } from '../../core/host';
import type { EtcdCluster } from '../../core/inventory/model';
import { assertTrusted } from '../batches';
import type { Fleet } from '../fleets/fleet';
import type { Forwards } from '../forwards/forwards';

/** A cluster of an inventory that is open, connected to at its first use. */
export class Cluster implements Disposable {
  private readonly closing = new AbortController();
  private connection: Promise<EtcdConnection> | undefined;

  constructor(
    readonly fleet: Fleet,
    readonly settings: EtcdCluster,
    private readonly ports: { authority: Authority; forwards: Forwards; logger: Logger },
  ) {}

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
        return password.ask(retry, this.gone);
      },
      passwordAccepted: () => password.accepted(),
      ...(through !== undefined && { tunnel: (address) => this.tunnel(through, address) }),
    });
  }

  private async destination(): Promise<SecretDestination> {
    const { through: name } = this.settings;
    const through = name === undefined ? undefined : this.fleet.inventory?.hosts.get(name);
    if (name !== undefined && !through)
      throw new MusterError('INVENTORY', l10n.t('The inventory has no host {0} any more.', name));
    const { serviceDestination } = await import('../../core/secretDestination');
    const deadline = new Deadline(0, this.gone);
    try {
      return await this.fleet.use(({ ssh }) =>
        serviceDestination({ ...this.settings, tls: this.settings.tls, through }, ssh, deadline),
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
