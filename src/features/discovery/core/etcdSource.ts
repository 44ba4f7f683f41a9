import { createHash } from 'node:crypto';
import { Deadline } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import type { EtcdCluster } from '../../etcd/core/client/etcdCluster';
import type { EtcdClusters } from '../../etcd/core/client/etcdClusters';
import { type Key, type KeyRange, prefixRange } from '../../etcd/core/client/etcdModel';
import { keyText } from '../../etcd/core/keys/keyText';
import type {
  InventorySource,
  SourceAnswer,
  SourceNews,
} from '../../../platform/inventory/sources/inventorySource';
import { t } from '../../../platform/l10n/l10n';
import { type Discovery, type Registry, registryText } from './discovery';
import { FoundHosts, mostHosts } from './foundHosts';
import { readRegistration } from './registration';

/** Milliseconds to reach the cluster and to read the prefix, without those in which a person is asked. */
const loadMs = 10_000;

/** Hosts that are registered below a prefix of etcd: what follows the prefix is the name, the value says the address. */
export class EtcdSource implements InventorySource {
  private readonly prefix: Buffer;
  private readonly range: KeyRange;
  /** What was loaded last, and is kept current from then on. */
  private loaded: { cluster: EtcdCluster; revision: number; hosts: FoundHosts } | undefined;

  constructor(
    private readonly discovery: Discovery,
    private readonly registry: Extract<Registry, { kind: 'etcd' }>,
    private readonly clusters: Pick<EtcdClusters, 'ready'>,
  ) {
    this.prefix = Buffer.from(registry.prefix);
    this.range = prefixRange(this.prefix);
  }

  describe(): string {
    return registryText(this.registry);
  }

  async load(signal: AbortSignal): Promise<SourceAnswer> {
    const deadline = new Deadline(loadMs, signal);
    try {
      const cluster = await this.clusters.ready(this.registry.cluster, deadline);
      const limits = { signal: deadline.signal, timeoutMs: loadMs };
      // Found out before anything of what is too much is read.
      requireFew(await cluster.count(this.range, limits));
      const hosts = new FoundHosts(this.discovery);
      let revision = 0;
      for await (const page of cluster.list(this.range, limits)) {
        ({ revision } = page);
        for (const { key, value } of page.kvs) this.put(hosts, key, value);
        requireFew(hosts.size);
      }
      this.loaded = { cluster, revision, hosts };
      return { fragments: () => [hosts.fragment()] };
    } finally {
      deadline.dispose();
    }
  }

  async onDidChange(listener: (news: SourceNews) => void, signal: AbortSignal): Promise<void> {
    const { loaded } = this;
    if (!loaded) return;
    const { cluster, revision, hosts } = loaded;
    const answer: SourceAnswer = { fragments: () => [hosts.fragment()] };
    // No keys are remembered: after a gap all of them are read again.
    const options = { fromRevision: revision + 1, previous: false, maxTrackedKeys: 0, signal };
    for await (const record of cluster.watch(this.range, options)) {
      switch (record.type) {
        case 'events': {
          const changes = record.events.map(({ key, current }) =>
            current ? this.put(hosts, key, current.value) : hosts.delete(idOf(key)),
          );
          requireFew(hosts.size);
          listener(changes.includes(true) ? { kind: 'answer', answer } : { kind: 'still' });
          break;
        }
        case 'disconnected':
          listener({ kind: 'lost', error: record.error });
          break;
        case 'gap':
          return;
        case 'connected':
        case 'resumed':
        case 'progress':
          listener({ kind: 'still' });
          break;
        case 'snapshot':
        case 'difference':
        case 'detour':
          break;
      }
    }
  }

  private put(hosts: FoundHosts, key: Key, value: Buffer): boolean {
    return hosts.set(idOf(key), keyText(key), () => readRegistration(this.nameOf(key), value));
  }

  /** Folders below the prefix become a part of the name. */
  private nameOf(key: Key): string {
    return key.toString('utf8', this.prefix.length).replaceAll('/', '.');
  }
}

/** Keys of more than a megabyte are allowed, and need not be kept to tell them apart. */
function idOf(key: Key): string {
  return key.length > 300 ? createHash('sha256').update(key).digest('base64') : key.toString('latin1');
}

/** @throws MusterError TOO_LARGE */
function requireFew(count: number): void {
  if (count <= mostHosts) return;
  throw new MusterError(
    'TOO_LARGE',
    t('more than {0} keys begin with the prefix', mostHosts.toLocaleString('en')),
    {
      hint: t('Name a longer prefix.'),
    },
  );
}
