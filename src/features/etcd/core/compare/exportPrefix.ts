import type { EtcdCluster } from '../client/etcdCluster';
import { prefixRange } from '../client/etcdModel';
import type { CallOptions } from '../client/etcdTransport';
import type { PrefixFileFormat } from './prefixFile';
import { type ExportedKey, writePrefixFile } from './writePrefixFile';

export interface ExportOptions {
  format: PrefixFileFormat;
  /** The name to write into the file. */
  cluster?: string;
  /** A state of the past; now by default. */
  revision?: number;
  call: CallOptions;
  /** Told with every page: the keys so far. */
  onProgress?: (keys: number) => void;
}

export interface Export {
  /** The revision that all keys are of. */
  revision: number;
  text: AsyncGenerator<string, void, undefined>;
}

/** Leases that are asked for at the same time. */
const askers = 8;

/** All keys that begin with `prefix` as the text of a file. `text` throws MusterError TOO_LARGE beyond 64 MiB. */
export async function exportPrefix(
  etcd: EtcdCluster,
  prefix: Buffer,
  options: ExportOptions,
): Promise<Export> {
  const { format, cluster, call, onProgress } = options;
  const range = prefixRange(prefix);
  const { revision } = await etcd.range(range, {
    ...call,
    ...{ limit: 1, keysOnly: true },
    ...(options.revision !== undefined && { revision: options.revision }),
  });
  const header = {
    ...(cluster !== undefined && { cluster }),
    prefix,
    revision: options.revision ?? revision,
  };
  const pages = async function* (): AsyncGenerator<ExportedKey[]> {
    const times = new Map<string, number | undefined>();
    let keys = 0;
    for await (const { kvs } of etcd.list(range, { ...call, revision: header.revision })) {
      call.signal?.throwIfAborted();
      await askForLeases(
        etcd,
        kvs.map(({ lease }) => lease),
        times,
        call,
      );
      keys += kvs.length;
      onProgress?.(keys);
      yield kvs.map(({ key, value, lease }) => {
        const ttl = lease === undefined ? undefined : times.get(lease);
        return { key, value, ...(ttl !== undefined && { ttl }) };
      });
    }
  };
  return { revision: header.revision, text: writePrefixFile(header, pages(), format) };
}

/** Fills in the seconds that leases were granted for. */
async function askForLeases(
  etcd: EtcdCluster,
  leases: readonly (string | undefined)[],
  times: Map<string, number | undefined>,
  call: CallOptions,
): Promise<void> {
  const unknown = new Set(leases.filter((id) => id !== undefined && !times.has(id)) as string[]);
  const waiting = unknown.values();
  const asker = async () => {
    for (const id of waiting) {
      const { grantedTtl } = await etcd.lease(id, call);
      times.set(id, grantedTtl > 0 ? grantedTtl : undefined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(askers, unknown.size) }, asker));
}
