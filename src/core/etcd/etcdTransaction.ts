import type { IKeyValue, IRequestOp, ITxnRequest, ITxnResponse } from 'etcd3/lib/rpc';
import { leaseId, leaseName } from './etcdMessages';
import type { Key, KeyRange, KeyValue } from './etcdModel';

/** What happens to the lease of a key that is written. */
export type LeaseChoice = 'keep' | 'none' | { id: string };

/** A change to one key. `ifRevision` guards it: the modRevision that the key must have, 0 if it must not exist. */
export type Change =
  | { type: 'put'; key: Key; value: Buffer; lease?: LeaseChoice; ifRevision?: number }
  | { type: 'delete'; key: Key; ifRevision?: number };

/** A key that was not as its guard expected. */
export interface Conflict {
  key: Key;
  /** The modRevision that was expected; 0 if none. */
  expected: number;
  /** What the key is now, or undefined when it does not exist. */
  current: KeyValue | undefined;
}

/** All of a transaction was done at `revision`, or nothing of it. */
export type WriteResult =
  | { ok: true; revision: number; /** Keys that existed and were deleted. */ deleted: number }
  | {
      ok: false;
      /** The revision that the conflicts were read at. */ revision: number;
      conflicts: Conflict[];
    };

/** The transaction that makes all `changes` if every guard holds, and else reads the guarded keys. */
export function guardedTransaction(changes: readonly Change[]): ITxnRequest {
  const guarded = changes.filter(({ ifRevision }) => ifRevision !== undefined);
  return {
    compare: guarded.map(({ key, ifRevision }) => ({
      ...{ key, target: 'Mod', result: 'Equal', mod_revision: String(ifRevision) },
    })),
    success: changes.map(operation),
    failure: guarded.map(({ key }) => ({ request_range: { key } })),
  };
}

/** The transaction that deletes all keys of `range`, unless one of them was written after `unchangedSince`. */
export function guardedDeletion(range: KeyRange, unchangedSince: number | undefined): ITxnRequest {
  const keys = { key: range.start, ...(range.end && { range_end: range.end }) };
  const success = [{ request_delete_range: keys }];
  if (unchangedSince === undefined) return { success };
  const later = String(unchangedSince + 1);
  return {
    compare: [{ ...keys, target: 'Mod', result: 'Less', mod_revision: later }],
    success,
    failure: [
      { request_range: { ...keys, min_mod_revision: later, limit: maxShownConflicts, keys_only: true } },
    ],
  };
}

const maxShownConflicts = 20;

function operation(change: Change): IRequestOp {
  const { key } = change;
  if (change.type === 'delete') return { request_delete_range: { key } };
  const { value, lease = 'keep', ifRevision } = change;
  const plain = { request_put: { key, value, lease: typeof lease === 'object' ? leaseId(lease.id) : '0' } };
  if (lease !== 'keep' || ifRevision === 0) return plain;
  const keeping = { request_put: { key, value, ignore_lease: true } };
  if (ifRevision !== undefined) return keeping;
  // etcd refuses to keep the lease of a key that does not exist.
  const exists = { key, target: 'Version', result: 'Greater', version: '0' } as const;
  return { request_txn: { compare: [exists], success: [keeping], failure: [plain] } };
}

/** What etcd answered to `guardedTransaction(changes)`. */
export function transactionResult(changes: readonly Change[], answer: ITxnResponse): WriteResult {
  if (answer.succeeded) return done(answer);
  const guarded = changes.filter(({ ifRevision }) => ifRevision !== undefined);
  const conflicts = guarded.map(({ key, ifRevision = 0 }, index): Conflict => {
    const raw = answer.responses[index]?.response_range.kvs[0];
    return { key, expected: ifRevision, current: raw && keyValueOf(raw) };
  });
  return {
    ok: false,
    revision: Number(answer.header.revision),
    conflicts: conflicts.filter(({ expected, current }) => (current?.modRevision ?? 0) !== expected),
  };
}

/** What etcd answered to `guardedDeletion`; the values of its conflicts are left out. */
export function deletionResult(unchangedSince: number | undefined, answer: ITxnResponse): WriteResult {
  if (answer.succeeded) return done(answer);
  const found = answer.responses[0]?.response_range.kvs ?? [];
  return {
    ok: false,
    revision: Number(answer.header.revision),
    conflicts: found.map((raw) => ({
      key: raw.key,
      expected: unchangedSince ?? 0,
      current: keyValueOf(raw),
    })),
  };
}

function done(answer: ITxnResponse): WriteResult {
  const counts = answer.responses.map((response) => {
    // The general decoder leaves out what a response is not, whatever its type says.
    const deletion: { deleted: string } | null | undefined = response.response_delete_range;
    return Number(deletion?.deleted ?? 0);
  });
  return {
    ok: true,
    revision: Number(answer.header.revision),
    deleted: counts.reduce((sum, count) => sum + count, 0),
  };
}

export function keyValueOf(raw: IKeyValue): KeyValue {
  return {
    key: raw.key,
    value: raw.value,
    createRevision: Number(raw.create_revision),
    modRevision: Number(raw.mod_revision),
    version: Number(raw.version),
    lease: leaseName(BigInt.asUintN(64, BigInt(raw.lease))),
  };
}
