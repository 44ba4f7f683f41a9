import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../../harness/inventories';

const parse = (text: string) => parseInventory(text, '/x/muster.yaml');
const messages = (text: string) => parse(text).problems.map(({ message }) => message);
const becomeOf = (text: string, host: string) => parse(text).hosts.get(host)?.become;

const fleet = `defaults: { become: { user: ops } }
hosts:
  web-[1:3]:
  db-1: { become: { method: su, user: postgres } }
  cache-1:
  other:
groups:
  all-web: { hosts: web-*, become: true }
  canary: { hosts: web-1, become: { user: canary } }
  same-size: { hosts: [cache-1], become: { user: first } }
  as-large: { hosts: [cache-1], become: { user: second, method: doas } }
`;

describe('become', () => {
  it.each([
    ['web-1', { user: 'canary', declaredBy: 'group canary' }],
    ['web-2', { user: 'ops', declaredBy: 'group all-web' }],
    ['db-1', { user: 'postgres', method: 'su', declaredBy: 'host db-1' }],
    ['cache-1', { user: 'first', method: 'doas', declaredBy: 'group same-size' }],
    ['other', { user: 'ops', declaredBy: 'defaults' }],
  ])('of %s is that of the nearest declaration, filled up by the next ones', (host, expected) => {
    expect(messages(fleet)).toEqual([]);
    expect(becomeOf(fleet, host)).toEqual(expected);
  });

  it('of a range of hosts is one declaration, and without any there is none', () => {
    const text = 'hosts: { "web-[1:2]": { become: true }, db-1: }\n';
    expect(becomeOf(text, 'web-2')).toEqual({ declaredBy: 'host web-[1:2]' });
    expect(becomeOf(text, 'db-1')).toBeUndefined();
  });

  it.each([
    [
      'become: { method: doas, password: ask }',
      'doas and run0 take no password from a program: write password: none',
    ],
    ['become: { user: -x }', 'a user name has letters, digits and . _ @ -, and does not begin with “-”'],
    ['become: { user: "a b" }', 'a user name has letters, digits and . _ @ -, and does not begin with “-”'],
    ['become: { method: pbrun }', 'expected sudo, doas, su or run0'],
    ['become: { password: hunter2 }', 'expected ask or none'],
    ['become: no', 'expected true, or a mapping with user, method and password'],
  ])('%s is reported', (written, message) => {
    expect(messages(`hosts: { a: { ${written} } }\n`)).toEqual([message]);
  });

  it('holds no password, and a mistake does not show one', () => {
    expect(messages('hosts: { a: { become: { password: "secret horse" } } }\n').join()).not.toContain(
      'horse',
    );
  });
});
