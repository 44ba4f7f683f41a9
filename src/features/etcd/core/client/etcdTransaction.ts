import type { ICompare, IKeyValue, IRequestOp, ITxnRequest, ITxnResponse } from 'etcd3/lib/rpc';
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

/**
 * Puts that keep a lease without a guard: etcd refuses to keep that of a key that does not exist, so whether it does
 * must be known. A nested transaction could ask, but sends the value twice, and etcd 3.4 checks no permissions in it.
 */
export function dependsOnExistence(change: Change): boolean {
  return change.type === 'put' && (change.lease ?? 'keep') === 'keep' && change.ifRevision === undefined;
}

/** The transaction that reads which of `changes` have a key that exists. */
export function existenceTransaction(changes: readonly Change[]): ITxnRequest {
  return { success: changes.map(({ key }) => ({ request_range: { key, keys_only: true } })) };
}

/** The answer to `existenceTransaction(changes)`. */
export function existingChanges(changes: readonly Change[], answer: ITxnResponse): Set<Change> {
  return new Set(changes.filter((_, index) => answer.responses[index]!.response_range.kvs.length > 0));
}

/**
 * The transaction that makes all `changes` if every guard holds, and else reads the guarded keys. Keys of `existing`
 * must exist, and those of other changes that depend on it must not. Without `conflictValues` the values stay there.
 */
export function guardedTransaction(
  changes: readonly Change[],
  existing: ReadonlySet<Change>,
  conflictValues = true,
): ITxnRequest {
  const guarded = changes.filter(({ ifRevision }) => ifRevision !== undefined);
  return {
    compare: [
      ...guarded.map(({ key, ifRevision }): ICompare => ({
        ...{ key, target: 'Mod', result: 'Equal', mod_revision: String(ifRevision) },
      })),
      ...changes.filter(dependsOnExistence).map((change): ICompare => {
        const result = existing.has(change) ? 'Greater' : 'Equal';
        return { key: change.key, target: 'Version', result, version: '0' };
      }),
    ],
    success: changes.map((change) => operation(change, existing.has(change))),
    failure: guarded.map(({ key }) => ({ request_range: { key, keys_only: !conflictValues } })),
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

function operation(change: Change, exists: boolean): IRequestOp {
  const { key } = change;
  if (change.type === 'delete') return { request_delete_range: { key } };
  const { value, lease = 'keep', ifRevision = 0 } = change;
  if (lease === 'keep' && (exists || ifRevision > 0))
    return { request_put: { key, value, ignore_lease: true } };
  return { request_put: { key, value, lease: typeof lease === 'object' ? leaseId(lease.id) : '0' } };
}

/** What etcd answered to `guardedTransaction(changes)`; without conflicts the existence of a key has changed. */
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
