import { describe, expect, it } from 'vitest';
import { checks } from '../../../../src/features/checks/core/check';
import {
  answeredFragment,
  restrictedFragment,
} from '../../../../src/features/discovery/core/answeredFragment';
import { discoveries } from '../../../../src/features/discovery/core/discovery';
import { FoundHosts } from '../../../../src/features/discovery/core/foundHosts';
import { readRegistration } from '../../../../src/features/discovery/core/registration';
import { MusterError } from '../../../../src/platform/errors/errors';
import { assembleInventory } from '../../../../src/platform/inventory/assembleInventory';
import { readingNames } from '../../../../src/platform/inventory/yaml/documentNames';
import type { Fragment } from '../../../../src/platform/inventory/fragment';
import type { Inventory } from '../../../../src/platform/inventory/model';
import { readingMusterFile } from '../../../../src/platform/inventory/musterFile';
import { selectHosts, unknownAmong } from '../../../../src/platform/inventory/selection/selector';
import { finish } from '../../../../src/platform/inventory/steps';
import { parseYaml } from '../../../../src/platform/inventory/yaml/yamlSource';
import { sections } from '../../../../src/engine/sections';
import { parseInventory } from '../../../harness/inventories';

const file = '/fleet/muster.yaml';
const cluster = 'etcd: { main: { endpoints: [10.0.0.9] } }\n';
const web = 'web: { etcd: main, prefix: /services/web/, labels: { role: web }, ssh: { user: deploy } }';
const text = (rest = '', discover = `{ ${web} }`) => `${cluster}discover: ${discover}\n${rest}`;
const messages = ({ problems }: Inventory) =>
  problems.map(({ severity, message }) => `${severity} ${message}`);

/** What a group's source answers: keys with values, the reason why it does not, or both. */
interface Answer {
  keys?: Record<string, string>;
  error?: MusterError;
}

/** What a text means once its sources have answered so; those that are left out have not. */
function withAnswers(yaml: string, answers: Record<string, Answer>): Inventory {
  const fragment = finish(readingMusterFile(parseYaml(yaml, file), sections));
  const known = assembleInventory([fragment], sections).section(discoveries);
  const found = Object.entries(answers).map(([group, { keys, error }]): Fragment => {
    const discovery = known.get(group)!;
    const hosts = new FoundHosts(discovery);
    for (const [key, value] of Object.entries(keys ?? {}))
      hosts.set(key, key, () => readRegistration(key, Buffer.from(value)));
    return answeredFragment(discovery, {
      ...(keys && { found: hosts.fragment(), answeredAt: 1_000 }),
      ...(error && { error }),
    });
  });
  return assembleInventory([fragment, ...found], sections);
}

const refused = new MusterError('REFUSED', 'connection refused', { hint: 'Start it.' });

describe('The section discover', () => {
  it('says what finds the hosts of a group', () => {
    const inventory = parseInventory(
      `defaults: { ssh: { port: 2222 } }\n${text('', `{ ${web}, db: { srv: _pg._tcp.test, resolver: '10.0.0.53:5353', refresh: 30s } }`)}`,
      file,
    );
    expect(messages(inventory)).toEqual([]);
    expect(inventory.section(discoveries).get('web')).toMatchObject({
      ...{ name: 'web', labels: { role: 'web' }, ssh: { user: 'deploy' }, defaultSsh: { port: 2222 } },
      registry: { kind: 'etcd', cluster: 'main', prefix: '/services/web/' },
    });
    expect(inventory.section(discoveries).get('db')?.registry).toEqual({
      ...{ kind: 'srv', name: '_pg._tcp.test', resolver: '10.0.0.53:5353', refreshMs: 30_000 },
    });
    expect(inventory.groups.get('web')).toMatchObject({
      ...{ hosts: [], unknown: ['web'] },
      origin: { from: 'etcd main /services/web/', state: 'waiting' },
    });
  });

  it.each([
    ['web: {}', /hosts are found by one of/],
    ['web: { etcd: main, prefix: /a/, srv: a.test }', /hosts are found by one of/],
    ['web: { etcd: main }', /“etcd” needs “prefix”/],
    ['web: { etcd: main, prefix: /services/web }', /a prefix ends with a separator/],
    ['web: { etcd: mian, prefix: /a/ }', /no etcd cluster “mian”/],
    ['web: { etcd: main, prefix: /a/, refresh: 5s }', /goes with the other way/],
    ['web: { srv: "a..b" }', /expected a domain name/],
    ['web: { srv: a.test, resolver: "1.2.3.4:99999" }', /a resolver is an address/],
    ['web: { srv: a.test, transport: local }', /unknown key “transport”/],
    ['web: { srv: a.test, ssh: { usr: x } }', /unknown key “usr”/],
    ['all: { srv: a.test }', /“all” is the name of every host/],
  ])('with %s says what is wrong, and loses nothing else', (entry, message) => {
    const inventory = parseInventory(text('', `{ ${entry}, sound: { srv: b.test } }`), file);
    expect(messages(inventory).join('\n')).toMatch(message);
    expect(inventory.section(discoveries).has('sound')).toBe(true);
    expect(inventory.problems.length).toBe(1);
  });

  it('gives a group that an unsound entry names no second problem', () => {
    const inventory = parseInventory(
      text('hosts: { a: }\nchecks: { up: { type: ssh, on: web } }\n', '{ web: {} }'),
      file,
    );
    expect(messages(inventory).length).toBe(1);
  });

  it('names groups, which are found and renamed wherever they are named', () => {
    const names = finish(readingNames(text('groups: { all-web: { children: web } }\n'), sections));
    const found = names.occurrences.filter(({ kind, text: name }) => kind === 'group' && name === 'web');
    expect(found.map(({ isDefinition }) => isDefinition)).toEqual([true, false]);
  });
});

describe('A host that a source found', () => {
  it('is in the group, with the labels and the way to it that the file says', () => {
    const { hosts, groups } = withAnswers(`defaults: { ssh: { port: 2222 }, transport: local }\n${text()}`, {
      web: { keys: { 'web-1': '{"host":"10.0.0.1","port":80,"labels":{"role":"db","zone":"a"}}' } },
    });
    expect(hosts.get('web-1')).toMatchObject({
      ...{ address: '10.0.0.1', labels: { role: 'web', zone: 'a', port: '80' }, groups: ['web'] },
      ...{ ssh: { user: 'deploy', port: 2222 }, foundBy: ['web'] },
    });
    expect(hosts.get('web-1')).not.toHaveProperty('transport');
    expect(groups.get('web')).toMatchObject({
      hosts: ['web-1'],
      origin: { state: 'current', answeredAt: 1_000 },
    });
    expect(groups.get('web')).not.toHaveProperty('unknown');
  });

  it('takes the place of nothing that a file declares, sound or not, host or group', () => {
    const inventory = withAnswers(
      text(
        'hosts: { db: { address: 10.0.0.5 }, bad: { address: "a b" } }\ngroups: { core: { hosts: db } }\n',
      ),
      { web: { keys: { db: '6.6.6.6', bad: '6.6.6.6', core: '6.6.6.6', web: '6.6.6.6', ok: '10.0.0.1' } } },
    );
    expect([...inventory.hosts].map(([name, { address }]) => `${name} ${address}`)).toEqual([
      'db 10.0.0.5',
      'ok 10.0.0.1',
    ]);
    expect(inventory.groups.get('web')?.hosts).toEqual(['ok']);
    expect(messages(inventory)).toContain(
      'warning “web”: left out bad,core,db,web: files have hosts or groups of that name',
    );
  });

  it('is shared by sources that find it at one address; where their labels differ, neither is believed', () => {
    const inventory = withAnswers(
      text('', `{ ${web}, db: { etcd: main, prefix: /services/db/, ssh: { user: deploy } } }`),
      {
        web: { keys: { a: '{"host":"10.0.0.1","port":80,"labels":{"zone":"x"}}' } },
        db: { keys: { a: '10.0.0.1:5432' } },
      },
    );
    expect(inventory.hosts.get('a')).toMatchObject({ groups: ['web', 'db'] });
    expect(inventory.hosts.get('a')?.labels).toEqual({ role: 'web', zone: 'x' });
    expect(messages(inventory)).toEqual([
      'warning “db”: another source gives a other labels, and those that differ are left out',
    ]);
  });

  it('keeps the labels that the file says for any of its groups, whatever is registered for another', () => {
    const yaml = text(
      '',
      '{ apps: { etcd: main, prefix: /a/ }, db: { etcd: main, prefix: /d/, labels: { role: db } } }',
    );
    const { hosts } = withAnswers(yaml, {
      apps: { keys: { 'db-1': '{"host":"10.0.0.1","labels":{"role":"x"}}' } },
      db: { keys: { 'db-1': '10.0.0.1' } },
    });
    expect(hosts.get('db-1')).toMatchObject({ labels: { role: 'db' }, groups: ['apps', 'db'] });
  });

  it.each([
    ['addresses', '{ etcd: main, prefix: /d/, ssh: { user: deploy }, labels: { role: web } }', '10.0.0.9'],
    ['SSH settings', '{ etcd: main, prefix: /d/, ssh: { user: dba }, labels: { role: web } }', '10.0.0.1'],
    [
      'written labels',
      '{ etcd: main, prefix: /d/, ssh: { user: deploy }, labels: { role: db } }',
      '10.0.0.1',
    ],
  ])('means nothing where two entries differ in their %s, and both groups are unknown', (_, db, address) => {
    const inventory = withAnswers(text('hosts: { c: }\n', `{ ${web}, db: ${db} }`), {
      web: { keys: { a: '10.0.0.1', b: '10.0.0.2' } },
      db: { keys: { a: address } },
    });
    expect([...inventory.hosts.keys()]).toEqual(['c', 'b']);
    for (const selector of ['@db', '@web', 'web'])
      expect(() => selectHosts(inventory, [selector])).toThrow('“web” and “db” do not agree on a');
    expect(unknownAmong(inventory, ['all']).toSorted()).toEqual(['db', 'web']);
    expect(() => selectHosts(inventory, ['a'])).toThrow();
    expect(messages(inventory)).toEqual([
      'warning “web” and “db” do not agree on a: it is left out, and so the hosts of both are unknown',
    ]);
  });

  it('leads to no other host', () => {
    const yaml = `hosts: { x: { ssh: { proxyJump: gate } } }
etcd: { main: { endpoints: [10.0.0.9] }, far: { endpoints: [10.0.0.8], through: gate } }
discover: { web: { etcd: main, prefix: /a/, ssh: { proxyJump: gate } } }
`;
    const inventory = withAnswers(yaml, { web: { keys: { gate: '6.6.6.6' } } });
    expect(messages(inventory)).toEqual(['error no host “gate”']);
  });

  it('makes no error of a file, whatever it lacks', () => {
    const inventory = withAnswers(
      text('checks: { up: { type: http, on: web, url: "http://{address}:{label.port}/" } }\n'),
      { web: { keys: { a: '10.0.0.1', b: '10.0.0.2:80' } } },
    );
    expect(messages(inventory)).toEqual([]);
    // It stays in the check, which says that it has no port: what is registered takes no host out of it.
    expect(inventory.section(checks).get('up')?.hosts).toEqual(['a', 'b']);
  });

  it('leaves a group that was answered with nothing empty, and that is said', () => {
    expect(messages(withAnswers(text('hosts: { c: }\n'), { web: { keys: {} } }))).toEqual([
      'warning group “web” has no hosts: etcd main /services/web/ has none',
    ]);
  });

  it('may be gone: what names it selects nothing', () => {
    const inventory = withAnswers(text('hosts: { c: }\ngroups: { canary: { hosts: [web-1, c] } }\n'), {
      web: { keys: {} },
    });
    expect(messages(inventory).toSorted()).toEqual([
      'warning group “web” has no hosts: etcd main /services/web/ has none',
      'warning no host matches “web-1”: this selects nothing',
    ]);
    expect(inventory.groups.get('canary')?.hosts).toEqual(['c']);
  });

  it('is read-only through a group of its name in a file', () => {
    const { hosts } = withAnswers(text('groups: { web: { readOnly: true } }\n'), {
      web: { keys: { a: '10.0.0.1' } },
    });
    expect(hosts.get('a')?.readOnly?.group).toBe('web');
  });

  it('loses nothing by others that cannot be read, which are named up to a number', () => {
    const bad = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`bad-${index}`, '-x']));
    const inventory = withAnswers(text(), { web: { keys: { ...bad, good: '10.0.0.1' } } });
    expect([...inventory.hosts.keys()]).toEqual(['good']);
    expect(messages(inventory)[0]).toMatch(/^warning “web”: bad-0: “-x” is neither a host name/);
    expect(messages(inventory).at(-1)).toBe('warning “web”: … and 980 more problems');
    expect(inventory.problems.length).toBe(21);
  });
});

describe('A group whose source does not answer', () => {
  const rest = `hosts: { a: { labels: { role: db } }, b: }
groups:
  ab: { hosts: [a, b] }
  front: { select: role=web }
  both: { children: [ab, web] }
  canary: { hosts: web-1 }
checks: { up: { type: ssh, on: web } }
`;
  const inventory = withAnswers(text(rest), { web: { error: refused } });
  const reason =
    'the hosts of “web” are unknown: etcd main /services/web/ does not answer: connection refused';

  it('is unknown, which is a problem and not the same as empty', () => {
    expect(inventory.groups.get('web')).toMatchObject({
      origin: { state: 'unknown', reason: 'connection refused' },
      unknown: ['web'],
    });
    expect(messages(inventory)).toEqual([
      'warning “web”: etcd main /services/web/ does not answer, and its hosts are unknown: connection refused. Start it.',
    ]);
  });

  it.each(['web', '@web', '!web', 'a,!@web', '@front', 'both', '@canary', '@w*'])(
    'makes the selector %s an error that says why',
    (selector) => {
      expect(() => selectHosts(inventory, [selector])).toThrow(
        expect.objectContaining({ code: 'INVENTORY', message: reason }),
      );
    },
  );

  it.each([
    ['a', false],
    ['@ab', false],
    ['ab,role=db', false],
    ['role=db', true],
    ['a*', true],
    ['all', true],
    ['!a', true],
  ])('leaves %s its hosts, and says whether there may be more', (selector, more) => {
    expect(selectHosts(inventory, [selector]).length).toBeGreaterThan(0);
    expect(unknownAmong(inventory, [selector])).toEqual(more ? ['web'] : []);
  });

  it('explains a name that may be one of its hosts', () => {
    expect(() => selectHosts(inventory, ['web-1'])).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: `It may be there all the same: ${reason}.` }),
    );
  });

  it('keeps its last good answer, marked stale, and can be selected', () => {
    const stale = withAnswers(text(rest), { web: { keys: { 'web-1': '10.0.0.1' }, error: refused } });
    expect(stale.groups.get('web')?.origin).toMatchObject({
      ...{ state: 'stale', answeredAt: 1_000, reason: 'connection refused' },
    });
    expect(selectHosts(stale, ['@web', '@canary']).map(({ name }) => name)).toEqual(['web-1']);
    expect(messages(stale)).toEqual([
      'warning “web”: etcd main /services/web/ does not answer, and its hosts are those of its last answer: connection refused. Start it.',
    ]);
  });

  it('is not asked in Restricted Mode, which is said where it is selected', () => {
    const fragment = finish(readingMusterFile(parseYaml(text(rest), file), sections));
    const discovery = assembleInventory([fragment], sections).section(discoveries).get('web')!;
    const restricted = assembleInventory([fragment, restrictedFragment(discovery)], sections);
    expect(messages(restricted)).toEqual([]);
    expect(() => selectHosts(restricted, ['web'])).toThrow(/is not asked in Restricted Mode/);
  });
});
