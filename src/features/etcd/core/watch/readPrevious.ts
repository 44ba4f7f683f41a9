import type { ITxnResponse } from 'etcd3/lib/rpc';
import { MusterError } from '../../../../platform/errors/errors';
import type { ListOptions, Page } from '../client/etcdListing';
import { keyAfter, type KeyRange } from '../client/etcdModel';
import { keyValueOf } from '../client/etcdTransaction';
import type { EtcdTransport } from '../client/etcdTransport';
import type { WatchEvent } from './etcdWatchRecord';

interface Readable {
  readonly transport: EtcdTransport;
  list(range: KeyRange, options: ListOptions): AsyncGenerator<Page, void, undefined>;
}

/** Events of one revision from which on its keys are listed instead of looked up. */
const fewOfRevision = 100;
/** Keys that are looked up by one request; etcd allows 128 by default. */
const lookedUpAtOnce = 100;
/** Keys that are read for each one that is wanted, at most: others lie between those of a revision. */
const mostForOne = 4;

const txnMethod = { service: 'KV', name: 'Txn' } as const;

/**
 * Sets what was before each of `events`, in order, that came without it. Where one revision changed many keys, they are
 * listed as they were before it, which takes etcd a hundredth of the time of looking them up one by one. What cannot be
 * read stays unknown.
 */
export async function readPrevious(
  cluster: Readable,
  events: readonly WatchEvent[],
  signal: AbortSignal,
): Promise<void> {
  const byRevision = new Map<number, WatchEvent[]>();
  for (const event of events) {
    if (!event.previousUnknown) continue;
    const missing = byRevision.get(event.revision);
    if (missing) missing.push(event);
    else byRevision.set(event.revision, [event]);
  }
  // Compacted, or out of reach: the events are certain, and are told without.
  const attempt = (work: Promise<void>) => work.catch(() => {});
  const few: WatchEvent[] = [];
  for (const [revision, missing] of byRevision)
    if (missing.length < fewOfRevision) few.push(...missing);
    else await attempt(listBefore(cluster, revision, missing, signal));
  for (let begin = 0; begin < few.length; begin += lookedUpAtOnce)
    await attempt(lookUp(cluster, few.slice(begin, begin + lookedUpAtOnce), signal));
}

async function listBefore(
  cluster: Readable,
  revision: number,
  missing: readonly WatchEvent[],
  signal: AbortSignal,
): Promise<void> {
  const byKey = new Map(missing.map((event) => [event.key.toString('latin1'), event]));
  let [first] = missing as [WatchEvent];
  let last = first;
  for (const event of missing) {
    if (event.key.compare(first.key) < 0) first = event;
    if (event.key.compare(last.key) > 0) last = event;
  }
  const range = { start: first.key, end: keyAfter(last.key) };
  let read = 0;
  const options = { revision: revision - 1, firstKeys: missing.length, signal };
  for await (const { kvs } of cluster.list(range, options)) {
    for (const kv of kvs) {
      const event = byKey.get(kv.key.toString('latin1'));
      if (event) Object.assign(event, { previous: kv, previousUnknown: false });
    }
    read += kvs.length;
    if (read > mostForOne * missing.length) return;
  }
}

async function lookUp(cluster: Readable, events: readonly WatchEvent[], signal: AbortSignal): Promise<void> {
  const request = {
    success: events.map(({ key, revision }) => ({
      request_range: { key, revision: String(revision - 1) },
    })),
  };
  let answer: ITxnResponse;
  try {
    answer = await cluster.transport.read<ITxnResponse>(txnMethod, request, { signal });
  } catch (error) {
    // One that is compacted, or values that are too large together, are no reason to give up the others.
    if (events.length === 1 || !MusterError.is(error, 'COMPACTED', 'TOO_LARGE')) throw error;
    const half = Math.ceil(events.length / 2);
    await lookUp(cluster, events.slice(0, half), signal).catch(() => {});
    return lookUp(cluster, events.slice(half), signal);
  }
  for (const [index, { response_range: range }] of answer.responses.entries()) {
    const [kv] = range.kvs;
    if (kv) Object.assign(events[index]!, { previous: keyValueOf(kv), previousUnknown: false });
  }
}
