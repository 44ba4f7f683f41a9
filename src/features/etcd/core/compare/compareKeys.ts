import type { Page } from '../client/etcdListing';
import type { KeyValue } from '../client/etcdModel';

/** A key that is not the same on both sides. */
export interface KeyDeviation {
  /** What follows the prefix. */
  name: Buffer;
  /** undefined where it does not exist. */
  left: KeyValue | undefined;
  right: KeyValue | undefined;
}

export interface Side {
  prefix: Buffer;
  /** All keys with that prefix, in order, with values. */
  pages: AsyncIterable<Pick<Page, 'kvs'>>;
}

/** The keys below two prefixes that differ in their values or are missing on one side, in order, holding a page of each. */
export async function* compareKeys(left: Side, right: Side): AsyncGenerator<KeyDeviation, void, undefined> {
  const [before, after] = [keysOf(left), keysOf(right)];
  try {
    let [a, b] = [await taken(before), await taken(after)];
    while (a || b) {
      const order = !a ? 1 : !b ? -1 : a.name.compare(b.name);
      const deviation: KeyDeviation = {
        name: order <= 0 ? a!.name : b!.name,
        left: order <= 0 ? a!.kv : undefined,
        right: order >= 0 ? b!.kv : undefined,
      };
      if (!deviation.left || !deviation.right || !deviation.left.value.equals(deviation.right.value))
        yield deviation;
      if (order <= 0) a = await taken(before);
      if (order >= 0) b = await taken(after);
    }
  } finally {
    await Promise.all([before.return(), after.return()]);
  }
}

interface Named {
  name: Buffer;
  kv: KeyValue;
}

async function* keysOf({ prefix, pages }: Side): AsyncGenerator<Named, void, undefined> {
  for await (const { kvs } of pages) for (const kv of kvs) yield { name: kv.key.subarray(prefix.length), kv };
}

async function taken(keys: AsyncGenerator<Named, void, undefined>): Promise<Named | undefined> {
  const next = await keys.next();
  return next.done ? undefined : next.value;
}
