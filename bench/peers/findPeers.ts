import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Contender, Peer } from '../measure';

/** The programs that rows need, with the Debian package that has each. */
const packages = {
  go: 'golang-go',
  nginx: 'nginx-light',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'parallel-ssh': 'pssh',
  clush: 'clustershell',
  ansible: 'ansible-core',
  'ansible-inventory': 'ansible-core',
} as const;

export type PeerProgram = keyof typeof packages;

export interface Peers {
  path(program: PeerProgram): string | undefined;
  /** The contender, or word of what is missing for it. */
  contender(
    program: PeerProgram,
    name: string,
    round: (path: string) => ReturnType<Contender['round']>,
    rounds?: number,
  ): Peer;
}

/** Installs what is missing where that is possible: on Debian, as root. */
export async function findPeers(log: (line: string) => void): Promise<Peers> {
  const programs = Object.keys(packages) as PeerProgram[];
  const absent = (await Promise.all(programs.map(async (name) => ((await which(name)) ? [] : name)))).flat();
  if (absent.length > 0 && process.getuid?.() === 0 && (await which('apt-get'))) {
    const wanted = new Set<string>(absent.map((name) => packages[name]));
    // Debian's Go comes without modules of its own age, so its SSH library is Debian's too.
    if (wanted.has(packages.go)) wanted.add('golang-golang-x-crypto-dev');
    log(`installing ${[...wanted].join(' ')}`);
    await install([...wanted]).catch((error: unknown) => log(`apt-get failed: ${(error as Error).message}`));
  }
  const paths = new Map(await Promise.all(programs.map(async (name) => [name, await which(name)] as const)));
  return {
    path: (program) => paths.get(program),
    contender: (program, name, round, rounds) => {
      const path = paths.get(program);
      return path
        ? { name, rounds, round: () => round(path) }
        : { name, missing: `${program} (Debian: apt-get install ${packages[program]})` };
    },
  };
}

async function install(names: readonly string[]): Promise<void> {
  const options = {
    // In runlevel 1 Debian's packages do not start the servers that they bring.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    maxBuffer: 64 * 1024 * 1024,
  };
  const aptGet = (...args: string[]) => promisify(execFile)('apt-get', args, options);
  await aptGet('update', '-q');
  await aptGet('install', '-q', '-y', '--no-install-recommends', ...names);
}

async function which(program: string): Promise<string | undefined> {
  // Servers are in folders that only root has on the PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const path = join(folder, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
