import { setImmediate } from 'node:timers/promises';
import { compareKeys } from './compareKeys';
import type { EtcdCluster } from '../client/etcdCluster';
import { type KeyValue, prefixRange } from '../client/etcdModel';
import type { CallOptions } from '../client/etcdTransport';
import type { PrefixFileEntry } from './prefixFile';

/** Where keys are compared: what has them, and what it was asked. */
export type ComparedSide = ClusterSide | FileSide;

export interface ClusterSide {
  kind: 'cluster';
  etcd: EtcdCluster;
  prefix: Buffer;
  /** A state of the past; now without it. */
  revision?: number;
  call: CallOptions;
}

export interface FileSide {
  kind: 'file';
  /** In the order of etcd. */
  entries: readonly PrefixFileEntry[];
}

/** A key of one side as it was compared. Its value is read again when it is needed: many have no room in memory. */
export interface ComparedKey {
  /** 0 in a file. */
  modRevision: number;
  /** Bytes of its value. */
  size: number;
  lease?: string;
}

/** A key that is not the same on both sides. */
export interface Difference {
  /** What follows the prefixes. */
  name: Buffer;
  /** undefined where it does not exist. */
  left: ComparedKey | undefined;
  right: ComparedKey | undefined;
}

export interface Differences {
  /** In the order of etcd. */
  all: Difference[];
  /** Keys that are the same; undefined when the comparison came to its limit. */
  same: number | undefined;
  /** The revisions that were compared; undefined for a file. */
  leftRevision: number | undefined;
  rightRevision: number | undefined;
}

/** Differences that are held; a comparison with more ends there. */
export const maxDifferences = 100_000;
/** Keys of a file that are compared before others get their turn. */
const filePage = 1000;

interface Options {
  signal?: AbortSignal;
  limit?: number;
  /** Told with every page: how many keys of both sides were read. */
  onProgress?: (keys: number) => void;
}

/** Compares two prefixes, holding a page of each side and the differences without values. */
export async function findDifferences(
  left: ComparedSide,
  right: ComparedSide,
  { signal, limit = maxDifferences, onProgress }: Options = {},
): Promise<Differences> {
  const all: Difference[] = [];
  const pinned = await samePoint(left, right, signal);
  const seen = { left: { keys: 0, revision: 0 }, right: { keys: 0, revision: 0 } };
  const pagesOf = async function* (side: ComparedSide, to: { keys: number; revision: number }) {
    for await (const page of pages(side, pinned, signal)) {
      signal?.throwIfAborted();
      to.keys += page.kvs.length;
      to.revision = page.revision;
      onProgress?.(seen.left.keys + seen.right.keys);
      yield page;
    }
  };
  const deviations = compareKeys(
    { prefix: prefixOfSide(left), pages: pagesOf(left, seen.left) },
    { prefix: prefixOfSide(right), pages: pagesOf(right, seen.right) },
  );
  let isWhole = true;
  let leftOnly = 0;
  for await (const { name, left: before, right: after } of deviations) {
    if (all.length === limit) {
      isWhole = false;
      break;
    }
    if (before) leftOnly++;
    // The name is a part of a whole message of etcd.
    all.push({ name: Buffer.from(name), left: compared(before), right: compared(after) });
  }
  return {
    all,
    same: isWhole ? seen.left.keys - leftOnly : undefined,
    leftRevision: left.kind === 'file' ? undefined : seen.left.revision,
    rightRevision: right.kind === 'file' ? undefined : seen.right.revision,
  };
}

export function prefixOfSide(side: ComparedSide): Buffer {
  return side.kind === 'file' ? Buffer.alloc(0) : side.prefix;
}

/** Of one cluster both sides are read at the same revision. */
async function samePoint(
  left: ComparedSide,
  right: ComparedSide,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if (left.kind === 'file' || right.kind === 'file' || left.etcd !== right.etcd) return undefined;
  const range = prefixRange(left.prefix);
  return (
    await left.etcd.range(range, {
      ...left.call,
      signal: joined(left.call, signal),
      limit: 1,
      keysOnly: true,
    })
  ).revision;
}

interface ComparedPage {
  kvs: KeyValue[];
  revision: number;
}

async function* pages(
  side: ComparedSide,
  pinned: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ComparedPage> {
  if (side.kind === 'cluster') {
    const { etcd, prefix, call } = side;
    const revision = side.revision ?? pinned;
    const options = { ...call, signal: joined(call, signal), ...(revision !== undefined && { revision }) };
    yield* etcd.list(prefixRange(prefix), options);
    return;
  }
  for (let at = 0; at < side.entries.length; at += filePage) {
    await setImmediate();
    yield { revision: 0, kvs: side.entries.slice(at, at + filePage).map(keyValueOf) };
  }
}

function keyValueOf({ name, value }: PrefixFileEntry): KeyValue {
  return { key: name, value, createRevision: 0, modRevision: 0, version: 0, lease: undefined };
}

function joined(call: CallOptions, signal: AbortSignal | undefined): AbortSignal | undefined {
  return call.signal && signal ? AbortSignal.any([call.signal, signal]) : (signal ?? call.signal);
}

function compared(kv: KeyValue | undefined): ComparedKey | undefined {
  if (!kv) return undefined;
  return {
    modRevision: kv.modRevision,
    size: kv.value.length,
    ...(kv.lease !== undefined && { lease: kv.lease }),
  };
}
