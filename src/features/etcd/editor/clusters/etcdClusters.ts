import { type Disposable, EventEmitter, l10n } from 'vscode';
import type { ClusterSurroundings } from '../../core/client/etcdClusters';
import { clusterEntries, type ClusterEntry } from '../../core/section/clusterEntry';
import type { Logger } from '../../../../platform/host/host';
import type { Host } from '../../../../platform/inventory/model';
import { Disposables } from '../../../../shell/editor/disposables';
import { Cluster } from './cluster';
import { ClusterWatches } from './clusterWatches';
import type { Fleet } from '../../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../../shell/editor/fleets/fleets';
import type { Forwards } from '../../../forwards/editor/forwards';

export interface EtcdClustersPorts {
  forwards: Pick<Forwards, 'open'>;
  logger: Logger;
  /** The user wants to be asked again for what was declined. */
  mayAskAgain: () => void;
}

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
    private readonly ports: EtcdClustersPorts,
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

  /** What the engine of a fleet needs of the editor for its clusters. */
  surroundingsOf(fleet: Fleet): ClusterSurroundings {
    return {
      passwordHint: l10n.t(
        'Choose “Enter Password of etcd Cluster…” in the menu of the cluster in the Config view, or remove username of the cluster in muster.yaml.',
      ),
      // A port that the user sees below its host, and may have opened already.
      tunnel: async ({ name, through }, to, signal) => {
        const usedBy = l10n.t('etcd {0}', name);
        const use = await this.ports.forwards.open(fleet, through!, { ...to, usedBy }, signal);
        return { port: use.localPort, close: () => Promise.resolve(use.dispose()) };
      },
      loginChanged: (name) => {
        const cluster = this.find(name, fleet.id);
        if (cluster) this.loginChanged.fire(cluster);
      },
    };
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
      for (const settings of fleet.inventory!.section(clusterEntries).values()) {
        const way = fleet.inventory!.hosts.get(settings.through ?? '');
        const id = `${fleet.id}\0${settings.name}\0${contentOf(settings, way)}`;
        const known = before.get(id);
        this.clusters.set(
          id,
          known?.fleet === fleet ? known : new Cluster(fleet, settings, this.ports.mayAskAgain),
        );
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

declare module '../../../../shell/editor/services' {
  interface Services {
    readonly etcd: EtcdClusters;
  }
}
