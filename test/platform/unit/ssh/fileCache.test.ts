import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileCache } from '../../../../src/platform/transport/ssh/pool/fileCache';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'muster-cache-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('A file that is read again when it changes', () => {
  it('is looked at anew once it has expired, also where a look is under way', async () => {
    const file = join(folder, 'known_hosts');
    await writeFile(file, 'old');
    const texts: ((text: string) => void)[] = [];
    const cache = new FileCache(
      100,
      (_, text) => text,
      () => new Promise<string>((resolve) => texts.push(resolve)),
    );
    const isRead = (count: number) => expect.poll(() => texts.length, { interval: 1 }).toBe(count);
    const before = cache.load(file);
    await isRead(1);
    cache.expire(file);
    const after = cache.load(file);
    await isRead(2);
    texts[1]!('new');
    expect(await after).toBe('new');
    texts[0]!('old');
    expect(await before).toBe('old');
    expect(await cache.load(file)).toBe('new');
    expect(texts).toHaveLength(2);
  });
});
