import { type Disposable, EventEmitter } from 'vscode';
import { clusterEntries, type ClusterEntry } from '../../core/etcd/section/clusterEntry';
import type { Host } from '../../core/inventory/model';
import { Disposables } from '../disposables';
import { Cluster, type ClusterPorts } from './cluster';
import { ClusterWatches } from './clusterWatches';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';

/** The etcd clusters of all inventories. */
export class EtcdClusters implements Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private readonly loginChanged = this.owned.add(new EventEmitter<Cluster>());
  /** `login` of a cluster has changed. */
  readonly onDidChangeLogin = this.loginChanged.event;
  /** Follows their changes, for all who want to know of them. */
  readonly watches: ClusterWatches;
  private clusters = new Map<string, Cluster>();

  constructor(
    private readonly fleets: Fleets,
    private readonly ports: Omit<ClusterPorts, 'loginChanged'>,
  ) {
    this.watches = this.owned.add(new ClusterWatches(ports.logger));
    this.owned.add(fleets.onDidChange(() => this.follow()));
    this.follow();
  }

  get all(): Cluster[] {
    return [...this.clusters.values()];
  }

  /** Resolves when every inventory was read once: before that, a cluster may not be known yet. */
  async whenLoaded(): Promise<void> {
    await this.fleets.whenLoaded();
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

  private clusterOf(fleet: Fleet, settings: ClusterEntry): Cluster {
    const loginChanged = (cluster: Cluster) => this.loginChanged.fire(cluster);
    return new Cluster(fleet, settings, { ...this.ports, loginChanged });
  }

  /** A cluster whose settings an edit did not change stays connected. */
  private follow(): void {
    const before = this.clusters;
    this.clusters = new Map();
    for (const fleet of this.fleets.shown) {
      for (const settings of fleet.inventory!.section(clusterEntries).values()) {
        const way = fleet.inventory!.hosts.get(settings.through ?? '');
        const id = `${fleet.id}\0${settings.name}\0${contentOf(settings, way)}`;
        const known = before.get(id);
        this.clusters.set(id, known?.fleet === fleet ? known : this.clusterOf(fleet, settings));
      }
    }
    const kept = new Set(this.clusters.values());
    const gone = [...before.values()].filter((cluster) => !kept.has(cluster));
    for (const cluster of gone) cluster.dispose();
    if (gone.length > 0 || this.clusters.size !== before.size) this.changed.fire();
  }
}

/** The host that it is reached through counts as well: the password must not follow its name to another machine. */
function contentOf({ source: _, ...settings }: ClusterEntry, way: Host | undefined): string {
  return JSON.stringify([settings, way && [way.address, way.ssh, way.transport]]);
}
