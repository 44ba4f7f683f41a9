import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../src/platform/inventory/model';
import { CheckVerdicts } from '../../../src/shell/editor/fleets/checkVerdicts';
import type { Fleet } from '../../../src/shell/editor/fleets/fleet';
import { usualArrangement } from '../../../src/shell/editor/hosts/hostArrangement';
import { type GroupNode, HostNodes } from '../../../src/shell/editor/hosts/hostNodes';
import { groupOf, isUnknown, originLines, originWords } from '../../../src/shell/editor/hosts/originWording';
import { parseInventory } from '../../harness/inventories';

const declared = parseInventory(
  'hosts: { a: }\ngroups: { both: { children: web }, ab: { hosts: a } }\ndiscover: { web: { srv: _web._tcp.test } }\n',
  '/fleet/muster.yaml',
);

/** The row of the group `web` once its source has answered so. */
function rowOf(origin: Partial<Origin>, hosts: readonly string[] = []) {
  const { unknown, ...group } = declared.groups.get('web')!;
  const web = {
    ...{ ...group, hosts, origin: { ...group.origin!, ...origin } },
    ...(hosts.length === 0 && unknown && { unknown }),
  };
  const inventory = { ...declared, groups: new Map([...declared.groups, ['web', web]]) };
  const fleet = { id: 'f', label: 'f', inventory, verdicts: new CheckVerdicts() } as unknown as Fleet;
  const { roots } = new HostNodes([fleet], {
    ...{ arrangement: usualArrangement, shows: () => true, rowsBelow: () => [] },
  });
  return roots.find((node): node is GroupNode => node.kind === 'group' && node.name === 'web')!;
}
const wordsOf = (node: GroupNode) => {
  const group = groupOf(node)!;
  return { unknown: isUnknown(group), words: originWords(group), lines: originLines(group) };
};

describe('The row of a group whose hosts a source finds', () => {
  it('is there without a host, and says that they are unknown instead of none', () => {
    expect(wordsOf(rowOf({ state: 'waiting' }))).toMatchObject({
      unknown: true,
      words: ['asking SRV _web._tcp.test…'],
    });
    expect(wordsOf(rowOf({ state: 'unknown', reason: 'no result within 5 s' }))).toEqual({
      unknown: true,
      words: ['hosts unknown: SRV _web._tcp.test does not answer'],
      lines: ['Hosts found by SRV _web._tcp.test', 'It does not answer: no result within 5 s'],
    });
    expect(wordsOf(rowOf({ state: 'restricted' })).words).toEqual([
      'hosts unknown: not asked in Restricted Mode',
    ]);
  });

  it('says of a stale answer how old it is and why it is not newer, of a current one where it is from', () => {
    const answeredAt = Date.now() - 10 * 60_000;
    const stale = wordsOf(rowOf({ state: 'stale', answeredAt, reason: 'connection refused' }, ['a']));
    expect(stale.unknown).toBe(false);
    expect(stale.words.join()).toMatch(/^stale since \d/);
    expect(stale.lines).toEqual([
      'Hosts found by SRV _web._tcp.test',
      'It does not answer: connection refused',
      'Its last answer is shown: 10 min ago',
    ]);
    expect(wordsOf(rowOf({ state: 'current', answeredAt }, ['a']))).toEqual({
      ...{ unknown: false, words: [], lines: ['Hosts found by SRV _web._tcp.test'] },
    });
  });

  it('leaves no doubt about groups that are made of it, and says nothing about others', () => {
    expect(originWords(declared.groups.get('both')!)).toEqual(['not all hosts are known']);
    expect(originWords(declared.groups.get('ab')!)).toEqual([]);
  });
});
