import { setImmediate } from 'node:timers/promises';

/** Waits for all, also when some fail, so that nothing goes on behind the caller's back. @throws what the first failed with */
export async function settleAll<Result>(work: Iterable<Promise<Result>>): Promise<Result[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

/** Maps in order, working on up to `size` items at a time; the event loop turns between them. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  size: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await settleAll(items.slice(start, start + size).map(work))));
    // Listening and closing end in the same turn, however many there are.
    await setImmediate();
  }
  return results;
}
