import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BenchContext, cliContender, startEngine } from '../context';
import { type Contender, fixed, measure, type Table } from '../measure';
import { timedCommand } from '../timedCommand';

const hosts = 5_000;
/** "Well under a second." */
const limit = fixed('limit, 500 ms', 500);

/** 5,000 hosts: written one by one, as ranges, and imported from an Ansible inventory. */
export async function* inventoryScenarios(context: BenchContext): AsyncGenerator<Table> {
  const file = (name: string) => join(context.directory, name);
  const numbers = Array.from({ length: hosts }, (_, index) => String(index + 1).padStart(4, '0'));
  const groups = `groups:
  canary: { hosts: ["web-[0001:0010]"] }
  production: { select: env=prod }
checks:
  health: { type: http, on: role=web, url: "http://{address}:8080/health" }
  login: { type: ssh }
`;
  const inventories = { each: file('each.yaml'), ranges: file('ranges.yaml'), ansible: file('imports.yaml') };
  const hostsIni = file('hosts.ini');
  await Promise.all([
    writeFile(
      inventories.each,
      `hosts:\n${numbers.map((n) => `  web-${n}: { address: web-${n}.example.com, labels: { role: web, env: prod } }\n`).join('')}${groups}`,
    ),
    writeFile(
      inventories.ranges,
      `hosts:\n  "web-[0001:${hosts}]": { address: "{name}.example.com", labels: { role: web, env: prod } }\n${groups}`,
    ),
    writeFile(inventories.ansible, 'imports: [{ ansible: hosts.ini }]\n'),
    writeFile(
      hostsIni,
      `[web]\n${numbers.map((n) => `web-${n} ansible_host=web-${n}.example.com\n`).join('')}`,
    ),
  ]);

  await using engine = startEngine(context);
  const load = (inventory: string): Contender => ({
    name: 'Muster',
    round: () => engine.ask(`load ${inventory}`),
  });
  const firstLoad = (inventory: string): Contender => ({
    name: 'Muster',
    round: async () => {
      await using fresh = startEngine(context);
      return await fresh.ask(`load ${inventory}`);
    },
  });
  const withinLimit = { peer: limit, metric: 'wall', target: { atMost: 1 } } as const;
  const listed = (stdout: string) => {
    const { _meta } = JSON.parse(stdout) as { _meta: { hostvars: Record<string, unknown> } };
    return Object.keys(_meta.hostvars).length;
  };
  yield await measure({
    title: 'An inventory of 5,000 hosts',
    expected: hosts,
    rounds: context.rounds ?? 7,
    warmUps: 1,
    comparisons: [
      { row: 'load, hosts one by one', muster: load(inventories.each), ...withinLimit },
      {
        row: 'first load of a process, hosts one by one',
        muster: firstLoad(inventories.each),
        ...withinLimit,
      },
      { row: 'load, one range', muster: load(inventories.ranges), ...withinLimit },
      { row: 'load, imported from Ansible', muster: load(inventories.ansible), ...withinLimit },
      {
        row: 'one-shot: `muster hosts --ansible --list`',
        muster: cliContender(
          context,
          ['hosts', '--ansible', '--list', '--inventory', inventories.ansible],
          listed,
        ),
        peer: context.peers.contender(
          'ansible-inventory',
          'ansible-inventory --list',
          (program) => timedCommand(context.directory, [program, '-i', hostsIni, '--list'], listed),
          3,
        ),
        metric: 'wall',
      },
    ],
  });
}
