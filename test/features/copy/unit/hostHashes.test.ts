import { expect, it } from 'vitest';
import { hashesIn } from '../../../../src/features/copy/core/hostHashes';

const hash = 'a'.repeat(64);

it('Sums are read by name, also of names with a line break, and what nobody asked for is passed over', () => {
  const output = [
    'Welcome!',
    `${hash}  ./a b`,
    `\\${hash}  ./x\\ny\\\\z`,
    `${hash} *./binary`,
    `${hash}  ./other`,
    `${hash.slice(1)}  ./short`,
    '',
  ].join('\n');
  const asked = ['a b', 'x\ny\\z', 'binary', 'short'];
  expect([...hashesIn(output, new Set(asked)).keys()]).toEqual(['a b', 'x\ny\\z', 'binary']);
});
