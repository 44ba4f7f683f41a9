import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inRange, type KeyRange, type KeyValue } from '../../../../src/features/etcd/core/client/etcdModel';
import { listLevel, type LevelEntry } from '../../../../src/features/etcd/core/keys/listLevel';

const separator = Buffer.from('/');

/** As etcd answers a range. */
function store(keys: readonly string[]) {
  const sorted = keys.map((key) => Buffer.from(key)).sort((a, b) => a.compare(b));
  const asked: number[] = [];
  const rangeKeys = (range: KeyRange, limit: number) => {
    const found = sorted.filter((key) => inRange(range, key));
    asked.push(Math.min(found.length, limit));
    return Promise.resolve({ kvs: found.slice(0, limit).map(keyValue), more: found.length > limit });
  };
  return { rangeKeys, asked };
}

function keyValue(key: Buffer): KeyValue {
  return { key, value: Buffer.alloc(0), createRevision: 1, modRevision: 1, version: 1, lease: undefined };
}

const shown = (entries: readonly LevelEntry[]) =>
  entries.map(({ kind, bytes }) => `${kind} ${bytes.toString()}`);

describe('A level of the tree of keys', () => {
  it('has the folders and keys below a prefix, in the order of keys', async () => {
    const { rangeKeys } = store(['/a/x', '/a/y/1', '/a/y/2', '/a/z', '/b', '/a/', 'other']);
    const level = async (prefix: string) =>
      shown((await listLevel(rangeKeys, { prefix: Buffer.from(prefix), separator, limit: 10 })).entries);
    expect(await level('')).toEqual(['folder /', 'key other']);
    expect(await level('/')).toEqual(['folder /a/', 'key /b']);
    expect(await level('/a/')).toEqual(['key /a/', 'key /a/x', 'folder /a/y/', 'key /a/z']);
    expect(await level('/none/')).toEqual([]);
  });

  it('skips what is in folders', async () => {
    const keys = [1, 2, 3].flatMap((folder) =>
      Array.from({ length: 5_000 }, (_, index) => `/${folder}/${index}`),
    );
    const { rangeKeys, asked } = store(keys);
    const { entries } = await listLevel(rangeKeys, { prefix: Buffer.from('/'), separator, limit: 100 });
    expect(shown(entries)).toEqual(['folder /1/', 'folder /2/', 'folder /3/']);
    expect(asked).toEqual([64, 64, 64, 0]);
  });

  it('comes in pages that together have every entry once', async () => {
    const part = fc.constantFrom('a', 'b', '', '\xff', 'c/d', 'e');
    const key = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (keys, limit) => {
          const { rangeKeys } = store(keys);
          const prefix = Buffer.from('/');
          const { entries } = await listLevel(rangeKeys, { prefix, separator, limit: 1_000 });
          const paged: LevelEntry[] = [];
          let from: Buffer | undefined;
          do {
            const page = await listLevel(rangeKeys, { prefix, separator, limit, ...(from && { from }) });
            expect(page.entries.length).toBeLessThanOrEqual(limit);
            paged.push(...page.entries);
            from = page.next;
          } while (from);
          expect(shown(paged)).toEqual(shown(entries));
          expect(new Set(shown(paged)).size).toBe(paged.length);
          for (const each of keys) {
            const bytes = Buffer.from(each);
            expect(
              paged.some((entry) =>
                entry.kind === 'key' ? entry.bytes.equals(bytes) : each.startsWith(entry.bytes.toString()),
              ),
            ).toBe(true);
          }
        },
      ),
    );
  });

  it('ends with a folder after which no key can come', async () => {
    const high = Buffer.from([0xff, 0x2f, 0x61]);
    const rangeKeys = (range: KeyRange) =>
      Promise.resolve({ kvs: inRange(range, high) ? [keyValue(high)] : [], more: false });
    const { entries, next } = await listLevel(rangeKeys, { prefix: Buffer.alloc(0), separator, limit: 10 });
    expect([entries.map(({ kind }) => kind), next]).toEqual([['folder'], undefined]);
  });
});
