import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compactHostSet,
  expandHostPattern,
  splitHostSet,
} from '../../../../src/platform/inventory/selection/hostSet';
import { countSelection, selectHosts } from '../../../../src/platform/inventory/selection/selector';
import { cpuMs } from '../../../harness/cpuMs';
import { propertyRuns } from '../../../harness/propertyRuns';

function scopeOf(hosts: Record<string, Record<string, string>>, groups: Record<string, string[]> = {}) {
  return {
    hosts: new Map(Object.entries(hosts).map(([name, labels]) => [name, { name, labels }])),
    groups: new Map(Object.entries(groups).map(([name, members]) => [name, { hosts: members }])),
  };
}

const fleet = scopeOf(
  {
    ...Object.fromEntries(
      expandHostPattern('web-[01:12]').map((name) => [name, { role: 'web', env: 'prod' }]),
    ),
    'db-1': { role: 'db', env: 'prod', city: 'New York' },
    'db-2': { role: 'db', env: 'dev' },
    bastion: {},
    twin: {},
  },
  { canary: ['web-01', 'web-02'], databases: ['db-1', 'db-2'], twin: ['db-1'] },
);

const select = (...selectors: string[]) =>
  compactHostSet(selectHosts(fleet, selectors).map(({ name }) => name));

describe('a selector', () => {
  it.each([
    ['db-1', 'db-1'],
    ['web-*', 'web-[01-12]'],
    ['web-0?', 'web-[01-09]'],
    ['web-0[1-4]', 'web-[01-04]'],
    ['web-[01-03,12]', 'web-[01-03,12]'],
    ['web-[01:20:2]', 'web-[01,03,05,07,09,11]'],
    ['web-[0-1][12]', 'web-[01-02,11-12]'],
    ['*-[1-2]', 'db-[1-2]'],
    ['@canary', 'web-[01-02]'],
    ['canary', 'web-[01-02]'],
    ['@data*', 'db-[1-2]'],
    ['role=db', 'db-[1-2]'],
    ['role==db', 'db-[1-2]'],
    ['role = db', 'db-[1-2]'],
    ['role=w*', 'web-[01-12]'],
    ['city=New York', 'db-1'],
    ['role!=web', 'db-[1-2],bastion,twin'],
    ['env in (dev, test)', 'db-2'],
    ['env in (d*)', 'db-2'],
    ['!env in (prod,dev)', 'bastion,twin'],
    ['role=db,env=prod', 'db-1'],
    ['web-*,!@canary', 'web-[03-12]'],
    ['!web-*', 'db-[1-2],bastion,twin'],
    ['! canary , role=web', 'web-[03-12]'],
    ['!role=web,!role=db', 'bastion,twin'],
  ])('%s selects %s', (selector, hosts) => {
    expect(select(selector)).toBe(hosts);
  });

  it.each(['all', '*', '@all'])('%s selects every host', (selector) => {
    expect(selectHosts(fleet, [selector])).toHaveLength(16);
  });

  it('without any, every host is selected', () => {
    expect(selectHosts(fleet, [])).toHaveLength(16);
  });

  it('means the host when a group has the same name, and the group with @', () => {
    expect(select('twin')).toBe('twin');
    expect(select('@twin')).toBe('db-1');
  });
});

describe('several selectors', () => {
  it('are joined, in the inventory’s order', () => {
    expect(selectHosts(fleet, ['db-1', 'web-02', 'web-01']).map(({ name }) => name)).toEqual([
      'web-01',
      'web-02',
      'db-1',
    ]);
  });

  it('lose what the exclusions among them name', () => {
    expect(select('web-*', 'db-1', '!canary')).toBe('web-[03-12],db-1');
  });

  it('start from all hosts when there are exclusions only', () => {
    expect(select('!web-*', '!role=db')).toBe('bastion,twin');
  });
});

describe('a selector at fault', () => {
  const fault = (...selectors: string[]) => countSelection(fleet, selectors).problem;

  it.each([
    ['web-99', 'no host or group “web-99”'],
    ['nope-*', 'no host matches “nope-*”'],
    ['role=mail', 'no host matches “role=mail”'],
    ['@nope', 'no group “nope”'],
    ['!nope', 'no host or group “nope”'],
    ['web-[50:60]', 'no host is among “web-[50:60]”'],
    ['web-01,db-1', 'no host matches “web-01,db-1”'],
  ])('%s is an error, never an empty success', (selector, message) => {
    expect(() => selectHosts(fleet, [selector])).toThrow(expect.objectContaining({ code: 'USAGE', message }));
  });

  it('is one even when the others select hosts', () => {
    expect(() => selectHosts(fleet, ['web-*', 'nope-*'])).toThrow('no host matches “nope-*”');
  });

  it('is what excludes everything', () => {
    expect(() => selectHosts(fleet, ['canary', '!web-*'])).toThrow('leaves no host');
  });

  it('comes with what was probably meant', () => {
    expect(() => selectHosts(fleet, ['bastoin'])).toThrow(
      expect.objectContaining({ hint: 'Did you mean “bastion”?' }),
    );
    expect(fault('@canry')?.suggestion).toBe('@canary');
  });

  it('explains that a comma means AND', () => {
    expect(fault('web-01,db-1')?.hint).toContain('A comma means AND');
  });

  it.each([
    ['web-[1', 4, 'never closed'],
    ['env in (a', 7, 'never closed'],
    ['web)', 3, 'closes nothing'],
    ['', 0, 'empty term'],
    ['web-*,,db', 6, 'empty term'],
    ['web-*,!', 6, 'nothing follows'],
    ['a|b', 1, 'unexpected “|”'],
    ['@', 1, 'name is missing'],
    ['role=', 5, 'value is missing'],
    ['role in ()', 9, 'value is missing'],
    ['web-*,n[3:1]', 6, 'backwards'],
    ['web-{1,2}', 4, 'unexpected “{”'],
  ])('“%s” is refused at %d', (selector, offset, message) => {
    expect(fault(selector)).toMatchObject({
      kind: 'syntax',
      offset,
      message: expect.stringContaining(message) as string,
    });
  });

  it('says where, counted from 1', () => {
    expect(() => selectHosts(fleet, ['a|b'])).toThrow('unexpected “|” (at character 2 of “a|b”)');
  });

  it('never makes anything but a MusterError, whatever is typed', () => {
    const piece = fc.constantFrom(
      'web',
      '-',
      '*',
      '?',
      '[',
      ']',
      '1',
      ':',
      ',',
      '!',
      '@',
      '=',
      '(',
      ')',
      ' in ',
      '{',
      '\\',
      '^',
      'é',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const { count, problem } = countSelection(fleet, [pieces.join('')]);
        expect(count > 0).toBe(problem === undefined);
      }),
      { numRuns: propertyRuns(2000) },
    );
  });

  it('counts what matches for showing it live', () => {
    expect(countSelection(fleet, ['web-*'])).toEqual({ count: 12, problem: undefined });
  });
});

describe('a folded host set', () => {
  it('selects the hosts it was made of', () => {
    const everyName = [...fleet.hosts.keys()];
    fc.assert(
      fc.property(fc.subarray(everyName, { minLength: 1 }), (names) => {
        const selected = selectHosts(fleet, splitHostSet(compactHostSet(names)));
        expect(selected.map(({ name }) => name)).toEqual(names);
      }),
    );
  });
});

describe('a fleet of 5,000', () => {
  const names = expandHostPattern('node-[0001:5000]');
  const large = scopeOf(Object.fromEntries(names.map((name) => [name, { role: 'web' }])), { all5: names });

  it('is selected from at once, by one selector or by thousands', async () => {
    const ms = await cpuMs(() => {
      expect(selectHosts(large, ['@all5,node-0*,role=web,!node-0001'])).toHaveLength(998);
      expect(selectHosts(large, names)).toHaveLength(5000);
    });
    expect(ms).toBeLessThan(2000);
  });
});
