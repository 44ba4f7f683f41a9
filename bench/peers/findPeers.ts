import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Contender, Peer } from '../measure';

/** The programs that rows need, with the Debian package that has each. */
const packages = {
  go: 'golang-go',
  nginx: 'nginx-light',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'parallel-ssh': 'pssh',
  'parallel-scp': 'pssh',
  rsync: 'rsync',
  clush: 'clustershell',
  ansible: 'ansible-core',
  'ansible-inventory': 'ansible-core',
  etcd: 'etcd-server',
  etcdctl: 'etcd-client',
  kubectl: 'kubernetes-client',
  jq: 'jq',
  curl: 'curl',
  time: 'time',
  python3: 'python3-venv',
  prometheus: 'prometheus',
  'prometheus-blackbox-exporter': 'prometheus-blackbox-exporter',
} as const;

export type PeerProgram = keyof typeof packages;
export type FindProgram = (name: string) => Promise<string | undefined>;

export interface Peers {
  path(program: PeerProgram): string | undefined;
  /** For what no row of a group can do without. @throws Error that says how to get it */
  require(program: PeerProgram): string;
  /** The contender, or word of what is missing for it. */
  contender(
    program: PeerProgram,
    name: string,
    round: (path: string) => ReturnType<Contender['round']>,
    rounds?: number,
  ): Peer;
}

/** Installs what is missing of what is needed where that is possible: on Debian, as root. */
export async function findPeers(
  findProgram: FindProgram,
  log: (line: string) => void,
  needed: readonly PeerProgram[] = Object.keys(packages) as PeerProgram[],
): Promise<Peers> {
  const locate = async () =>
    new Map(
      await Promise.all(
        (Object.keys(packages) as PeerProgram[]).map(
          async (name) => [name, await findProgram(name)] as const,
        ),
      ),
    );
  let paths = await locate();
  const wanted = new Set<string>(needed.flatMap((name) => (paths.get(name) ? [] : packages[name])));
  if (wanted.size > 0 && process.getuid?.() === 0 && (await findProgram('apt-get'))) {
    // Debian's Go is too old for the modules of go.mod, so its SSH library is Debian's too.
    if (wanted.has(packages.go)) wanted.add('golang-golang-x-crypto-dev');
    log(`installing ${[...wanted].join(' ')}`);
    await install([...wanted]).catch((error: unknown) => log(`apt-get failed: ${(error as Error).message}`));
    paths = await locate();
  }
  const howToGet = (program: PeerProgram) => `${program} (Debian: apt-get install ${packages[program]})`;
  return {
    path: (program) => paths.get(program),
    require: (program) => {
      const path = paths.get(program);
      if (!path) throw new Error(`missing: ${howToGet(program)}`);
      return path;
    },
    contender: (program, name, round, rounds) => {
      const path = paths.get(program);
      return path ? { name, rounds, round: () => round(path) } : { name, missing: howToGet(program) };
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
