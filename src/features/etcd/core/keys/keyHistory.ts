import { MusterError } from '../../../../platform/errors/errors';
import type { Key, KeyValue } from '../client/etcdModel';
import type { EtcdCluster, GetOptions } from '../client/etcdCluster';

/**
 * Why a history has no older revision: the key was `created` by the last one told, what is before it is `compacted`,
 * or the key is `absent` at the first revision that was asked for.
 */
export type HistoryEnd = 'created' | 'compacted' | 'absent';

/**
 * The revisions of a key that can still be read, newest first, from `revision` (now by default) back to its creation.
 * One small question each. Lives of the key before its last deletion are not found in this way.
 */
export async function* keyHistory(
  cluster: Pick<EtcdCluster, 'get'>,
  key: Key,
  options: GetOptions = {},
): AsyncGenerator<KeyValue, HistoryEnd, undefined> {
  let { revision } = options;
  for (let first = true; ; first = false) {
    let kv: KeyValue | undefined;
    try {
      kv = await cluster.get(key, { ...options, revision });
    } catch (error) {
      if (MusterError.is(error, 'COMPACTED')) return 'compacted';
      throw error;
    }
    if (!kv) return first ? 'absent' : 'created';
    yield kv;
    if (kv.version === 1) return 'created';
    revision = kv.modRevision - 1;
  }
}
