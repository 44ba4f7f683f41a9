import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { freePort } from '../../../harness/ports';
import { startProcessGroup } from '../../../harness/processGroup';
import { SshdFarm } from '../../../harness/sshd';
import { host, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { copyTo, fetchFrom, scratch, temporaryIn } from './copyFixture';

it('Files and links are copied to dropbear, whose SFTP server is that of OpenSSH, and fetched from it', async () => {
  await using farm = await SshdFarm.create();
  await using folder = await scratch();
  const [home, src, dest, back] = ['home', 'src', 'dest', 'back'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const made of [join(home, '.ssh'), src, dest]) await mkdir(made, { recursive: true, mode: 0o700 });
  await copyFile(`${farm.clientKey}.pub`, join(home, '.ssh', 'authorized_keys'));
  const hostKey = join(folder.path, 'host_key');
  const { stdout } = await promisify(execFile)('dropbearkey', ['-t', 'ed25519', '-f', hostKey]);
  const publicKey = /^ssh-ed25519 \S+/m.exec(stdout)![0];
  const port = await freePort();
  // It reads the keys in the home of the user, which is another one in a mount namespace of its own.
  await using dropbear = await startProcessGroup('unshare', [
    ...[
      '--mount',
      'sh',
      '-c',
      'mount --bind "$1" "$2" && shift 2 && exec "$@"',
      'sh',
      home,
      userInfo().homedir,
    ],
    ...[
      'dropbear',
      '-F',
      '-E',
      '-s',
      '-r',
      hostKey,
      '-p',
      `127.0.0.1:${port}`,
      '-P',
      join(folder.path, 'pid'),
    ],
  ]);
  await dropbear.outputMatches(/Not backgrounding/);
  await using pool = await poolFor(farm, []);
  await farm.write('known_hosts', `[127.0.0.1]:${port} ${publicKey}\n`);
  const there = host('bear', '127.0.0.1', { port, identityFile: [farm.clientKey] });

  for (let index = 0; index < 10; index++) await writeFile(join(src, `f${index}`), `${index}\n`);
  await symlink('f1', join(src, 'link'));
  await writeFile(join(src, 'big'), Buffer.alloc(2_000_000, 'x'));
  expect(await copyTo(pool, there, [src], dest)).toMatchObject({ status: 'ok', changedFiles: 12 });
  expect(await readlink(join(dest, 'src', 'link'))).toBe('f1');
  expect(await temporaryIn(dest)).toEqual([]);
  expect(await copyTo(pool, there, [src], dest)).toMatchObject({ status: 'ok', changedFiles: 0 });
  expect(await fetchFrom(pool, there, src, back)).toMatchObject({ status: 'ok', changedFiles: 12 });
  expect(await readdir(join(back, 'bear', 'src'))).toEqual(await readdir(src));
  expect(await readFile(join(back, 'bear', 'src', 'f7'), 'utf8')).toBe('7\n');
});
