import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  endOfArchive,
  fitsTar,
  padding,
  tarHeader,
  type TarEntry,
} from '../../../../src/features/copy/core/tarHeader';

const entry: TarEntry = { name: 'a', kind: 'file', size: 3, mode: 0o640, mtime: 1e9, uid: 7, gid: 8 };
const listed = (name: string) => {
  const header = tarHeader({ ...entry, name });
  const archive = Buffer.concat([header, Buffer.from('abc'), padding(3), endOfArchive]);
  return execFileSync('tar', ['-tv', '--numeric-owner', '--quoting-style=literal', '--utc'], {
    ...{ input: archive, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } },
  });
};

describe('headers of archives', () => {
  it('are what tar reads', () => {
    expect(listed('a')).toMatch(/^-rw-r----- 7\/8 +3 2001-09-09 01:46 a\n$/);
  });

  it.each(['x'.repeat(100), `${'d'.repeat(120)}/${'x'.repeat(90)}`, 'ü/-f', 'a b'])(
    'have names such as %s',
    (name) => {
      expect(listed(name).trimEnd().endsWith(` ${name}`)).toBe(true);
    },
  );

  it('have sizes up to what their digits can say', () => {
    expect(tarHeader({ ...entry, size: 2 ** 33 - 1 }).toString('latin1', 124, 136)).toBe('77777777777\0');
  });

  it('are not made where they cannot say it', () => {
    const impossible = [
      { name: 'x'.repeat(101) },
      { name: `${'d'.repeat(160)}/x` },
      { mtime: -1 },
      { size: 2 ** 33 },
      { uid: 2 ** 21 },
    ];
    expect(impossible.filter((change) => fitsTar({ ...entry, ...change }))).toEqual([]);
    expect(fitsTar(entry)).toBe(true);
  });
});
