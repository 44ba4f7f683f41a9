import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/harness/ports';
import { type BenchContext, cliContender } from '../context';
import { loopbackAddresses } from '../fixtures/loopbackAddresses';
import { prepareFleet, type SshFleet, startSshd } from '../fixtures/sshFleet';
import { type Comparison, measure, type Peer, type Table } from '../measure';
import { timedCommand } from '../timedCommand';

const hosts = 20;
const files = { count: 2_000, folders: 20 };
const bigBytes = 100_000_000;

/** One large file, then many small ones, to real sshds of which each has a folder of its own to log in to. */
export async function* copyScenarios(context: BenchContext): AsyncGenerator<Table> {
  const addresses = loopbackAddresses(23, hosts);
  const directory = join(context.directory, 'copy');
  const fleet = await prepareFleet(directory, addresses, await freePort(addresses[0]));
  const inventory = join(directory, 'muster.yaml');
  await writeFile(
    inventory,
    `defaults:
  concurrency: ${hosts}
  ssh: { user: ${fleet.user}, port: ${fleet.port}, identityFile: ${fleet.keyFile}, knownHosts: ${fleet.knownHostsFile} }
hosts:
${addresses.map((address) => `  host-${address}: { address: ${address} }`).join('\n')}
`,
  );
  const homes = join(directory, 'homes');
  for (const address of addresses) await mkdir(join(homes, address), { recursive: true });
  // The third word of SSH_CONNECTION is the address that was connected to.
  const enter = `set -- $SSH_CONNECTION; cd ${homes}/$3 && exec sh -c "$SSH_ORIGINAL_COMMAND"`;
  await using servers = await startSshd(context.peers.require('sshd'), directory, fleet, [
    'Subsystem sftp /usr/lib/openssh/sftp-server',
    `ForceCommand ${enter}`,
  ]);
  const sources = join(directory, 'sources');
  await makeSources(sources);
  const aside = join(directory, 'aside');
  await mkdir(aside);
  let moved = 0;
  const settled = async () => {
    await servers.settled();
    for (const address of addresses) {
      await rm(join(homes, address, 'big'), { force: true });
      // For minutes ext4 looks at every inode that was freed, and passes over it, whenever it needs one: whoever came after 40,000
      // removals would pay ten times as much as the first.
      for (const name of await readdir(join(homes, address)))
        await rename(join(homes, address, name), join(aside, `${moved++}`));
    }
  };
  const arrived = (name: string) => async () => {
    const found = await Promise.all(
      addresses.map((address) => isComplete(join(homes, address, name), join(sources, name))),
    );
    return found.filter((isSound) => isSound).length;
  };
  for (const [name, title] of [
    ['big', 'One file of 100 MB to 20 sshd hosts'],
    ['tree', '2,000 files of 1 to 8 kB to 20 sshd hosts'],
  ] as const) {
    const source = join(sources, name);
    const muster = cliContender(
      context,
      ['copy', source, `*:${name}`, '--inventory', inventory, '--json'],
      (stdout) => (JSON.parse(stdout) as { summary: { ok: number } }).summary.ok,
    );
    const comparisons: Comparison[] = peersOf(context, fleet, source, arrived(name)).map((peer) => ({
      ...{ row: '`muster copy`', muster, peer },
      metric: 'wall',
      target: { atMost: 1 },
    }));
    const rounds = context.rounds ?? 3;
    yield await measure({ title, expected: hosts, rounds, warmUps: 1, settled, comparisons });
  }
}

/** Text that can be compressed to about the half, as what is deployed mostly can. */
async function makeSources(folder: string): Promise<void> {
  const text = (bytes: number) =>
    randomBytes(Math.ceil(bytes / 2))
      .toString('hex')
      .slice(0, bytes);
  await mkdir(folder);
  await writeFile(join(folder, 'big'), text(bigBytes));
  for (let index = 0; index < files.count; index++) {
    const inside = join(folder, 'tree', `folder-${index % files.folders}`);
    await mkdir(inside, { recursive: true });
    await writeFile(join(inside, `file-${index}`), text(1000 + ((index * 37) % 7000)));
  }
}

async function isComplete(copied: string, source: string): Promise<boolean> {
  const size = async (path: string) => {
    const stats = await stat(path);
    if (!stats.isDirectory()) return [stats.size];
    const names = (await readdir(path, { recursive: true })).sort();
    return [names.length, names.at(-1)];
  };
  return String(await size(copied).catch(() => [])) === String(await size(source));
}

/** With the fast key exchange and cipher pinned. What does not tell whether it is done is looked at afterwards. */
function peersOf(
  { directory, peers }: BenchContext,
  fleet: SshFleet,
  source: string,
  arrived: () => Promise<number>,
): Peer[] {
  const config = fleet.sshConfig.pinned;
  const parallel = String(hosts);
  const timed = async (command: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const sample = await timedCommand(directory, command as [string, ...string[]], hosts, env);
    return { ...sample, ok: await arrived() };
  };
  const isTree = source.endsWith('tree');
  return [
    peers.contender('rsync', 'xargs -P20 rsync -az', (rsync) =>
      timed([
        ...['xargs', `-P${parallel}`, '-I{}', '-a', fleet.hostsFile],
        ...[rsync, '-az', '-e', `ssh -F ${config}`, source, '{}:.'],
      ]),
    ),
    peers.contender('clush', 'clush --copy', (clush) =>
      timed([
        ...[clush, '-S', '-q', '-f', parallel, '-w', fleet.addresses.join(',')],
        ...['-o', `-F ${config}`, '--copy', source, '--dest', './'],
      ]),
    ),
    peers.contender('parallel-scp', 'pscp -r', (pscp) =>
      timed([
        pscp,
        '-h',
        fleet.hostsFile,
        '-p',
        parallel,
        '-t',
        '0',
        '-x',
        `-F ${config}`,
        '-r',
        source,
        './',
      ]),
    ),
    ...(isTree
      ? [{ name: 'ansible -m copy', missing: 'it works file by file, and is not measured with so many' }]
      : [
          peers.contender(
            'ansible',
            'ansible -m copy',
            (ansible) =>
              timed(
                [
                  ...[ansible, 'all', '-i', fleet.hostsFile, '-f', parallel],
                  ...['-m', 'copy', '-a', `src=${source} dest=./`],
                ],
                { ANSIBLE_SSH_ARGS: `-F ${config}`, ANSIBLE_HOME: join(directory, 'ansible') },
              ),
            1,
          ),
        ]),
  ];
}
