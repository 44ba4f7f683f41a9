import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startDropbear } from '../../../harness/dropbear';
import { SshdFarm } from '../../../harness/sshd';
import { host, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { copyTo, fetchFrom, scratch, temporaryIn } from './copyFixture';

it('Files and links are copied to dropbear, whose SFTP server is that of OpenSSH, and fetched from it', async () => {
  await using farm = await SshdFarm.create();
  await using folder = await scratch();
  const [src, dest, back] = ['src', 'dest', 'back'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  for (const made of [src, dest]) await mkdir(made, { mode: 0o700 });
  await using dropbear = await startDropbear(farm);
  await using pool = await poolFor(farm, []);
  await farm.write('known_hosts', dropbear.knownHostsLine);
  const there = host('bear', '127.0.0.1', { port: dropbear.port, identityFile: [farm.clientKey] });

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
