import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOfPath, pathOfKey } from '../../../../src/features/etcd/core/keys/keyPath';
import { propertyRuns } from '../../../harness/propertyRuns';

describe('The path of a key', () => {
  it.each([
    ['/config/app.yaml', '/config/app.yaml'],
    ['config/app.yaml', '/%~/config/app.yaml'],
    ['/a b/😀.json', '/a b/😀.json'],
    ['/100%', '/100%25'],
    ['/a\nb', '/a%0Ab'],
    ['/../etc/./passwd', '/%2E%2E/etc/%2E/passwd'],
    ['//twice', '/%-/twice'],
    ['/folder/', '/folder/%-'],
    ['/', '/%-'],
    ['plain', '/%~/plain'],
    ['a\\b', '/%~/a%5Cb'],
    ['/%~', '/%25~'],
  ])('of %j is %j', (key, path) => {
    expect(pathOfKey(Buffer.from(key))).toBe(path);
    expect(keyOfPath(path).toString()).toBe(key);
  });

  it('leads back to every key, whatever its bytes, and has only segments that paths can have', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 20 }),
      fc.string({
        unit: fc.constantFrom('/', '.', '%', '-', '~', 'a', '2', 'E', '😀', '\\', '\n'),
        minLength: 1,
      }),
    );
    fc.assert(
      fc.property(bytes, (made) => {
        const key = Buffer.from(made);
        const path = pathOfKey(key);
        expect(keyOfPath(path).equals(key)).toBe(true);
        for (const segment of path.slice(1).split('/')) expect(['', '.', '..']).not.toContain(segment);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it.each(['/', '', '/%~', '/a//b', '/%0a', '/%2', '/a/../b', '/%61'])('is never %j', (path) => {
    expect(() => keyOfPath(path)).toThrow(/is not an etcd key/);
  });
});
