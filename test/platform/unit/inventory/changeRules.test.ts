import { describe, expect, it } from 'vitest';
import { finish } from '../../../../src/platform/inventory/steps';
import { parseInventory } from '../../../harness/inventories';
import { readingNames } from '../../../../src/platform/inventory/yaml/documentNames';
import { completionsAt } from '../../../../src/platform/inventory/schema/schemaLookup';
import { changeRules } from '../../../../src/features/etcd/core/rules/changeRule';
import { clusterEntries } from '../../../../src/features/etcd/core/section/clusterEntry';
import { sections } from '../../../../src/engine/sections';

const fleet = (...rules: string[]) => `hosts:
  web-[1:3]: { labels: { role: web } }
  db: {}
  vault: { labels: { role: vault } }
groups:
  locked: { hosts: [vault], readOnly: true }
checks:
  nginx: { type: tcp, port: 80, on: role=web }
  login: { type: ssh }
etcd:
  main:
    endpoints: [127.0.0.1]
    prefix: /config/
    onChange:
${rules.map((rule) => `      ${rule}\n`).join('')}`;
const parse = (text: string) => parseInventory(text, '/fleet/muster.yaml');
const problems = (...rules: string[]) =>
  parse(fleet(...rules)).problems.map(
    ({ severity, message, range, suggestion }) =>
      `${severity} ${range.line}: ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
  );

describe('The rules under onChange', () => {
  it('say what a change of keys means, for which hosts', () => {
    const { section, problems } = parse(
      fleet(
        'reload: { keys: "nginx/**", on: role=web, run: " systemctl reload nginx ", check: [nginx], settle: 500ms }',
        'hosts: { keys: ["hosts/{name}/", "{name}.conf"], run: restart-agent }',
        'look: { keys: "**", notify: false, check: true }',
        'tell: { keys: app.yaml }',
      ),
    );
    expect(problems.map(({ message }) => message)).toEqual([
      '“run” is refused while vault is among the hosts: read-only',
    ]);
    const rules = section(changeRules).get('main')!;
    expect(rules).toMatchObject([
      {
        ...{ name: 'reload', cluster: 'main', keys: ['nginx/**'], on: ['role=web'] },
        ...{ hosts: ['web-1', 'web-2', 'web-3'], run: 'systemctl reload nginx', check: ['nginx'] },
        ...{ settleMs: 500, notify: true, source: { file: '/fleet/muster.yaml', line: 15 } },
      },
      { name: 'hosts', hosts: ['web-1', 'web-2', 'web-3', 'db', 'vault'], check: 'all', settleMs: 2_000 },
      { name: 'look', notify: false, check: 'all', on: [] },
      { name: 'tell', check: 'none', notify: true },
    ]);
    expect(rules[3]).not.toHaveProperty('run');
  });

  it.each([
    ['a: { keys: x, on: role=wbe, run: y }', 'warning 15: no host matches “role=wbe”: this selects nothing'],
    ['a: { keys: x, on: "@wbe" }', 'error 15: no group “wbe”'],
    ['a: { keys: x, run: reload }', 'error 15: say with “on” where to run it, or with {name} in every key'],
    ['a: { keys: x, check: [ngnix] }', 'error 15: no check “ngnix” (nginx)'],
    ['a: { keys: x, chek: true }', 'error 15: unknown key “chek” (check)'],
    ['a: { on: db }', 'error 15: missing key “keys”'],
    ['a: { keys: "" }', 'error 15: must not be empty'],
    ['a: { keys: "{name}/{name}" }', 'error 15: a key names one host: write {name} once'],
    ['a: { keys: "{host}/x" }', 'error 15: braces stand for the name of a host only: {name}'],
    ['a: { keys: x, on: db, run: "a\\nb" }', 'error 15: expected one command line'],
    ['a: { keys: x, settle: 2 }', 'error 15: “2” has no unit: write 2ms or 2s'],
    [
      'a: { keys: /config/nginx/ }',
      'warning 15: keys are written without the cluster’s prefix “/config/” (nginx/)',
    ],
    ['- keys: x', 'error 14: “onChange” holds a mapping: rules by name'],
  ])('such as %s are explained where they stand', (rule, problem) => {
    expect(problems(rule)).toEqual([problem]);
  });

  it('that are unsound take away neither the others nor the cluster', () => {
    const { section } = parse(fleet('bad: { keys: 5 }', 'good: { keys: x }'));
    expect([...section(clusterEntries).keys()]).toEqual(['main']);
    expect(
      section(changeRules)
        .get('main')
        ?.map(({ name }) => name),
    ).toEqual(['good']);
  });

  it('are left out without a second problem where the check that they name is unsound', () => {
    const text = fleet('a: { keys: x, check: [nginx] }').replace(
      /^ {2}nginx: .*$/m,
      '  nginx: { type: tcp }',
    );
    const { section, problems } = parse(text);
    expect(problems.map(({ message }) => message)).toEqual(['missing key “port”']);
    expect([...section(changeRules)]).toEqual([]);
  });

  it('go with a cluster that is unsound', () => {
    const { section } = parse('etcd: { main: { onChange: { a: { keys: x } } } }');
    expect([...section(changeRules)]).toEqual([]);
  });

  it('have their keys, selectors and checks completed', () => {
    const offered = (rule: string) => {
      const text = fleet(rule);
      const at = text.indexOf('|');
      const { items } = completionsAt(text.replace('|', ''), at, { sections, inventory: parse(fleet()) });
      return items.map(({ label }) => label);
    };
    expect(offered('a: { | }')).toEqual(['keys', 'on', 'notify', 'check', 'run', 'settle']);
    expect(offered('a: { keys: x, check: [n|] }')).toEqual(expect.arrayContaining(['nginx']));
    expect(offered('a: { keys: x, on: ro| }')).toEqual(expect.arrayContaining(['role=web']));
  });

  it('name hosts, groups and checks that renaming finds', () => {
    const { occurrences } = finish(
      readingNames(fleet('a: { keys: x, on: "@locked,role=web", check: [nginx], run: y }'), sections),
    );
    const inRule = occurrences.slice(-3).map(({ kind, text }) => [kind, text]);
    expect(inRule).toEqual([
      ['group', 'locked'],
      ['label', 'role'],
      ['check', 'nginx'],
    ]);
  });
});
