import { describe, expect, it } from 'vitest';
import type { Host } from '../../../src/platform/inventory/model';
import { parseInventory } from '../../harness/inventories';
import { isBrokenEdit } from '../../../src/shell/editor/fleets/brokenEdit';

const inventory = (text: string) => parseInventory(text, '/fleet/muster.yaml');
const good = inventory('hosts: { a: {}, b: {} }\nchecks: { port: { type: tcp, port: 22 } }\n');

describe('An edit of the inventory', () => {
  it('is broken when it brings an error and takes hosts away', () => {
    expect(isBrokenEdit(good, inventory('hosts: { a: {}, b: [ }\n'))).toBe(true);
  });

  it('is broken when it brings an error and takes checks away', () => {
    expect(isBrokenEdit(good, inventory('hosts: { a: {}, b: {} }\nchecks: { port: { type: tpc } }\n'))).toBe(
      true,
    );
  });

  it('is broken when it brings an error and takes away what finds hosts', () => {
    const found = inventory('discover: { web: { srv: web.test }, db: { srv: db.test } }\n');
    expect(
      isBrokenEdit(found, inventory('discover: { web: { srv: web.test }, db: { svr: db.test } }\n')),
    ).toBe(true);
  });

  it('is sound when hosts go that a source found', () => {
    const found = { name: 'web-1', foundBy: ['web'] } as unknown as Host;
    const last = { ...good, hosts: new Map([...good.hosts, ['web-1', found]]) };
    const text = 'hosts: { a: {}, b: {}, c: { adress: x } }\nchecks: { port: { type: tcp, port: 22 } }\n';
    expect(isBrokenEdit(last, inventory(text))).toBe(false);
  });

  it('is sound when hosts go without an error', () => {
    expect(
      isBrokenEdit(good, inventory('hosts: { a: {} }\nchecks: { port: { type: tcp, port: 22 } }\n')),
    ).toBe(false);
  });

  it('is sound when an error hides nothing that was there', () => {
    const text = 'hosts: { a: {}, b: {}, c: { adress: x } }\nchecks: { port: { type: tcp, port: 22 } }\n';
    expect(isBrokenEdit(good, inventory(text))).toBe(false);
  });

  it('is not held up by an error that was there before', () => {
    const flawed = inventory('hosts: { a: {}, b: {} }\nhost: {}\n');
    expect(flawed.problems).not.toEqual([]);
    expect(isBrokenEdit(flawed, inventory('hosts: { a: {} }\nhost: {}\n'))).toBe(false);
  });
});
