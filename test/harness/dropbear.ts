import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports';
import { startProcessGroup } from './processGroup';
import type { SshdFarm } from './sshd';

/** A dropbear on the loopback that takes the farm's key; it ends with what is disposed. */
export async function startDropbear(farm: SshdFarm) {
  const home = join(farm.directory, 'dropbear-home');
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  await copyFile(`${farm.clientKey}.pub`, join(home, '.ssh', 'authorized_keys'));
  const hostKey = join(farm.directory, 'dropbear_key');
  const { stdout } = await promisify(execFile)('dropbearkey', ['-t', 'ed25519', '-f', hostKey]);
  const publicKey = /^ssh-ed25519 \S+/m.exec(stdout)![0];
  const port = await freePort();
  // It reads the keys in the home of the user, which is another one in a mount namespace of its own.
  const mounted = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
  const within = ['--mount', 'sh', '-c', mounted, 'sh', home, userInfo().homedir];
  const files = ['-r', hostKey, '-P', join(farm.directory, 'dropbear.pid')];
  const daemon = await startProcessGroup('unshare', [
    ...within,
    ...['dropbear', '-F', '-E', '-s', ...files, '-p', `127.0.0.1:${port}`],
  ]);
  await daemon.outputMatches(/Not backgrounding/);
  return {
    port,
    knownHostsLine: `[127.0.0.1]:${port} ${publicKey}\n`,
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}
