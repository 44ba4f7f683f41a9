import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadInventory } from '../../../harness/inventories';
import type { Inventory } from '../../../../src/platform/inventory/model';
import { cpuMs } from '../../../harness/cpuMs';
import { checks } from '../../../../src/features/checks/core/check';
import { sections } from '../../../../src/engine/sections';
import { assembling } from '../../../../src/platform/inventory/assembleInventory';
import { readingMusterFile } from '../../../../src/platform/inventory/musterFile';
import { finish } from '../../../../src/platform/inventory/steps';
import { parseYaml } from '../../../../src/platform/inventory/yaml/yamlSource';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'muster-inventory-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(files: Record<string, string>): Promise<Inventory> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return loadInventory(path.join(folder, 'muster.yaml'));
}

const at = (name: string, line: number, column: number, endColumn: number) => ({
  file: path.join(folder, name),
  line,
  column,
  endLine: line,
  endColumn,
});
const messages = ({ problems }: Inventory) => problems.map(({ message }) => message.replaceAll(folder, ''));
const names = ({ hosts }: Inventory) => [...hosts.keys()];

describe('an inventory file', () => {
  it('that is not there is an INVENTORY error', async () => {
    await expect(load({})).rejects.toMatchObject({
      code: 'INVENTORY',
      message: expect.stringContaining('there is no such file') as string,
    });
  });

  it('that is a folder is an INVENTORY error', async () => {
    await expect(loadInventory(folder)).rejects.toMatchObject({ code: 'INVENTORY' });
  });

  it('is read through the caller’s reader, so that unsaved text counts', async () => {
    const inventory = await loadInventory('/nowhere/muster.yaml', {
      readFile: () => Promise.resolve('hosts: { a: }'),
    });
    expect(names(inventory)).toEqual(['a']);
  });

  it('is not read on once cancelled', async () => {
    await expect(
      loadInventory('/nowhere/muster.yaml', {
        signal: AbortSignal.abort(),
        readFile: () => Promise.resolve(''),
      }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('an import', () => {
  it('that cannot be read is a problem where it is named, and hides nothing', async () => {
    const inventory = await load({
      'muster.yaml': 'hosts: { a: }\nimports:\n  - { ansible: gone.ini }\n  - { sshConfig: config }',
      config: 'Host b\n',
    });
    expect(names(inventory)).toEqual(['a', 'b']);
    expect(inventory.problems).toEqual([
      {
        severity: 'error',
        message: `cannot read ${path.join(folder, 'gone.ini')}: there is no such file`,
        range: at('muster.yaml', 3, 16, 24),
      },
    ]);
    expect(inventory.files).toContain(path.join(folder, 'gone.ini'));
  });

  it('of another muster.yaml adds its hosts with its own defaults, its groups and its checks', async () => {
    const inventory = await load({
      'muster.yaml':
        'defaults: { ssh: { user: root } }\nhosts: { a: }\nimports: [{ muster: team/muster.yaml }]\ngroups: { both: { hosts: [a, b] } }',
      'team/muster.yaml':
        'defaults: { ssh: { user: ops, identityFile: key }, timeout: 2s }\nhosts: { b: }\ngroups: { theirs: { hosts: b } }\nchecks: { login: { type: ssh, on: theirs } }',
    });
    expect(messages(inventory)).toEqual([]);
    expect(inventory.hosts.get('a')?.ssh).toEqual({ user: 'root' });
    expect(inventory.hosts.get('b')?.ssh).toEqual({
      user: 'ops',
      identityFile: [path.join(folder, 'team/key')],
    });
    expect(inventory.hosts.get('b')?.groups).toEqual(['both', 'theirs']);
    expect(inventory.section(checks).get('login')).toMatchObject({ timeoutMs: 2000, hosts: ['b'] });
    expect(inventory.hosts.get('b')?.source).toEqual(at('team/muster.yaml', 2, 10, 11));
  });

  it('that leads back to itself is a cyclic import', async () => {
    const inventory = await load({
      'muster.yaml': 'hosts: { a: }\nimports: [{ muster: b.yaml }]',
      'b.yaml': 'hosts: { b: }\nimports: [{ muster: ./muster.yaml }]',
    });
    expect(names(inventory)).toEqual(['a', 'b']);
    expect(inventory.problems).toEqual([
      {
        severity: 'error',
        message: 'cyclic imports: muster.yaml → b.yaml → muster.yaml',
        range: at('b.yaml', 2, 21, 34),
      },
    ]);
  });

  it('that is named twice counts once', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ sshConfig: c }, { sshConfig: ./c }]',
      c: 'Host b\n',
    });
    expect(messages(inventory)).toEqual([]);
    expect(names(inventory)).toEqual(['b']);
  });

  it('with a host that is there already is a duplicate, at its place in the import', async () => {
    const inventory = await load({
      'muster.yaml': 'hosts: { web-1: }\nimports: [{ ansible: hosts.ini }]',
      'hosts.ini': '[web]\nweb-1\nweb-2\n',
    });
    expect(names(inventory)).toEqual(['web-1', 'web-2']);
    expect(messages(inventory)).toEqual(['duplicate host “web-1”: the first is in /muster.yaml:1']);
    expect(inventory.problems[0]?.range).toEqual(at('hosts.ini', 2, 1, 6));
  });
});

describe('an imported ssh_config', () => {
  it('makes hosts of literal aliases and leaves the rest to the SSH layer', async () => {
    const inventory = await load({
      'muster.yaml':
        'defaults: { ssh: { user: ops, port: 2022, connectTimeout: 4s, knownHosts: known } }\nimports: [{ sshConfig: config }]',
      config:
        'Host alpha "beta" *.prod !gamma\n  HostName %h.example.net\n  User root\n\nhost = delta\n\tHOSTNAME 10.0.0.9\nHost *\n  HostName never.example\n',
    });
    expect(messages(inventory)).toEqual([]);
    const addresses = [...inventory.hosts.values()].map(({ name, address }) => `${name} ${address}`);
    expect(addresses).toEqual(['alpha alpha.example.net', 'beta beta.example.net', 'delta 10.0.0.9']);
    expect(inventory.hosts.get('alpha')).toMatchObject({
      ssh: {
        connectTimeoutMs: 4000,
        knownHosts: [path.join(folder, 'known')],
        configFiles: [path.join(folder, 'config')],
      },
      source: at('config', 1, 6, 11),
    });
    expect(inventory.hosts.get('alpha')?.ssh).not.toHaveProperty('user');
    expect(inventory.hosts.get('beta')?.source).toEqual(at('config', 1, 13, 17));
    expect(inventory.hosts.get('delta')?.source).toEqual(at('config', 5, 8, 13));
  });

  it('follows Include with globs, and says where it goes in circles', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ sshConfig: config }]',
      config: `Include "${folder}/conf.d/*.conf" ${folder}/absent\nHost own\n`,
      'conf.d/a.conf': 'Host one\n  HostName 10.0.0.1\n',
      'conf.d/b.conf': `Host two\n\nInclude ${folder}/config\n`,
      'conf.d/ignored': 'Host three\n',
    });
    expect(names(inventory)).toEqual(['one', 'two', 'own']);
    expect(messages(inventory)).toEqual(['cyclic Include: config → b.conf → config']);
    expect(inventory.problems[0]?.range).toMatchObject({
      file: path.join(folder, 'conf.d/b.conf'),
      line: 3,
      column: 9,
    });
    expect(inventory.files).toContain(path.join(folder, 'conf.d/a.conf'));
    expect(inventory.hosts.get('one')).toMatchObject({
      address: '10.0.0.1',
      ssh: { configFiles: [path.join(folder, 'config')] },
    });
  });

  it('takes a HostName inside an Include only where the blocks around it match', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ sshConfig: config }]',
      config: `Host inner-*\n  Include ${folder}/names\nHost inner-a other\n`,
      names: 'HostName 10.1.1.1\n',
    });
    expect(inventory.hosts.get('inner-a')?.address).toBe('10.1.1.1');
    expect(inventory.hosts.get('other')?.address).toBe('other');
  });

  it('never executes Match exec', async () => {
    const trap = path.join(folder, 'trap');
    const inventory = await load({
      'muster.yaml': 'imports: [{ sshConfig: config }]',
      config: `Match exec "touch ${trap}"\n  HostName trapped\nHost a\n`,
    });
    expect(inventory.hosts.get('a')?.address).toBe('a');
    expect(existsSync(trap)).toBe(false);
  });

  it('is read by the reader of connections: classes, quotes, # and Match', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ sshConfig: config }]',
      config: `Include "${folder}/a[12].conf"\nHost 'x#1'\nHost y # z\n HostName h#1\nMatch !final originalhost g1\n Port 7\n`,
      'a1.conf': 'Host g1\n HostName 10.0.0.1\n',
      'a2.conf': 'Match host g2\n HostName 10.0.0.2\nHost g2\n HostName 10.0.0.3\n',
      'a3.conf': 'Host g3\n',
    });
    const addresses = [...inventory.hosts.values()].map(({ name, address }) => `${name} ${address}`);
    expect(addresses).toEqual(['g1 10.0.0.1', 'g2 10.0.0.2']);
    expect(inventory.problems.map(({ severity, range }) => `${severity} ${range.line}`)).toEqual([
      'warning 2',
      'warning 3',
    ]);
  });

  it('loses no more than the line that cannot be understood', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ sshConfig: config }]',
      config:
        'Host a\n Port x\nHost "b\nMatch weather fine\n HostName c\nHost c++box\nHost d\n HostName 10.0.0.4\n',
    });
    expect(names(inventory)).toEqual(['a', 'd']);
    expect(inventory.problems.map(({ severity, range }) => `${severity} ${range.line}`)).toEqual([
      'warning 2',
      'warning 3',
      'warning 4',
      'warning 6',
    ]);
  });

  it('lists no host that the block around an Include keeps out, and says so', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ sshConfig: config }]',
      config: `Host *.prod\n Include ${folder}/some\n`,
      some: 'Host a.prod b.dev\n Port 7\n',
    });
    expect(names(inventory)).toEqual(['a.prod']);
    expect(messages(inventory)).toEqual(['“b.dev” is left out: a block around it does not hold for it']);
  });

  it('with an alias that cannot be a host says so and keeps the others', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ sshConfig: config }]',
      config: 'Host a,b ok\nHost bad\n  HostName "no host"\n',
    });
    expect(names(inventory)).toEqual(['ok']);
    expect(messages(inventory)).toEqual([
      '“a,b” is not a name: use letters, digits, “.”, “_”, “-” and “:”, and do not begin with “-”',
      '“no host” is neither a host name nor an IP address',
    ]);
  });

  it('is found in the home folder with ~', async () => {
    const read: string[] = [];
    await loadInventory('/x/muster.yaml', {
      readFile: (file) => {
        read.push(file);
        return Promise.resolve(read.length === 1 ? 'imports: [{ sshConfig: ~/.ssh/config }]' : 'Host a\n');
      },
    });
    expect(read[1]).toBe(path.join(homedir(), '.ssh', 'config'));
  });
});

describe('an imported Ansible inventory', () => {
  const ini = `
lone ansible_host=10.9.9.9   # outside of any group
[app]
app-[01:03] ansible_port=2200 colour="light blue"
app-01 tier=1
db:2222
[prod:children]
app
[prod:vars]
ansible_user = deploy
ansible_ssh_private_key_file=keys/deploy
ansible_ssh_common_args='-o ProxyJump=jump@gw:22 -o StrictHostKeyChecking=no -o "UserKnownHostsFile /dev/null"'
ansible_become_password=hunter2
flag=True
`;

  it('in INI has ranges, groups of groups, variables and connection settings', async () => {
    const inventory = await load({ 'muster.yaml': 'imports: [{ ansible: hosts.ini }]', 'hosts.ini': ini });
    expect(messages(inventory)).toEqual([]);
    expect(names(inventory)).toEqual(['lone', 'app-01', 'app-02', 'app-03', 'db']);
    expect([...inventory.groups.values()].map(({ name, hosts }) => [name, hosts.length])).toEqual([
      ['app', 4],
      ['prod', 4],
    ]);
    expect(inventory.hosts.get('app-01')).toEqual({
      name: 'app-01',
      address: 'app-01',
      labels: {},
      groups: ['app', 'prod'],
      ssh: {
        port: 2200,
        user: 'deploy',
        identityFile: [path.join(folder, 'keys/deploy')],
        proxyJump: ['jump@gw:22'],
        knownHosts: ['/dev/null'],
      },
      variables: { colour: 'light blue', tier: 1, flag: true },
      source: at('hosts.ini', 4, 1, 12),
    });
    expect(inventory.hosts.get('db')?.ssh.port).toBe(2222);
    expect(inventory.hosts.get('lone')).toMatchObject({ address: '10.9.9.9', groups: [], ssh: {} });
  });

  it('in YAML means the same', async () => {
    const inventory = await load({
      'muster.yaml': 'defaults: { ssh: { user: ops, proxyJump: b } }\nimports: [{ ansible: inventory.yml }]',
      'inventory.yml': `
all:
  vars: { ansible_port: 22 }
  hosts: { lone: { ansible_host: 10.9.9.9, token: s3cret } }
  children:
    web:
      hosts:
        web-[1:2]: { ansible_user: root }
      vars: { password: !vault "x", ansible_port: 2200, n: { deep: [1] } }
    prod: { children: { web: } }
`,
    });
    expect(messages(inventory)).toEqual([]);
    expect(inventory.hosts.get('web-2')).toMatchObject({
      groups: ['web', 'prod'],
      ssh: { user: 'root', port: 2200, proxyJump: ['b'] },
      variables: { n: { deep: [1] } },
      source: at('inventory.yml', 8, 9, 18),
    });
    expect(inventory.hosts.get('lone')).toMatchObject({
      address: '10.9.9.9',
      ssh: { port: 22 },
      variables: {},
    });
    expect(inventory.groups.get('prod')?.hosts).toEqual(['web-1', 'web-2']);
  });

  it('takes variables from the folders beside it, by Ansible’s precedence', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ ansible: hosts }]',
      hosts:
        '[web]\na who=host-line\nb\n[outer:children]\nweb\n[outer:vars]\nwho=outer\nonly=outer\n[web:vars]\nwho=web\n',
      'group_vars/all.yml': 'who: all-file\nbase: 1',
      'group_vars/web/main.yml': 'who: web-file\nansible_user: webber',
      'group_vars/secret.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162',
      'host_vars/a.yml': 'ansible_host: 10.0.0.1',
    });
    expect(messages(inventory)).toEqual([]);
    expect(inventory.hosts.get('a')).toMatchObject({
      address: '10.0.0.1',
      variables: { who: 'host-line', base: 1 },
    });
    expect(inventory.hosts.get('b')).toMatchObject({
      ssh: { user: 'webber' },
      variables: { who: 'web-file', only: 'outer', base: 1 },
    });
    expect(inventory.files).toContain(path.join(folder, 'group_vars/web/main.yml'));
  });

  it('says at which line it is wrong, and keeps the rest', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ ansible: hosts.ini }]',
      'hosts.ini':
        'ok\nbad[3:1]\nodd port\n[x:nope]\nlost\n[a:children]\nb\n[b:children]\na\n[c]\nt ansible_host={{ ip }}\np ansible_port=http\nq "\n',
    });
    expect(names(inventory)).toEqual(['ok', 'odd']);
    expect(
      inventory.problems.map(({ range, message }) => `${range.line}:${range.column} ${message}`),
    ).toEqual([
      '2:1 bad range [3:1]: it runs backwards',
      '3:1 expected variable=value, found “port”',
      '4:1 a section is [group], [group:children] or [group:vars]',
      '8:1 cyclic groups: a → b → a',
      '11:1 expected variable=value, found “ip”',
      '11:1 expected variable=value, found “}}”',
      '11:1 t: ansible_host is a Jinja template, which only Ansible can evaluate',
      '12:1 p: ansible_port: “http” is not a port',
      expect.stringMatching(/^13:1 cannot be split into words/) as string,
    ]);
  });

  it('in YAML takes a text for the one name, as ansible-inventory does', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ ansible: hosts.yml }]',
      'hosts.yml':
        'all:\n  hosts: h0\n  children:\n    db:\n      hosts: db1\n    web:\n      hosts: {w1: , w2: }\n    r: { hosts: "r[1:2]" }\n    both: { children: db }\n',
    });
    expect(messages(inventory)).toEqual([]);
    expect(names(inventory)).toEqual(['h0', 'db1', 'w1', 'w2', 'r1', 'r2']);
    expect(inventory.groups.get('both')?.hosts).toEqual(['db1']);
  });

  it('in YAML says where a list or a text stands in place of a mapping, and keeps the rest', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ ansible: hosts.yml }]',
      'hosts.yml':
        'a:\n  hosts: [x, y]\nb:\n  children: [a]\nc: text\nd:\n  hosts: { ok: 5 }\n  vars: [1]\ne:\n  hosts: 7\nf:\n  hosts:\n',
    });
    expect(names(inventory)).toEqual(['ok']);
    const places = inventory.problems.map(
      ({ severity, range, message }) => `${severity} ${range.line} ${message}`,
    );
    expect(places).toEqual(
      [
        'error 2 “hosts”',
        'error 4 “children”',
        'warning 5 “c”',
        'error 7 “ok”',
        'error 8 “vars”',
        'error 10 “hosts”',
      ].map((start) => `${start} must be a mapping: what it holds is left out`),
    );
  });

  it('has its templates of plain variables evaluated; a host with another is left out with a warning', async () => {
    const inventory = await load({
      'muster.yaml': 'imports: [{ ansible: hosts.ini }]',
      'hosts.ini':
        '[web]\nw1\n[web:vars]\nansible_host="{{ inventory_hostname }}.{{domain}}"\ndomain={{ top }}.com\ntop=ex\n[db]\nd1\nd2 ansible_user="{{ lookup(\'env\', \'X\') }}"\nd3 ansible_host="{{ ansible_host }}"\nd4 ansible_host="{{ x | lower }}"\nd5 ansible_host="{{ missing }}"\n',
    });
    expect([...inventory.hosts.values()].map(({ name, address }) => `${name} ${address}`)).toEqual([
      'w1 w1.ex.com',
      'd1 d1',
    ]);
    expect(inventory.problems.map(({ severity, range }) => `${severity} ${range.line}`)).toEqual(
      [9, 10, 11, 12].map((line) => `warning ${line}`),
    );
  });

  it('that is no inventory says so', async () => {
    const inventory = await load({
      'muster.yaml': 'hosts: { a: }\nimports: [{ ansible: list.yml }]',
      'list.yml': '- a\n',
    });
    expect(messages(inventory)).toEqual(['expected groups: a mapping such as all: { hosts: … }']);
  });
});

/** Half a second on an idle machine; this only tells linear from quadratic. */
const maxLoadMs = 5_000;

async function loadTimed(files: Record<string, string>) {
  let inventory!: Awaited<ReturnType<typeof load>>;
  const ms = await cpuMs(async () => (inventory = await load(files)));
  return { inventory, ms };
}

describe('5,000 hosts', { timeout: 60_000 }, () => {
  const tail =
    'groups: { web: { select: role=web } }\nchecks: { h: { type: http, url: "http://{address}/" } }\n';
  const single = Array.from(
    { length: 5000 },
    (_, i) => `  host-${i}: { address: 10.0.${i >> 8}.${i & 255}, labels: { role: web, env: prod } }\n`,
  );

  it.each([
    ['as one range', 'hosts:\n  host-[1:5000]: { address: "{name}.example.com", labels: { role: web } }\n'],
    ['as single entries', `hosts:\n${single.join('')}`],
  ])('%s load without a hitch', async (_, hosts) => {
    const { inventory, ms } = await loadTimed({ 'muster.yaml': hosts + tail });
    expect(ms).toBeLessThan(maxLoadMs);
    expect(messages(inventory)).toEqual([]);
    expect(inventory.groups.get('web')?.hosts).toHaveLength(5000);
    expect(inventory.section(checks).get('h')?.hosts).toHaveLength(5000);
  });

  it('are put together in steps, so that others get their turn', () => {
    const source = parseYaml(`hosts:\n${single.join('')}${tail}`, '/fleet/muster.yaml');
    const steps = assembling([finish(readingMusterFile(source, sections))], sections);
    let count = 0;
    while (!steps.next().done) count++;
    expect(count).toBeGreaterThan(5000);
  });

  it('as aliases of an ssh_config load too', async () => {
    const config = Array.from(
      { length: 5000 },
      (_, i) => `Host h${i}\n  HostName 10.0.${i >> 8}.${i & 255}\n`,
    ).join('');
    const { inventory, ms } = await loadTimed({ 'muster.yaml': 'imports: [{ sshConfig: config }]', config });
    expect(ms).toBeLessThan(maxLoadMs);
    expect(inventory.hosts.get('h4999')?.address).toBe('10.0.19.135');
  });
});
