import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import chinese from '../../../../l10n/core.l10n.zh-cn.json';
import { compareWith } from '../../../../src/features/drift/core/baseline';
import { agreement, driftLines } from '../../../../src/features/drift/core/driftText';
import { compareFacts } from '../../../../src/features/drift/core/compareFacts';
import { FactTable, type Unseen } from '../../../../src/features/drift/core/factTable';
import { readSnapshot, snapshotParts } from '../../../../src/features/drift/core/snapshot';

type Shown = Record<string, string | Unseen>;
const late: Unseen = { kind: 'timeout', detail: '' };
const denied: Unseen = { kind: 'denied', detail: '' };

/** A table of one fact: what each host shows, and why there may be more. */
function tableOf(hosts: Record<string, Shown>, incomplete: Record<string, Unseen> = {}): FactTable {
  const table = new FactTable(['packages']);
  for (const [host, shown] of Object.entries(hosts)) {
    const pairs = Object.entries(shown);
    table.rows.set(host, {
      host,
      entries: Uint32Array.from(pairs, ([name]) => table.entry(0, name)!),
      states: Uint32Array.from(pairs, ([, state]) => table.state(state)!),
      incomplete: [incomplete[host]],
    });
  }
  return table;
}

const textOf = (table: FactTable) =>
  [...driftLines(compareFacts(table), [])].map(({ text }) => text).join('\n');
const saved = (table: FactTable) => readSnapshot([...snapshotParts(table, new Date(0))].join(''));

describe('Hosts', () => {
  it('that show nothing are not the same, however many they are', () => {
    const table = tableOf({ a: {}, b: {}, c: {}, d: { bash: '5' } }, { a: late, b: late, c: late });
    const { differences, groups, tied } = compareFacts(table);
    expect(differences).toEqual([]);
    expect(groups).toEqual([
      { hosts: ['d'], hostSet: 'd', isPartial: false },
      { hosts: ['a', 'b', 'c'], hostSet: 'a,b,c', isPartial: true },
    ]);
    expect(tied).toBe(1);
    expect(agreement(compareFacts(table))).toBe('1 of 4 hosts agree');
  });

  it('of which a fact is incomplete do not lack what they do not show', () => {
    const table = tableOf({ a: { bash: '5', curl: '8' }, b: { bash: '5' }, c: { bash: '6' } }, { c: late });
    const { differences } = compareFacts(table);
    expect(
      differences.map(({ entries, others, unseenOn }) => [entries[0]!.name, others, unseenOn?.hosts]),
    ).toEqual([
      ['bash', [{ hosts: ['c'], hostSet: 'c', states: ['6'] }], undefined],
      ['curl', expect.arrayContaining([{ hosts: ['b'], hostSet: 'b', states: [null] }]), ['c']],
    ]);
  });

  it('that may not see an entry are not held against those that do', () => {
    const table = tableOf({ a: { key: 'x' }, b: { key: denied } });
    expect(compareFacts(table).differences).toEqual([]);
    expect(textOf(table)).toContain('\n  b: packages: key: not permitted');
  });

  it('miss nothing where none of them shows what is optional', () => {
    const unknown: Unseen = { kind: 'missing', detail: 'timedatectl', isOptional: true };
    const none = compareFacts(tableOf({ a: { ntp: unknown }, b: { ntp: unknown } }));
    expect([none.unseen, none.groups.length, none.groups[0]!.isPartial]).toEqual([[], 1, false]);
    const one = compareFacts(tableOf({ a: { ntp: unknown }, b: { ntp: 'yes' } }));
    expect([one.differences, one.unseen.map(({ hosts }) => hosts)]).toEqual([[], [['a']]]);
  });
});

it('Entries that divide the hosts alike are together, others by themselves', () => {
  const table = tableOf({
    a: { ssl: '1', lib: '1', vim: '9' },
    b: { ssl: '1', lib: '1', vim: '8' },
    c: { ssl: '2', lib: '3', vim: '9' },
  });
  const { differences } = compareFacts(table);
  expect(differences.map(({ entries }) => entries.map(({ name }) => name))).toEqual([
    ['lib', 'ssl'],
    ['vim'],
  ]);
});

describe('A snapshot', () => {
  it('has all that was seen, and what was not', () => {
    const before = tableOf(
      {
        a: { bash: '5', key: denied },
        b: {
          bash: '5\u001b[2J',
          odd: 'x'.repeat(2_000),
          secret: 'https://me:hunter2@host/ password=abcdefgh',
        },
      },
      { b: late },
    );
    const after = saved(before);
    for (const host of ['a', 'b'])
      expect([...after.statesOf(after.rows.get(host)!)]).toEqual([
        ...before.statesOf(before.rows.get(host)!),
      ]);
    const { comparison } = compareWith(before, { snapshot: after, name: 'x.json' });
    expect(comparison.differences).toEqual([]);
  });

  it('says what has come, gone and changed, and not that a host has changed that could not be seen', () => {
    const before = saved(tableOf({ a: { bash: '5', old: '1' }, b: { bash: '5' } }));
    const now = tableOf({ a: { bash: '6', new: '2' }, b: {} }, { b: late });
    const { comparison } = compareWith(now, { snapshot: before, name: 'x.json' });
    expect(
      comparison.differences.flatMap(({ entries, others }) =>
        entries.map(({ name }, at) => [name, others.map(({ hosts, states }) => [hosts, states[at]])]),
      ),
    ).toEqual([
      ['bash', [[['a'], '5 → 6']]],
      ['new', [[['a'], 'absent → 2']]],
      ['old', [[['a'], '1 → absent']]],
    ]);
    expect(comparison.unseen.map(({ hosts }) => hosts)).toContainEqual(['b']);
  });

  it.each([
    '',
    '[]',
    '{"muster":"drift","version":2}',
    '{"muster":"drift","version":1,"takenAt":"","facts":[{}]}',
  ])('is refused where it is something else: %s', (text) =>
    expect(() => readSnapshot(text)).toThrow(/not a snapshot of muster drift, version 1/),
  );
});

it('Values that differ only in what cannot be shown, or is hidden, are still not the same', () => {
  const [long, hidden] = ['x'.repeat(5_000), 'token=abcdefgh'];
  for (const [one, other] of [
    ['5.2\u0007', '5.2\u0008'],
    [`${long}a`, `${long}b`],
    [`${hidden}1`, `${hidden}2`],
  ]) {
    const { differences } = compareFacts(tableOf({ a: { v: one! }, b: { v: other! } }));
    expect(differences).toHaveLength(1);
    expect(JSON.stringify(differences)).not.toMatch(/abcdefgh|\\u0007/);
  }
});

it('Names and values that many hosts have are held once each', () => {
  const table = new FactTable(['packages']);
  for (let host = 0; host < 100; host++) {
    const entries = new Uint32Array(200);
    const states = new Uint32Array(200);
    for (let entry = 0; entry < 200; entry++) {
      entries[entry] = table.entry(0, `package-${entry}`)!;
      states[entry] = table.state(entry === 7 && host < 3 ? '1.1' : `1.${entry}`)!;
    }
    table.rows.set(`h${host}`, { host: `h${host}`, entries, states, incomplete: [undefined] });
  }
  const { differences, groups } = compareFacts(table);
  expect(table.entries).toHaveLength(200);
  expect(differences.map(({ others }) => others.map(({ hostSet }) => hostSet))).toEqual([['h[0-2]']]);
  expect(groups.map(({ hosts }) => hosts.length)).toEqual([97, 3]);
});

it('The heads of what is not known are coloured in every language', async () => {
  const { patterns } = JSON.parse(await readFile('media/muster-drift.tmLanguage.json', 'utf8')) as {
    patterns: { begin?: string }[];
  };
  const { begin } = patterns.find((pattern) => pattern.begin !== undefined)!;
  for (const head of ['Without an answer', 'Cannot be seen, so neither the same nor different'] as const) {
    expect(head).toMatch(new RegExp(begin!));
    expect(chinese[head]).toMatch(new RegExp(begin!));
  }
});

it('A host without an answer is in the first line', () => {
  const error = { code: 'REFUSED' as const, message: 'connection refused', causes: [] };
  const [first] = driftLines(compareFacts(tableOf({ a: { v: '1' }, b: { v: '1' } })), [{ host: 'c', error }]);
  expect(first!.text).toBe('2 of 2 hosts agree; 1 without an answer');
});
