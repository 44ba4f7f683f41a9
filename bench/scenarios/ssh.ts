import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcessGroup } from '../../test/harness/processGroup';
import { type BenchContext, cliContender, goContender, startEngine, startGoPeer } from '../context';
import { freePort } from '../../test/harness/ports';
import { loopbackAddresses } from '../fixtures/loopbackAddresses';
import { prepareFleet, type SshFleet, startSshd } from '../fixtures/sshFleet';
import { compiledAfter, type Contender, measure, type Peer, type Table } from '../measure';
import { timedCommand } from '../timedCommand';

/** Of a fleet. */
export const hosts = 100;
const concurrency = 32;

/** A fleet and what tells Muster and Go of it, `parallel` hosts at a time. */
export async function makeFleet(context: BenchContext, name: string, net: number, parallel = concurrency) {
  const addresses = loopbackAddresses(net, hosts);
  const directory = join(context.directory, name);
  const fleet = await prepareFleet(directory, addresses, await freePort(addresses[0]));
  const inventory = join(directory, 'muster.yaml');
  await writeInventory(inventory, fleet, addresses, parallel);
  const goArguments = [
    ...['ssh', '-targets', fleet.endpointsFile, '-user', fleet.user, '-key', fleet.keyFile],
    ...['-known-hosts', fleet.knownHostsFile, '-concurrency', String(parallel)],
  ];
  return { directory, fleet, inventory, goArguments };
}

async function writeInventory(
  file: string,
  fleet: SshFleet,
  addresses: readonly string[],
  parallel: number,
): Promise<void> {
  await writeFile(
    file,
    `defaults:
  concurrency: ${parallel}
  ssh: { user: ${fleet.user}, port: ${fleet.port}, identityFile: ${fleet.keyFile}, knownHosts: ${fleet.knownHostsFile} }
hosts:
${addresses.map((address, index) => `  host-${index + 1}: { address: ${address} }`).join('\n')}
`,
  );
}

/** `true` on 100 real sshds, then on a server so small that the clients' own cost shows. */
export async function* sshScenarios(context: BenchContext): AsyncGenerator<Table> {
  yield* onSshd(context);
  yield* onSmallServer(context);
}

async function* onSshd(context: BenchContext): AsyncGenerator<Table> {
  const { directory, fleet, inventory, goArguments } = await makeFleet(context, 'sshd', 18);
  await using servers = await startSshd(context.peers.require('sshd'), directory, fleet);
  await using engine = startEngine(context);
  await using go = startGoPeer(context, goArguments);
  const muster: Contender = { name: 'Muster', round: () => engine.ask(`run ${inventory}`) };
  const commandLine = cliContender(
    context,
    ['run', '*', '--inventory', inventory, '--json', '--', 'true'],
    ok,
  );
  const cold = { row: 'cold', muster, metric: 'wall' } as const;
  const pinnedSsh = openSsh(context, 'xargs -P32 ssh, kex pinned', fleet, fleet.sshConfig.pinned);
  yield await measure({
    title: '`true` on 100 sshd hosts, 32 at a time, cold',
    expected: hosts,
    rounds: context.rounds ?? 9,
    warmUps: 1,
    settled: () => servers.settled(),
    comparisons: [
      { ...cold, peer: pinnedSsh, target: { atMost: 0.9 } },
      {
        ...cold,
        peer: openSsh(context, 'xargs -P32 ssh, default kex', fleet, fleet.sshConfig.defaults, { rounds: 2 }),
      },
      { ...cold, peer: goContender('Go x/crypto/ssh', go, 'cold'), target: { atMost: 1.3 } },
      ...fleetTools(context, fleet, fleet.sshConfig.defaults, 'default kex').map((peer) => ({
        ...cold,
        peer,
        target: { atMost: 0.3 },
      })),
      ...fleetTools(context, fleet, fleet.sshConfig.pinned, 'kex pinned').map((peer) => ({ ...cold, peer })),
      { row: 'cold, one-shot: `muster run`', muster: commandLine, peer: pinnedSsh, metric: 'wall' },
    ],
  });
  yield await measure({
    title: '`true` on 100 sshd hosts, 32 at a time, over connections that are open',
    expected: hosts,
    rounds: context.rounds ?? 15,
    warmUps: compiledAfter,
    comparisons: [
      {
        row: 'warm',
        muster: { name: 'Muster', round: () => engine.ask(`warmRun ${inventory}`) },
        peer: goContender('Go x/crypto/ssh', go, 'warm'),
        metric: 'wall',
        target: { atMost: 1.2 },
      },
    ],
  });
}

async function* onSmallServer(context: BenchContext): AsyncGenerator<Table> {
  if (!context.goPeers) return;
  const { directory, fleet, inventory, goArguments } = await makeFleet(context, 'small', 19);
  await using server = await startProcessGroup(context.goPeers.file, [
    ...['sshserver', '-targets', fleet.endpointsFile],
    ...['-host-key', fleet.hostKeyFile, '-authorized', `${fleet.keyFile}.pub`],
  ]);
  await server.outputMatches(/listening/);
  await using engine = startEngine(context);
  await using go = startGoPeer(context, goArguments);
  const client = {
    muster: { name: 'Muster', round: () => engine.ask(`run ${inventory}`) },
    metric: 'wall',
  } as const;
  yield await measure({
    title: '`true` on 100 addresses of a small Go server, 32 at a time: the client alone',
    expected: hosts,
    rounds: context.rounds ?? 7,
    warmUps: 2,
    comparisons: [
      { row: 'cold', ...client, peer: goContender('Go x/crypto/ssh', go, 'cold') },
      {
        row: 'cold',
        ...client,
        peer: openSsh(context, 'xargs -P32 ssh, kex pinned', fleet, fleet.sshConfig.pinned),
      },
    ],
  });
  yield await measure({
    title: 'The same over connections that are open',
    expected: hosts,
    rounds: context.rounds ?? 15,
    warmUps: compiledAfter,
    comparisons: [
      {
        row: 'warm',
        muster: { name: 'Muster', round: () => engine.ask(`warmRun ${inventory}`) },
        peer: goContender('Go x/crypto/ssh', go, 'warm'),
        metric: 'wall',
      },
    ],
  });
  yield await onTwoProcessors(context, { directory, fleet, one: { ...client.muster, name: 'one' } });
}

/**
 * Two threads, and what they could bring at most: two engines that have nothing to say to each other, with half of the
 * hosts each.
 */
async function onTwoProcessors(
  context: BenchContext,
  { directory, fleet, one }: { directory: string; fleet: SshFleet; one: Contender },
): Promise<Table> {
  const half = hosts / 2;
  const inventories = [0, half].map((first) => join(directory, `from-${first}.yaml`));
  for (const [index, file] of inventories.entries()) {
    const addresses = fleet.addresses.slice(index * half, (index + 1) * half);
    await writeInventory(file, fleet, addresses, concurrency / 2);
  }
  await using first = startEngine(context);
  await using second = startEngine(context);
  const engines = [first, second];
  const two: Contender = {
    name: 'Muster',
    round: async () => {
      const samples = await Promise.all(
        engines.map((engine, index) => engine.ask(`run ${inventories[index]}`)),
      );
      return {
        wallMs: Math.max(...samples.map(({ wallMs }) => wallMs)),
        cpuMs: samples.reduce((sum, { cpuMs = 0 }) => sum + cpuMs, 0),
        ok: samples.reduce((sum, { ok: succeeded }) => sum + succeeded, 0),
      };
    },
  };
  return await measure({
    title: 'The same on two processors, beside a server that needs one as well',
    expected: hosts,
    rounds: context.rounds ?? 15,
    warmUps: 2,
    comparisons: [
      { row: 'cold, in two processes', muster: two, peer: one, metric: 'rate' },
      {
        row: 'cold, in two threads',
        muster: { name: 'Muster', round: () => first.ask(`run ${join(directory, 'muster.yaml')} 2`) },
        peer: one,
        metric: 'rate',
      },
    ],
  });
}

const ok = (stdout: string) => (JSON.parse(stdout) as { summary: { ok: number } }).summary.ok;

export function openSsh(
  { directory, peers }: BenchContext,
  name: string,
  fleet: SshFleet,
  config: string,
  { rounds, parallel = concurrency }: { rounds?: number; parallel?: number } = {},
): Peer {
  const command = ['xargs', `-P${parallel}`, '-I{}', '-a', fleet.hostsFile] as const;
  return peers.contender(
    'ssh',
    name,
    (ssh) => timedCommand(directory, [...command, ssh, '-F', config, '{}', 'true'], hosts),
    rounds,
  );
}

/** The programs that people run on fleets; slow, so two rounds each. Each exits with 0 only if all hosts did. */
function fleetTools(
  { directory, peers }: BenchContext,
  fleet: SshFleet,
  config: string,
  kex: string,
): Peer[] {
  const parallel = String(concurrency);
  return [
    peers.contender(
      'parallel-ssh',
      `pssh, ${kex}`,
      (pssh) =>
        timedCommand(
          directory,
          [pssh, '-h', fleet.hostsFile, '-p', parallel, '-t', '0', '-x', `-F ${config}`, 'true'],
          hosts,
        ),
      2,
    ),
    peers.contender(
      'clush',
      `clush, ${kex}`,
      (clush) =>
        timedCommand(
          directory,
          [
            ...[clush, '-S', '-q', '-f', parallel, '-w', fleet.addresses.join(',')],
            ...['-o', `-F ${config}`, 'true'],
          ] as unknown as [string],
          hosts,
        ),
      2,
    ),
    peers.contender(
      'ansible',
      `ansible -m raw, ${kex}`,
      (ansible) =>
        timedCommand(
          directory,
          [ansible, 'all', '-i', fleet.hostsFile, '-f', parallel, '-m', 'raw', '-a', 'true'],
          hosts,
          // In place of Ansible's own ControlPersist, which would make the second round a warm one.
          { ANSIBLE_SSH_ARGS: `-F ${config}`, ANSIBLE_HOME: join(directory, 'ansible') },
        ),
      2,
    ),
  ];
}
