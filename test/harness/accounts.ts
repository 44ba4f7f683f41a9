import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { shellQuote } from '../../src/platform/text/shellQuote';
import type { SshdFarm, SshdOptions } from './sshd';

const run = promisify(execFile);

/** The password of all accounts. */
export const rightPassword = 'correct horse: $battery "staple"';

/** A user of a host, with a home folder; one that is called `expired` may not use sudo any more. */
export interface Account {
  name: string;
  uid: number;
  /** The login shell. Default: /bin/sh. */
  shell?: string;
}

export interface HostAccounts {
  accounts: readonly Account[];
  sudoers: string;
  doas?: string;
  /** Takes the place of sudo. */
  sudo?: string;
}

const pam = [
  'auth sufficient pam_rootok.so',
  'auth required pam_unix.so nodelay',
  'account required pam_succeed_if.so quiet user != expired',
  'session required pam_permit.so',
  '',
].join('\n');

/**
 * Options of a daemon with accounts of its own, for which sudo, su and doas are the real ones: it sees other files in /etc,
 * which nobody else does and which are gone with it.
 */
export async function withAccounts(
  farm: SshdFarm,
  name: string,
  { accounts, sudoers, doas, sudo }: HostAccounts,
): Promise<SshdOptions> {
  const folder = path.join(farm.directory, name);
  await mkdir(folder);
  // Users log in who may not look into the farm otherwise.
  for (const open of [farm.directory, folder]) await chmod(open, 0o755);
  const { stdout } = await run('openssl', ['passwd', '-6', rightPassword]);
  const hash = stdout.trim();
  const lines = (line: (account: Account) => string) =>
    accounts.map((account) => `${line(account)}\n`).join('');
  const homeOf = (account: string) => path.join(folder, 'home', account);
  const before = (file: string) => readFile(`/etc/${file}`, 'utf8');
  const files: Record<string, readonly [content: string, mode: number]> = {
    '/etc/passwd': [
      (await before('passwd')) +
        lines(({ name, uid, shell = '/bin/sh' }) => `${name}:x:${uid}:${uid}::${homeOf(name)}:${shell}`),
      0o644,
    ],
    '/etc/group': [(await before('group')) + lines(({ name, uid }) => `${name}:x:${uid}:`), 0o644],
    '/etc/shadow': [
      `root:${hash}:19000:0:99999:7:::\n${lines(({ name }) => `${name}:${hash}:19000:0:99999:7:::`)}`,
      0o600,
    ],
    '/etc/login.defs': ['FAIL_DELAY 0\n', 0o644],
    '/etc/sudoers': [`${sudoers}\n`, 0o440],
    '/etc/pam.d/sudo': [pam, 0o644],
    '/etc/pam.d/su': [pam, 0o644],
    '/etc/pam.d/doas': [pam, 0o644],
    ...(doas !== undefined && { '/etc/doas.conf': [`${doas}\n`, 0o400] }),
    ...(sudo !== undefined && { '/usr/bin/sudo': [sudo, 0o755] }),
  };
  const mounts: string[] = [];
  for (const [target, [content, mode]] of Object.entries(files)) {
    const file = path.join(folder, target.replaceAll('/', '-'));
    await writeFile(file, content, { mode });
    mounts.push(`mount --bind ${shellQuote(file)} ${target}`);
  }
  for (const { name, uid } of accounts) {
    await mkdir(homeOf(name), { recursive: true });
    await run('chown', [`${uid}:${uid}`, homeOf(name)]);
  }
  const keys = path.join(folder, 'authorized_keys');
  await writeFile(keys, await readFile(`${farm.clientKey}.pub`), { mode: 0o644 });
  // Timestamps of sudo and its lectures.
  const states = ['/run/sudo', '/var/lib/sudo'].map(
    (state) => `mkdir -p ${state}; mount -t tmpfs none ${state}`,
  );
  // It is not there, so that a copy of the folder has to have it.
  const etc = shellQuote(path.join(folder, 'etc'));
  const copied =
    doas === undefined ? [] : [`cp -a /etc ${etc}`, `touch ${etc}/doas.conf`, `mount --bind ${etc} /etc`];
  const script = ['set -e', ...copied, ...mounts, ...states, 'exec "$@"'].join('\n');
  return {
    config: [`AuthorizedKeysFile ${keys}`],
    within: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'],
  };
}
