import { describe, expect, it } from 'vitest';
import { readForwardTarget, targetText } from '../../../../src/features/forwards/editor/forwardTarget';

describe('What to forward', () => {
  it.each([
    ['8080', { address: '127.0.0.1', port: 8080, localPort: 0 }],
    [' 9000:8080 ', { address: '127.0.0.1', port: 8080, localPort: 9000 }],
    ['db.internal:5432', { address: 'db.internal', port: 5432, localPort: 0 }],
    ['9000:db-1:5432', { address: 'db-1', port: 5432, localPort: 9000 }],
    ['10.0.0.7:80', { address: '10.0.0.7', port: 80, localPort: 0 }],
    ['9000:[fd00::1]:80', { address: 'fd00::1', port: 80, localPort: 9000 }],
    ['[::1]:80', { address: '::1', port: 80, localPort: 0 }],
  ])('is read from “%s”', (text, target) => {
    expect(readForwardTarget(text)).toEqual(target);
  });

  it.each(['', 'http', '0', '65536', '70000:80', 'a b:80', 'http://x:80', '1:2:3', ':80', 'host:', '-1'])(
    'is not guessed from “%s”',
    (text) => {
      expect(readForwardTarget(text)).toBeUndefined();
    },
  );

  it('is shown without the loopback of the host', () => {
    const shown = ['8080', 'db:5432', '[fd00::1]:80'].map((text) => targetText(readForwardTarget(text)!));
    expect(shown).toEqual(['8080', 'db:5432', '[fd00::1]:80']);
  });
});
