import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { muster } from '../../../harness/musterCli';
import { scratchFolder, type ScratchFolder } from '../../../harness/scratchFolder';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';

describe('muster copy and muster fetch', () => {
  let farm: SshdFarm;
  let folder: ScratchFolder;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const daemon = await farm.start({ config: ['Subsystem sftp /usr/lib/openssh/sftp-server'] });
    const off = await farm.start();
    const hosts = [
      { name: 'web-1', daemon, labels: '{ role: web }' },
      { name: 'off', daemon: off },
    ];
    folder = await scratchFolder({
      ...(await sshdInventory(farm, hosts, 'groups:\n  frozen: { hosts: [off], readOnly: true }\n')),
      'app.conf': 'one\n',
      'dest/kept': '',
    });
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });
  const run = (...args: string[]) =>
    muster(args, { cwd: folder.path, env: { XDG_STATE_HOME: join(folder.path, 'state') } });

  it('copies, says what changed, and the second time that nothing did', async () => {
    const place = `role=web:${folder.path}/dest`;
    const first = await run('copy', 'app.conf', place);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^web-1 \(1\): 1 file changed, 4 B\n\n1 host changed 4 B, .* in .* s, trace /,
    );
    expect((await run('copy', 'app.conf', place)).stdout).toMatch(/^web-1 \(1\): same\n\n1 host same in /);
    expect(await readFile(join(folder.path, 'dest/app.conf'), 'utf8')).toBe('one\n');
    await folder.write('app.conf', 'three\n');
    const { stdout } = await run('copy', '--diff', 'app.conf', place);
    expect(stdout).toContain('-one\n+three\n');
    const { stdout: json } = await run('copy', '--dry-run', '--json', 'app.conf', place);
    expect(JSON.parse(json)).toMatchObject({
      summary: { total: 1, ok: 1, changed: 1, same: 0, bytes: 6 },
      results: [{ host: 'web-1', changes: [{ path: `${folder.path}/dest/app.conf`, kind: 'changed' }] }],
    });
  });

  it.each([
    ['over SFTP', 1_000_000],
    ['as a stream to tar', 9_000_000],
  ])('brings a large file there and back as it is, %s', async (_, bytes) => {
    const content = randomBytes(bytes);
    await writeFile(join(folder.path, 'large'), content);
    expect(await run('copy', 'large', `web-1:${folder.path}/dest/large`)).toMatchObject({ status: 0 });
    expect(content.equals(await readFile(join(folder.path, 'dest/large')))).toBe(true);
    expect(await run('fetch', `web-1:${folder.path}/dest/large`, 'back')).toMatchObject({ status: 0 });
    expect(content.equals(await readFile(join(folder.path, 'back/web-1/large')))).toBe(true);
  });

  it('fetches into a folder for each host', async () => {
    const { status } = await run('fetch', `web-1:${folder.path}/dest/kept`, 'out');
    expect(status).toBe(0);
    expect(await readFile(join(folder.path, 'out/web-1/kept'), 'utf8')).toBe('');
  });

  it.each([
    [['copy', 'app.conf'], 'give files and at last where they go'],
    [['copy', 'app.conf', '/etc/'], '“/etc/” is not SELECTOR:PATH'],
    [['copy', 'missing', 'web-1:/tmp/'], 'cannot read missing: there is no such file'],
    [['copy', 'app.conf', 'off:/tmp/'], 'off is read-only'],
    [['copy', 'app.conf', 'nobody:/tmp/'], 'no host or group “nobody”'],
    [['copy', '--max-bandwidth', '0', 'app.conf', 'web-1:/tmp/'], '"0" is not a size'],
    [['copy', '--confirm-over', '0', 'app.conf', 'web-1:/tmp/'], 'There is nobody to ask: give --yes.'],
    [['fetch', '/etc/hosts', 'out'], '“/etc/hosts” is not SELECTOR:PATH'],
  ])('%j is wrong before anything is connected to', async (args, words) => {
    const { status, stderr } = await muster(args, { cwd: folder.path, detached: true });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(words) as string });
  });

  it('exits with 1 where a host failed, and --limit @failed is those', async () => {
    const { status, stdout } = await run('fetch', 'all:/etc/hostname', 'names');
    expect(status).toBe(1);
    expect(stdout).toContain('1 host changed, 1: PROTOCOL');
    const again = await run('fetch', '--limit', '@failed', 'all:/etc/hostname', 'names');
    expect(again.stdout).toMatch(/^off \(1\): PROTOCOL/);
  });
});
