import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../../harness/inventories';
import type { Inventory } from '../../../../src/platform/inventory/model';
import { sections } from '../../../../src/engine/sections';
import { topKeys } from '../../../../src/platform/inventory/schema/schema';
import { checks } from '../../../../src/features/checks/core/check';

const example = `
defaults:
  ssh: { user: ops, port: 22, identityFile: ~/.ssh/id_ed25519, proxyJump: bastion, connectTimeout: 5s, knownHosts: ~/.ssh/known_hosts }
  timeout: 800ms
  concurrency: 64
hosts:
  bastion:
  web-[01:20]:
    address: "{name}.prod.example.com"
    labels: { role: web, env: prod }
  db-1: { address: 10.0.0.5, ssh: { port: 2222, user: root, proxyJump: none }, labels: { role: db, env: prod } }
groups:
  canary: { hosts: [web-01, "web-1?"] }
  web: { select: "role=web,env!=dev" }
  rest: { select: ["*", "!@web"] }
  most: { children: [canary, rest], hosts: "web-[02:03]" }
checks:
  health:
    type: http
    on: web
    url: "http://{address}:8080/health"
    method: GET
    timeout: 500ms
    expect: { status: 200, body: "ok", bodyMatches: "ready|ok", json: { "$.status": up }, maxLatency: 300ms }
  login: { type: ssh }
  disk: { type: command, run: "df -P / | awk 'NR==2{print $5+0}'", expect: { exitCode: 0, value: { lt: 90, warn: { lt: 80 } } } }
  port: { type: tcp, port: 5432, on: role=db, expect: { banner: "^220" } }
  cert: { type: tls, port: 443, on: ["db-*", canary], expect: { validFor: 14d } }
`;

const parse = (text: string) => parseInventory(text, '/fleet/muster.yaml');

/** The problems as an editor lists them. */
const problemsOf = (inventory: Inventory) =>
  inventory.problems.map(
    ({ severity, message, suggestion, range }) =>
      `${range.line}:${range.column}-${range.endLine}:${range.endColumn} ${severity} ${message}${suggestion === undefined ? '' : ` → ${suggestion}`}`,
  );
const problems = (text: string) => problemsOf(parse(text));

describe('the example of the documentation', () => {
  const inventory = parse(example);

  it('has no problem', () => {
    expect(problemsOf(inventory)).toEqual([]);
  });

  it('has its hosts in order, ranges expanded, placeholders resolved', () => {
    expect([...inventory.hosts.keys()].slice(0, 3)).toEqual(['bastion', 'web-01', 'web-02']);
    expect(inventory.hosts.size).toBe(22);
    expect(inventory.hosts.get('web-07')).toEqual({
      name: 'web-07',
      address: 'web-07.prod.example.com',
      labels: { role: 'web', env: 'prod' },
      groups: ['web'],
      ssh: {
        user: 'ops',
        port: 22,
        identityFile: ['~/.ssh/id_ed25519'],
        proxyJump: ['bastion'],
        connectTimeoutMs: 5000,
        knownHosts: ['~/.ssh/known_hosts'],
      },
      variables: {},
      source: { file: '/fleet/muster.yaml', line: 8, column: 3, endLine: 8, endColumn: 14 },
    });
  });

  it('lets a host override the defaults, and `none` clear the jump', () => {
    expect(inventory.hosts.get('db-1')?.ssh).toMatchObject({ user: 'root', port: 2222, proxyJump: [] });
  });

  it('does not make the bastion jump through itself', () => {
    expect(inventory.hosts.get('bastion')?.ssh.proxyJump).toEqual([]);
  });

  it('has its groups by names, globs, selectors and other groups', () => {
    const sizes = [...inventory.groups].map(([name, { hosts }]) => `${name} ${hosts.length}`);
    expect(sizes).toEqual(['canary 11', 'web 20', 'rest 2', 'most 15']);
    expect(inventory.hosts.get('web-01')?.groups).toEqual(['canary', 'web', 'most']);
  });

  it('has its checks with their hosts, time limits and settings', () => {
    const found = [...inventory.section(checks).values()].map((check) => [
      check.name,
      check.hosts.length,
      check.timeoutMs,
    ]);
    expect(found).toEqual([
      ['health', 20, 500],
      ['login', 22, 800],
      ['disk', 22, 800],
      ['port', 1, 800],
      ['cert', 12, 800],
    ]);
    expect(inventory.section(checks).get('disk')?.settings).toMatchObject({
      expect: { value: { lt: 90, warn: { lt: 80 } } },
    });
  });

  it('has the defaults for what belongs to no host', () => {
    expect(inventory.concurrency).toBe(64);
    expect(inventory.defaultSsh).toMatchObject({ user: 'ops', connectTimeoutMs: 5000 });
    expect(inventory.files).toEqual(['/fleet/muster.yaml']);
  });
});

describe('a sound inventory', () => {
  it('falls back to 50 targets in flight and 800 ms', () => {
    const inventory = parse('hosts: { a: }\nchecks: { login: { type: ssh } }');
    expect(problemsOf(inventory)).toEqual([]);
    expect(inventory.concurrency).toBe(50);
    expect(inventory.section(checks).get('login')?.timeoutMs).toBe(800);
    expect(inventory.hosts.get('a')?.address).toBe('a');
  });

  it('keeps labels as they are written', () => {
    const { hosts } = parse('hosts: { a: { labels: { rack: 01, version: 1.10, on: true, "8": x } } }');
    expect(hosts.get('a')?.labels).toEqual({ rack: '01', version: '1.10', on: 'true', '8': 'x' });
  });

  it('takes anchors, aliases and merges', () => {
    const inventory = parse(
      'x-base: &base { labels: { role: web } }\nhosts:\n  a: *base\n  b: { <<: *base, address: b.example }\n',
    );
    expect(problemsOf(inventory)).toEqual([]);
    expect(inventory.hosts.get('b')).toMatchObject({ address: 'b.example', labels: { role: 'web' } });
    expect(inventory.hosts.get('a')?.labels).toEqual({ role: 'web' });
  });

  it('keeps keys that are special in JavaScript as data', () => {
    const inventory = parse('hosts: { constructor: { labels: { __proto__: x } } }');
    expect(problemsOf(inventory)).toEqual([]);
    expect(Object.entries(inventory.hosts.get('constructor')!.labels)).toEqual([['__proto__', 'x']]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('may begin with a byte order mark and have Windows line ends', () => {
    expect(problems('\uFEFFhosts:\r\n  a: {}\r\n  b: { adress: x }\r\n')).toEqual([
      '3:8-3:14 error unknown key “adress” → address',
    ]);
  });

  it('has a jump chain end before a host that is part of it', () => {
    const { hosts } = parse(
      'defaults: { ssh: { proxyJump: "outer, inner" } }\nhosts: { outer: , inner: , web: }',
    );
    expect([...hosts.values()].map(({ ssh }) => ssh.proxyJump)).toEqual([[], ['outer'], ['outer', 'inner']]);
  });

  it('has one way to reach a host: its own proxyCommand replaces the default jump', () => {
    const { hosts } = parse(
      'defaults: { ssh: { proxyJump: b } }\nhosts: { b: , web: { ssh: { proxyCommand: "nc %h %p" } } }',
    );
    expect(hosts.get('web')?.ssh).toEqual({ proxyCommand: 'nc %h %p' });
  });

  it('resolves relative key files from its own folder', () => {
    const { hosts } = parse('hosts: { a: { ssh: { identityFile: [keys/a, ~/.ssh/b], knownHosts: known } } }');
    expect(hosts.get('a')?.ssh).toEqual({
      identityFile: ['/fleet/keys/a', '~/.ssh/b'],
      knownHosts: ['/fleet/known'],
    });
  });
});

describe('each fault is reported at its place', () => {
  it.each<[string, string, string[]]>([
    ['an unknown section', 'hots: {}\nhosts: { a: }', ['1:1-1:5 error unknown key “hots” → hosts']],
    ['an unknown key', 'hosts:\n  a: { adress: x }', ['2:8-2:14 error unknown key “adress” → address']],
    [
      'an unknown key inside',
      'hosts:\n  a: { ssh: { prot: 22 } }',
      ['2:15-2:19 error unknown key “prot” → port'],
    ],
    ['a wrong type', 'hosts:\n  a: { address: [x] }', ['2:17-2:20 error expected text, found a list']],
    ['a host that is no mapping', 'hosts:\n  a: 10.0.0.1', ['2:6-2:14 error expected a mapping, found text']],
    ['a section of the wrong kind', 'hosts: [a]', ['1:8-1:11 error “hosts” holds a mapping']],
    [
      'a bad port',
      'hosts: { a: { ssh: { port: 70000 } } }',
      ['1:28-1:33 error a port is a number from 1 to 65535'],
    ],
    [
      'a bad duration',
      'defaults: { timeout: 5 }\nhosts: { a: }',
      ['1:22-1:23 error “5” has no unit: write 5ms or 5s'],
    ],
    [
      'a time limit that no timer holds',
      'hosts: { a: }\nchecks: { c: { type: ssh, timeout: 30d } }',
      ['2:36-2:39 error a duration here is more than 0 and at most 1d'],
    ],
    [
      'no hosts, which must not mean all',
      'hosts: { a: }\nchecks: { c: { type: ssh, on: [] } }\nlogs: { l: { command: x, on: [] } }',
      ['2:31-2:33 error must not be empty', '3:30-3:32 error must not be empty'],
    ],
    [
      'packets that take longer than their check has',
      'hosts: { a: }\nchecks: { c: { type: icmp, count: 5 } }',
      [
        '2:11-2:12 error 5 packets take 800 ms, and the check has less: give it a longer timeout, or a smaller count',
      ],
    ],
    [
      'a letter of another encoding',
      'hosts:\n  a: { labels: { town: M\uFFFDnchen } }',
      ['2:25-2:26 error the file is not UTF-8 from here on: save it as UTF-8'],
    ],
    [
      'a file of another encoding',
      '\uFFFD\uFFFDh\0o\0s\0t\0s\0:\0',
      ['1:1-1:2 error the file is UTF-16: save it as UTF-8'],
    ],
    [
      'a duplicate host',
      'hosts:\n  a: {}\n  a: {}',
      ['3:3-3:4 error duplicate host “a”: the first is in line 2'],
    ],
    [
      'a duplicate host after expansion',
      'hosts:\n  web-[1:3]:\n  web-2:',
      ['3:3-3:8 error duplicate host “web-2”: the first is in line 2'],
    ],
    [
      'a duplicate key',
      'hosts: { a: { address: x, address: y } }',
      ['1:27-1:34 error duplicate key “address”: the first is in line 1'],
    ],
    [
      'a duplicate check',
      'hosts: { a: }\nchecks:\n  c: { type: ssh }\n  c: { type: ssh }',
      ['4:3-4:4 error duplicate check “c”: the first is in line 3'],
    ],
    [
      'a name that selectors could not tell apart',
      'hosts:\n  "a b":\n  c:',
      [
        '2:3-2:8 error “a b” is not a name: use letters, digits, “.”, “_”, “-” and “:”, and do not begin with “-”',
      ],
    ],
    [
      'a check whose name would act on a terminal',
      'hosts: { a: }\nchecks: { "d\\e]52;c;x\\a": { type: ssh } }',
      ['2:11-2:25 error “d” is not a name: it is empty, too long, or has characters that cannot be seen'],
    ],
    [
      'a reserved name',
      'hosts: { all: , c: }',
      ['1:10-1:13 error “all” is the name of every host: choose another'],
    ],
    [
      'a glob as a name',
      'hosts: { "web-*": }',
      ['1:10-1:17 error “web-*” is a glob: hosts are named, or listed by a range such as web-[01:20]'],
    ],
    ['a backward range', 'hosts: { "x[3:1]": }', ['1:10-1:18 error bad range [3:1]: it runs backwards']],
    [
      'a range without bound',
      'hosts: { "x[1:9999999]": }',
      ['1:10-1:24 error “1:9999999” stands for more than 100,000 names'],
    ],
    [
      'an invalid address',
      'hosts: { a: { address: "a b" } }',
      ['1:24-1:29 error “a b” is neither a host name nor an IP address'],
    ],
    [
      'an address with a port',
      'hosts: { a: { address: "10.0.0.1:22" } }',
      ['1:24-1:37 error “10.0.0.1:22” has a port: put it under ssh.port or into the check'],
    ],
    [
      'a URL as address',
      'hosts: { a: { address: "http://x" } }',
      ['1:24-1:34 error “http://x” is a URL: give the host name or IP address alone → x'],
    ],
    [
      'an address that a resolver reads as another text',
      'hosts: { a: { address: １27。0.0.1 } }',
      [
        '1:24-1:33 error “１27。0.0.1” has characters beyond ASCII, which are not connected to: write 127.0.0.1 → 127.0.0.1',
      ],
    ],
    [
      'an international name as address',
      'hosts: { a: { address: bücher.example } }',
      [
        '1:24-1:38 error “bücher.example” has characters beyond ASCII, which are not connected to: write xn--bcher-kva.example → xn--bcher-kva.example',
      ],
    ],
    [
      'an unknown placeholder in an address',
      'hosts: { a: { address: "{nme}.x" } }',
      ['1:24-1:33 error unknown placeholder {nme}: an address may hold {name} and {label.X}'],
    ],
    [
      'a label that the host does not have',
      'hosts: { a: { address: "{label.x}" } }',
      ['1:24-1:35 error {label.x}: host a has no such label'],
    ],
    [
      'a host that jumps through itself',
      'hosts: { a: { ssh: { proxyJump: a } } }',
      ['1:10-1:11 error host a jumps through itself'],
    ],
    [
      'an unknown host in a group',
      'hosts: { web-1: }\ngroups: { g: { hosts: [web-1, wbe-1] } }',
      ['2:31-2:36 error no host or group “wbe-1” → web-1'],
    ],
    [
      'an unknown group in a group',
      'hosts: { a: }\ngroups: { front: { hosts: a }, g: { children: [fornt] } }',
      ['2:48-2:53 error no group “fornt” → front'],
    ],
    [
      'a bad selector, at the character',
      'hosts: { a: }\ngroups:\n  g: { select: "a,(b" }',
      ['3:19-3:21 error “(” is never closed'],
    ],
    [
      'an unknown group in a selector, at the term',
      'hosts: { a: }\ngroups: { front: { hosts: a } }\nchecks: { c: { type: ssh, on: "a,@frnt" } }',
      ['3:34-3:39 error no group “frnt” → @front'],
    ],
    [
      'cyclic groups',
      'hosts: { a: }\ngroups:\n  g: { children: [h] }\n  h: { children: [g] }',
      ['4:19-4:20 error cyclic groups: g → h → g'],
    ],
    [
      'hosts that jump through each other, once',
      'hosts:\n  a: { ssh: { proxyJump: b } }\n  b: { ssh: { proxyJump: "c,x" } }\n  c: { ssh: { proxyJump: b } }\n  x: {}',
      ['3:3-3:4 error cyclic proxyJump: b → c → b'],
    ],
    [
      'groups that select one another',
      'hosts: { a: }\ngroups:\n  g: { select: "@h" }\n  h: { select: "@g" }',
      ['4:16-4:20 error cyclic groups: g → h → g'],
    ],
    [
      'a group that selects nothing',
      'hosts: { a: }\ngroups: { g: { select: role=x } }',
      ['2:24-2:30 warning no host matches “role=x”: this selects nothing'],
    ],
    [
      'a group without members',
      'hosts: { a: }\ngroups: { g: }',
      ['2:11-2:12 warning group “g” has no hosts'],
    ],
    [
      'a check that selects nothing',
      'hosts: { a: }\nchecks: { c: { type: ssh, on: role=x } }',
      ['2:31-2:37 warning no host matches “role=x”: this selects nothing'],
    ],
    [
      'a check without a type',
      'hosts: { a: }\nchecks: { c: { port: 1 } }',
      ['2:11-2:12 error a check needs a type: http, tcp, tls, dns, icmp, ssh, command, etcd, metric'],
    ],
    [
      'a misspelt type key',
      'hosts: { a: }\nchecks: { c: { typ: ssh } }',
      ['2:16-2:19 error unknown key “typ” → type'],
    ],
    [
      'an unknown type',
      'hosts: { a: }\nchecks: { c: { type: htp } }',
      ['2:22-2:25 error unknown type “htp”: http, tcp, tls, dns, icmp, ssh, command, etcd, metric → http'],
    ],
    [
      'an unknown key of a check',
      'hosts: { a: }\nchecks: { c: { type: tcp, port: 1, exect: {} } }',
      ['2:36-2:41 error unknown key “exect” → expect'],
    ],
    [
      'a missing key of a check',
      'hosts: { a: }\nchecks: { c: { type: tcp } }',
      ['2:11-2:12 error missing key “port”'],
    ],
    [
      'a bad threshold',
      'hosts: { a: }\nchecks: { c: { type: command, run: x, expect: { value: { lt: high } } } }',
      ['2:62-2:66 error expected a number, found text'],
    ],
    [
      'an unknown placeholder in a check, at the word',
      'hosts: { a: }\nchecks: { c: { type: http, url: "http://{adress}/" } }',
      [
        '2:41-2:49 error unknown placeholder {adress}: there are {name}, {address}, {port} and {label.X}; {{adress}} is the plain text {adress} → {address}',
      ],
    ],
    [
      'a label that a host of the check does not have',
      'hosts: { a: { labels: { zone: x } }, b: { labels: { zoen: x } }, c: }\nchecks: { c: { type: http, url: "http://{label.zone}/" } }',
      ['2:41-2:53 error check “c” needs {label.zone}, which b,c have not → {label.zoen}'],
    ],
    [
      'a bad import',
      'hosts: { a: }\nimports: [{ ansibel: x }, { ansible: x, muster: y }]',
      [
        '2:11-2:25 error an import names one file: sshConfig, ansible or muster',
        '2:13-2:20 error unknown key “ansibel” → ansible',
        '2:27-2:52 error an import names one file: sshConfig, ansible or muster',
      ],
    ],
    [
      'a tab',
      'hosts:\n  a:\n\tb:\n',
      ['3:1-3:2 error tabs are not allowed as indentation', '3:2-3:3 error unknown key “b”'],
    ],
    [
      'a second document',
      'hosts: { a: }\n---\nhosts: { b: }\n',
      ['3:1-3:1 error only one YAML document may be in the file'],
    ],
    [
      'a key that is no text',
      'hosts:\n  ? [x]\n  : {}\n  b:\n',
      ['2:5-2:8 error the name of a host must be text'],
    ],
    [
      'an alias of nothing',
      'hosts:\n  a: *nobody\n',
      ['2:6-2:13 error no anchor of this name before the alias'],
    ],
    [
      'a document that is no mapping',
      '- a\n- b\n',
      [`1:1-3:1 error expected a mapping with the keys ${topKeys(sections).join(', ')}`],
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it.each(['', '# nothing\n', '---\n', 'hosts:\n', 'hosts: {}\n'])('an empty inventory: %j', (text) => {
    expect(problems(text)).toEqual([
      '1:1-1:1 error the inventory has no hosts: add some under “hosts” or “imports”',
    ]);
  });
});

describe('what is sound', () => {
  it('stays when other entries are not', () => {
    const inventory = parse(`
hosts:
  good: { labels: { role: web } }
  bad: { adress: x }
groups:
  mixed: { hosts: [good, bad, nope] }
checks:
  sound: { type: ssh, on: role=web }
  broken: { type: ssh, on: "@nope" }
  worse: { type: nope }
`);
    expect([...inventory.hosts.keys()]).toEqual(['good']);
    expect(inventory.groups.get('mixed')?.hosts).toEqual(['good']);
    expect([...inventory.section(checks).keys()]).toEqual(['sound']);
    expect(problemsOf(inventory).map((problem) => problem.split(' ')[0])).toEqual([
      '4:10-4:16',
      '6:31-6:35',
      '9:29-9:34',
      '10:18-10:22',
    ]);
  });

  it('leaves out of a check only the hosts that lack its label', () => {
    const { section } = parse(
      'hosts: { a: { labels: { zone: x } }, b: }\nchecks: { c: { type: http, url: "http://{label.zone}/" } }',
    );
    expect(section(checks).get('c')?.hosts).toEqual(['a']);
  });

  it('of several selectors of a check remains', () => {
    const { section } = parse('hosts: { a: }\nchecks: { c: { type: ssh, on: [a, role=x] } }');
    expect(section(checks).get('c')?.hosts).toEqual(['a']);
  });

  it('of the defaults remains', () => {
    const inventory = parse('defaults: { timeout: soon, concurrency: 7 }\nhosts: { a: }');
    expect(inventory.concurrency).toBe(7);
    expect(inventory.problems).toHaveLength(1);
  });

  it('is not hidden by an alias that contains itself, nor by a bomb', () => {
    const bomb = [
      'x-0: &x0 [y, y]',
      ...Array.from({ length: 9 }, (_, i) => `x-${i + 1}: &x${i + 1} [${`*x${i},`.repeat(9)}]`),
    ];
    const inventory = parse(`${bomb.join('\n')}\nhosts: { a: { labels: *x9 }, b: &b { labels: *b }, c: {} }`);
    expect([...inventory.hosts.keys()]).toEqual(['c']);
    expect(inventory.problems.map(({ message }) => message)).toEqual([
      'a: too many values: are there aliases of aliases?',
      'b: nested too deeply, or an alias that contains itself',
    ]);
  });

  it.each(['hosts', 'groups', 'checks', 'imports', 'defaults'])(
    'is not lost to a %s that contains itself',
    (section) => {
      for (const loop of ['&x [*x]', '&x { a: *x }', '&x { ssh: *x, a: { type: *x } }']) {
        const inventory = parse(`${section}: ${loop}\n${section === 'hosts' ? '' : 'hosts: { ok: }'}`);
        expect(inventory.problems).not.toEqual([]);
        expect([...inventory.hosts.keys()]).toEqual(section === 'hosts' ? [] : ['ok']);
      }
    },
  );

  it('is told from nesting without end', () => {
    expect(problems('['.repeat(20_000))).toEqual(['1:1-1:1 error cannot be read as YAML: nested too deeply']);
  });
});

describe('a problem comes with what would mend it', () => {
  const fixes = (text: string) =>
    parseInventory(text, 'muster.yaml').problems.flatMap((problem) => problem.fixes ?? []);

  it.each<[string, string, object[]]>([
    [
      'a group that is missing',
      'hosts: { a: {} }\ngroups: { g: { children: web } }',
      [{ kind: 'create', section: 'groups', name: 'web' }],
    ],
    [
      'a host or group that is missing',
      'hosts: { a: {} }\nchecks: { c: { type: ssh, on: web } }',
      [
        { kind: 'create', section: 'hosts', name: 'web' },
        { kind: 'create', section: 'groups', name: 'web' },
      ],
    ],
    [
      'a port in an address',
      'hosts: { a: { address: "[::1]:2222" } }',
      [{ kind: 'movePort', host: 'a', address: '::1', port: 2222 }],
    ],
    ['no hosts', 'checks: {}', [{ kind: 'import' }]],
  ])('%s', (_, text, expected) => {
    expect(fixes(text)).toEqual(expected);
  });

  it.each([
    ['check', 'checks'],
    ['profiler', 'profilers'],
  ])('a %s without a type', (_, section) => {
    expect(fixes(`hosts: { a: {} }\n${section}: { c: { on: a } }`)).toEqual([
      expect.objectContaining({ kind: 'setType', section, name: 'c' }),
    ]);
  });
});
