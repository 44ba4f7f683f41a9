import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import type { KeyValue } from '../client/etcdModel';
import type { CallOptions } from '../client/etcdTransport';
import type { Change, WriteResult } from '../client/etcdTransaction';
import { keyText } from '../keys/keyText';
import type { PrefixFileEntry } from './prefixFile';
import type { ClusterSide, ComparedSide, Difference } from './prefixDifferences';

/** What etcd takes in one transaction unless it is configured otherwise (`--max-txn-ops`, `--max-request-bytes`). */
const maxOperations = 128;
const maxRequestBytes = 1_500_000;
/** What a change costs beside its key, which stands in it three times, and its value. */
const overheadBytes = 64;

/** What becomes of the key on the right when a difference is applied to it. */
export type AppliedChange = 'add' | 'change' | 'remove';

export function appliedChange({ left, right }: Pick<Difference, 'left' | 'right'>): AppliedChange {
  return !left ? 'remove' : right ? 'change' : 'add';
}

/** The differences as transactions that etcd takes: one, unless they are too many or too large for it. */
export function transactionsFor(chosen: readonly Difference[], prefix: Buffer): Difference[][] {
  const transactions: Difference[][] = [];
  let bytes = Infinity;
  for (const difference of chosen) {
    const own = 3 * (prefix.length + difference.name.length) + (difference.left?.size ?? 0) + overheadBytes;
    const last = transactions.at(-1);
    if (!last || last.length === maxOperations || bytes + own > maxRequestBytes) {
      transactions.push([difference]);
      bytes = own;
    } else {
      last.push(difference);
      bytes += own;
    }
  }
  return transactions;
}

/**
 * Makes the right side as the left one was when they were compared, for the differences of one transaction. Nothing is
 * written when a key on the right is not as it was compared.
 * @throws MusterError COMPACTED when etcd no longer has what is to be written
 */
export async function applyDifferences(
  differences: readonly Difference[],
  left: ComparedSide,
  right: ClusterSide,
  options: ApplyOptions,
): Promise<WriteResult> {
  const { call = right.call, ttl = false, leftRevision } = options;
  const values = await valuesOf(differences, left, leftRevision);
  const leases: string[] = [];
  const changes: Change[] = [];
  for (const [index, difference] of differences.entries()) {
    const key = Buffer.concat([right.prefix, difference.name]);
    const ifRevision = difference.right?.modRevision ?? 0;
    const found = values[index];
    if (!found) changes.push({ type: 'delete', key, ifRevision });
    else if (ttl && found.ttl !== undefined) {
      const { id } = await right.etcd.grantLease(found.ttl, call);
      leases.push(id);
      changes.push({ type: 'put', key, value: found.value, ifRevision, lease: { id } });
    } else changes.push({ type: 'put', key, value: found.value, ifRevision });
  }
  // The values of what is in the way may be more than a message holds.
  const result = await right.etcd.apply(changes, { ...call, conflictValues: false });
  // After an error they end by themselves, since the write may have been done.
  if (!result.ok) for (const id of leases) await right.etcd.revokeLease(id, call).catch(() => {});
  return result;
}

export interface ApplyOptions {
  /** The revision that the left side was compared at. */
  leftRevision: number | undefined;
  /** How the right side is called; as it was compared by default. */
  call?: CallOptions;
  /** Gives keys of a file that name a time to live a lease of that. */
  ttl?: boolean;
}

type Value = Pick<PrefixFileEntry, 'value' | 'ttl'>;

/** The values of the left side; undefined for keys that it does not have. */
async function valuesOf(
  differences: readonly Difference[],
  left: ComparedSide,
  leftRevision: number | undefined,
): Promise<(Value | undefined)[]> {
  if (left.kind === 'file')
    return differences.map((difference) => difference.left && entryOf(left.entries, difference.name));
  const { etcd, prefix, call } = left;
  const keys = differences.map(({ name }) => Buffer.concat([prefix, name]));
  const isCompared = (kv: KeyValue | undefined, index: number) =>
    kv?.modRevision === differences[index]!.left?.modRevision;
  const revision = leftRevision === undefined ? {} : { revision: leftRevision };
  const then = await etcd.getAll(keys, { ...call, ...revision }).catch((error: unknown) => {
    if (MusterError.is(error, 'COMPACTED')) return error;
    throw error;
  });
  // What was not changed since is still there.
  const found = then instanceof MusterError ? await etcd.getAll(keys, call) : then;
  const other = found.findIndex((kv, index) => !isCompared(kv, index));
  if (other < 0) return found;
  throw then instanceof MusterError
    ? then
    : new MusterError('CONFLICT', t('{0} is not what was compared', keyText(keys[other]!)), {
        hint: t('Compare again.'),
      });
}

/** Of entries in order. */
export function entryOf(entries: readonly PrefixFileEntry[], name: Buffer): PrefixFileEntry | undefined {
  let [from, to] = [0, entries.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (entries[middle]!.name.compare(name) < 0) from = middle + 1;
    else to = middle;
  }
  const found = entries[from];
  return found?.name.equals(name) ? found : undefined;
}
