import { type Disposable, EventEmitter, l10n } from 'vscode';
import type { EtcdCluster as EtcdConnection } from '../../core/etcd/etcdCluster';
import type { EtcdTunnel } from '../../core/etcd/etcdEndpoint';
import type { Authority, Logger } from '../../core/host';
import type { EtcdCluster } from '../../core/inventory/model';
import { MusterError } from '../../core/errors';
import { assertTrusted } from '../batches';
import { Disposables } from '../disposables';
import { ClusterWatches } from './clusterWatches';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';
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
    const { openEtcd } = await import('../../core/etcd/etcdCluster');
    const { settings, ports } = this;
    const { through } = settings;
    return openEtcd(settings, {
      directory: settings.directory,
      logger: ports.logger,
      password: (retry) => this.password(retry),
      ...(through !== undefined && { tunnel: (address) => this.tunnel(through, address) }),
    });
  }

  private password(retry: boolean): Promise<string | undefined> {
    const { name, username = '', endpoints } = this.settings;
    const request = {
      kind: 'password',
      subject: `etcd:${username}@${endpoints.join(',')}`,
      prompt: l10n.t('Password of {0} on the etcd cluster {1}', username, name),
      echo: false,
      retry,
    } as const;
    return this.ports.authority.credential(request, this.gone);
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

/** The etcd clusters of all inventories. */
export class EtcdClusters implements Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  /** Follows their changes, for all who want to know of them. */
  readonly watches: ClusterWatches;
  private clusters = new Map<string, Cluster>();

  constructor(
    private readonly fleets: Fleets,
    private readonly ports: { authority: Authority; forwards: Forwards; logger: Logger },
  ) {
    this.watches = this.owned.add(new ClusterWatches(ports.logger));
    this.owned.add(fleets.onDidChange(() => this.follow()));
    this.follow();
  }

  get all(): Cluster[] {
    return [...this.clusters.values()];
  }

  /** By name; `inventory` is the id of its fleet, needed where several have one of that name. */
  find(name: string, inventory?: string): Cluster | undefined {
    return this.all.find(
      (cluster) => cluster.name === name && (inventory === undefined || cluster.fleet.id === inventory),
    );
  }

  /** Whether another inventory has a cluster of the same name. */
  isNamesake({ name }: Cluster): boolean {
    return this.all.filter((other) => other.name === name).length > 1;
  }

  dispose(): void {
    for (const cluster of this.all) cluster.dispose();
    this.owned.dispose();
  }

  /** A cluster whose settings an edit did not change stays connected. */
  private follow(): void {
    const before = this.clusters;
    this.clusters = new Map();
    for (const fleet of this.fleets.shown) {
      for (const settings of fleet.inventory!.etcd.values()) {
        const id = `${fleet.id}\0${settings.name}\0${contentOf(settings)}`;
        const known = before.get(id);
        this.clusters.set(id, known?.fleet === fleet ? known : new Cluster(fleet, settings, this.ports));
      }
    }
    const kept = new Set(this.clusters.values());
    const gone = [...before.values()].filter((cluster) => !kept.has(cluster));
    for (const cluster of gone) cluster.dispose();
    if (gone.length > 0 || this.clusters.size !== before.size) this.changed.fire();
  }
}

function contentOf({ source: _, ...settings }: EtcdCluster): string {
  return JSON.stringify(settings);
}
