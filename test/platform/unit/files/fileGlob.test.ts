import { describe, expect, it } from 'vitest';
import { globFiles } from '../../../../src/platform/files/fileGlob';

const names = ['a', 'B', '7', 'ä', '-', '字'];
const named = async (pattern: string) =>
  (await globFiles(pattern, () => Promise.resolve(names))).files.map((file) => file.slice(1)).sort();

describe('a class in brackets', () => {
  it.each([
    ['alpha', ['B', 'a', 'ä', '字']],
    ['alnum', ['7', 'B', 'a', 'ä', '字']],
    ['lower', ['a', 'ä']],
    ['upper', ['B']],
    ['digit', ['7']],
    ['xdigit', ['7', 'B', 'a']],
    ['punct', ['-']],
  ])('%s has its characters', async (name, expected) => {
    expect(await named(`/[[:${name}:]]`)).toEqual(expected);
  });

  it.each(['nothing', 'constructor', 'toString'])('that is not known, %s, has none', async (name) => {
    expect(await named(`/[[:${name}:]]`)).toEqual([]);
    expect(await named(`/[[:${name}:]7]`)).toEqual(['7']);
  });
});
