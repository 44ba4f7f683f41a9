import { FollowedSources } from '../../../../src/features/discovery/core/followedSources';
import { EtcdClusters } from '../../../../src/features/etcd/core/client/etcdClusters';
import { denyingAuthority, silentLogger } from '../../../../src/platform/host/host';
import { assembleInventory } from '../../../../src/platform/inventory/assembleInventory';
import { readingMusterFile } from '../../../../src/platform/inventory/musterFile';
import type { Inventory, Origin } from '../../../../src/platform/inventory/model';
import { finish } from '../../../../src/platform/inventory/steps';
import { parseYaml } from '../../../../src/platform/inventory/yaml/yamlSource';
import { sections } from '../../../../src/engine/sections';
import { createTransport } from '../../../../src/platform/transport/createTransport';

/** An inventory whose sources are followed as the editor does, until the scope ends. */
export class FollowedInventory implements AsyncDisposable {
  changes = 0;
  private readonly fragment;
  private readonly files: Inventory;
  private readonly transport;
  private readonly clusters;
  private readonly sources;

  constructor(text: string) {
    this.fragment = finish(readingMusterFile(parseYaml(text, '/fleet/muster.yaml'), sections));
    this.files = assembleInventory([this.fragment], sections);
    const ports = { authority: denyingAuthority, logger: silentLogger };
    this.transport = createTransport({
      ...ports,
      knownHostsFile: '/nowhere/known_hosts',
      inventoryFile: () => this.files.file,
      inventoryHost: (name) => this.files.hosts.get(name),
      defaultSsh: () => this.files.defaultSsh,
    });
    this.clusters = new EtcdClusters({ ...ports, inventory: () => this.files, transport: this.transport });
    this.sources = new FollowedSources({
      ...{ clusters: this.clusters, logger: silentLogger },
      changed: () => this.changes++,
    });
    this.sources.follow(this.files);
  }

  get now(): Inventory {
    return assembleInventory([this.fragment, ...this.sources.fragments], sections);
  }

  /** `name address` of every host. */
  get hosts(): string[] {
    return [...this.now.hosts.values()].map(({ name, address }) => `${name} ${address}`);
  }

  get problems(): string[] {
    return this.now.problems.map(({ message }) => message);
  }

  originOf(group: string): Origin {
    return this.now.groups.get(group)!.origin!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sources.stop();
    await this.clusters.dispose();
    await this.transport.dispose();
  }
}
