import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { hostOn, nothingLeft, openResources, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { copyBatch } from '../../../../src/features/copy/core/copyBatch';
import { afterBytes, copyTo, namesIn, type Scratch, scratch, temporaryIn } from './copyFixture';

const run = promisify(execFile);
const server = '/usr/lib/openssh/sftp-server';
/** So many are enough for the stream of an archive, and so is one that large. */
const many = Array.from({ length: 12 }, (_, index) => `f${index}`);
const largeBytes = 9_000_000;
const sessions = ({ log }: Sshd) => log.split('Starting session: command').length - 1;

describe('copying to hosts', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  /** It runs no commands. */
  let filesOnly: Sshd;
  /** No file is larger than 256 KiB there. */
  let limited: Sshd;
  let withoutFiles: Sshd;
  /** The way to the first one that can be cut. */
  let link: TcpProxy;
  let pool: HostTransport & AsyncDisposable;
  let folder: Scratch;
  let before: string[];
  let src: string;
  let dest: string;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const limit = `sh -c 'trap "" XFSZ; ulimit -f 512; exec ${server}'`;
    [daemon, filesOnly, limited, withoutFiles] = await Promise.all([
      farm.start({ config: [`Subsystem sftp ${server}`] }),
      farm.start({ config: ['Subsystem sftp internal-sftp', 'ForceCommand internal-sftp'] }),
      farm.start({ config: [`Subsystem sftp ${limit}`] }),
      farm.start(),
    ]);
    link = await TcpProxy.to(daemon.port);
  });
  afterAll(async () => {
    await link[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    before = openResources();
    const daemons = [daemon, filesOnly, limited, withoutFiles];
    pool = await poolFor(farm, daemons);
    const known = await Promise.all(daemons.map((there) => there.knownHostsLine()));
    known.push(await daemon.knownHostsLine(daemon.hostKeys[0], `[127.0.0.1]:${link.port}`));
    await farm.write('known_hosts', known.join(''));
    folder = await scratch();
    [src, dest] = [join(folder.path, 'src'), join(folder.path, 'dest')];
    await mkdir(src);
    await mkdir(dest);
  });
  afterEach(async () => {
    await pool[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    await nothingLeft(before, [daemon, filesOnly, limited]);
  });

  const on = (there = daemon) => hostOn(farm, there);
  const overLink = () => hostOn(farm, daemon, { port: link.port });
  const cut = () => {
    link.cut();
    link.restore();
  };
  const local = async (name: string, content: string | Buffer = `${name}\n`) => {
    await writeFile(join(src, name), content);
    return join(src, name);
  };
  const tree = async () => {
    const app = join(src, 'app');
    await mkdir(join(app, 'sub', 'empty'), { recursive: true });
    for (const name of many) await writeFile(join(app, name), `${name}\n`);
    await writeFile(join(app, 'sub', 'big'), randomBytes(1_300_000));
    await writeFile(join(app, 'sub', 'run.sh'), '#!/bin/sh\n');
    await chmod(join(app, 'sub', 'run.sh'), 0o750);
    await chmod(join(app, 'sub', 'empty'), 0o555);
    await utimes(join(app, 'f1'), 1_000_000_000, 1_000_000_000);
    await symlink('f1', join(app, 'link'));
    return app;
  };
  const same = async (one: string, other: string) => {
    const { stdout } = await run('diff', ['-r', '--no-dereference', one, other]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  };

  describe.each([
    ['as a stream to tar', () => daemon],
    ['where no command is run', () => filesOnly],
  ])('a folder, %s', (_, there) => {
    it('with modes, times and links, once', async () => {
      const app = await tree();
      const first = await copyTo(pool, on(there()), [app], `${dest}/`);
      expect(first).toMatchObject({ status: 'ok', changedFiles: many.length + 3, sameFiles: 0 });
      await same(app, join(dest, 'app'));
      expect((await stat(join(dest, 'app/sub/run.sh'))).mode & 0o7777).toBe(0o750);
      expect((await stat(join(dest, 'app/sub/empty'))).mode & 0o7777).toBe(0o555);
      expect((await stat(join(dest, 'app/f1'))).mtimeMs).toBe(1_000_000_000_000);
      expect(await readlink(join(dest, 'app/link'))).toBe('f1');
      expect(await temporaryIn(dest)).toEqual([]);

      const second = await copyTo(pool, on(there()), [app], `${dest}/`);
      expect(second).toMatchObject({ status: 'ok', changedFiles: 0, bytes: 0, sameFiles: many.length + 3 });
    });

    it('into one that is there: only what is different is sent', async () => {
      const app = await tree();
      await copyTo(pool, on(there()), [app], dest);
      await writeFile(join(dest, 'app', 'theirs'), 'stays\n');
      for (const name of many) await writeFile(join(app, name), `${name} again\n`);
      const result = await copyTo(pool, on(there()), [app], dest);
      expect(result).toMatchObject({ status: 'ok', changedFiles: many.length, sameFiles: 3 });
      await rm(join(dest, 'app', 'theirs'));
      await same(app, join(dest, 'app'));
      expect(await temporaryIn(dest)).toEqual([]);
    });
  });

  it('compares contents with --checksum, and sets times so that the next copy needs not', async () => {
    const file = await local('a');
    await copyTo(pool, on(), [file], dest);
    await utimes(file, 2_000_000_000, 2_000_000_000);
    const touched = await copyTo(pool, on(), [file], dest, { checksum: true });
    expect(touched).toMatchObject({ bytes: 0, changes: [{ kind: 'attributes' }] });
    await writeFile(file, 'b\n');
    await utimes(file, 2_000_000_000, 2_000_000_000);
    expect(await copyTo(pool, on(), [file], dest)).toMatchObject({ changedFiles: 0 });
    for (const there of [daemon, filesOnly])
      expect(await copyTo(pool, on(there), [file], dest, { checksum: true, dryRun: true })).toMatchObject({
        changes: [{ kind: 'changed' }],
      });
    await copyTo(pool, on(), [file], dest, { checksum: true });
    expect(await readFile(join(dest, 'a'), 'utf8')).toBe('b\n');
  });

  describe('DEST', () => {
    it('is a name where nothing is, and a folder where one is or a slash ends it', async () => {
      const file = await local('a');
      await copyTo(pool, on(), [file], join(dest, 'b'));
      await copyTo(pool, on(), [file], dest);
      await copyTo(pool, on(), [file], `${dest}/new/`);
      await copyTo(pool, on(), [`${src}/`], join(dest, 'content'));
      await copyTo(pool, on(), [`${src}/`, file], join(dest, 'both')).then(({ error }) =>
        expect(error?.message).toContain('would be the same file'),
      );
      expect(await namesIn(dest)).toEqual(['a', 'b', 'content', 'content/a', 'new', 'new/a']);
    });

    it('begins in the login folder where it is relative', async () => {
      const home = (await readlink('/proc/self/cwd')) && process.env.HOME!;
      const name = `muster-copy-${randomBytes(6).toString('hex')}`;
      try {
        await copyTo(pool, on(), [await local('a')], name);
        expect(await readFile(join(home, name), 'utf8')).toBe('a\n');
      } finally {
        await rm(join(home, name), { force: true });
      }
    });

    it('is refused where it is something else', async () => {
      const file = await local('a');
      await writeFile(join(dest, 'file'), '');
      await mkdir(join(dest, 'a'));
      const messages = await Promise.all(
        [`${dest}/file/`, `${dest}/no/such`, dest, '/dev/null'].map(
          async (to) => (await copyTo(pool, on(), [file], to)).error?.message,
        ),
      );
      expect(messages).toEqual([
        `${dest}/file is not a folder`,
        `${dest}/no: the folder does not exist`,
        `${dest}/a is a folder`,
        '/dev/null is not a regular file but a device, a pipe or a socket',
      ]);
    });
  });

  it('replaces a link and not what it leads to, and keeps the owner', async () => {
    const file = await local('a', 'new\n');
    await writeFile(join(dest, 'target'), 'kept\n');
    await symlink('target', join(dest, 'a'));
    await copyTo(pool, on(), [file], dest);
    expect((await lstat(join(dest, 'a'))).isFile()).toBe(true);
    expect(await readFile(join(dest, 'target'), 'utf8')).toBe('kept\n');
    await chown(join(dest, 'a'), 65534, 65534);
    await writeFile(file, 'newer\n');
    await copyTo(pool, on(), [file], dest);
    expect(await stat(join(dest, 'a'))).toMatchObject({ uid: 65534, gid: 65534 });
  });

  it('hosts that share a file system do not disturb each other: one puts it into place, the others replace nothing', async () => {
    const file = await local('shared', randomBytes(300_000));
    const hosts = [1, 2, 3, 4].map((number) => ({ ...on(), name: `shared-${number}` }));
    const request = { sources: [file, await tree()], destination: dest, cwd: '/' };
    const options = { concurrency: 4, transport: pool };
    const { results } = await copyBatch(hosts, request, options);
    for (const { status, error } of results)
      if (status !== 'ok') expect(error!.message).toMatch(/appeared while the copy was under way$/);
    await same(src, dest);
    const again = await copyBatch(hosts, request, options);
    expect(again.summary).toMatchObject({ ok: 4, same: 4 });
    expect(await temporaryIn(dest)).toEqual([]);
  });

  it('names of any kind arrive as they are', async () => {
    const names = [
      '-rf',
      ' a b ',
      "it's",
      'x\ny',
      'ü',
      '$(id)',
      'a\\b',
      `${'long'.repeat(60)}`,
      '*',
      '~',
      'c:d',
    ];
    const app = join(src, 'app');
    await mkdir(app);
    for (const name of names) await writeFile(join(app, name), name);
    for (const settings of [{}, { checksum: true }]) {
      expect(await copyTo(pool, on(), [app], dest, settings)).toMatchObject({ status: 'ok' });
      await same(app, join(dest, 'app'));
    }
    expect(await copyTo(pool, on(), [app], dest, { checksum: true })).toMatchObject({ changedFiles: 0 });
  });

  it('pipes are left out, with the reason', async () => {
    await run('mkfifo', [join(src, 'pipe')]);
    await local('a');
    const { leftOut, changedFiles } = await copyTo(pool, on(), [`${src}/`], dest);
    expect({ leftOut, changedFiles }).toEqual({
      leftOut: [{ path: 'pipe', reason: 'not a regular file but a device, a pipe or a socket' }],
      changedFiles: 1,
    });
  });

  it('links are followed with --follow, but not around', async () => {
    await mkdir(join(src, 'app', 'sub'), { recursive: true });
    await writeFile(join(src, 'app', 'a'), 'a\n');
    await symlink('../a', join(src, 'app', 'sub', 'link'));
    await symlink('..', join(src, 'app', 'sub', 'around'));
    await symlink('nowhere', join(src, 'app', 'broken'));
    const { leftOut } = await copyTo(pool, on(), [join(src, 'app')], dest, { follow: true });
    expect(leftOut.map(({ path }) => path)).toEqual(['broken', 'sub/around']);
    expect(await readFile(join(dest, 'app/sub/link'), 'utf8')).toBe('a\n');
    expect((await lstat(join(dest, 'app/sub/link'))).isFile()).toBe(true);
  });

  it('folders that are there keep their modes, and files of several folders come into one', async () => {
    await mkdir(join(src, 'app'), { mode: 0o755 });
    await mkdir(join(dest, 'app'), { mode: 0o2770 });
    await chmod(join(dest, 'app'), 0o2770);
    await writeFile(join(src, 'app', 'b'), 'b\n');
    await copyTo(pool, on(), [join(src, 'app'), join(src, 'app', 'b'), await local('a')], dest);
    expect((await stat(join(dest, 'app'))).mode & 0o7777).toBe(0o2770);
    expect(await namesIn(dest)).toEqual(['a', 'app', 'app/b', 'b']);
  });

  it('--backup keeps what is replaced, --dry-run and --diff change nothing', async () => {
    const file = await local('a', 'new one\n');
    await writeFile(join(dest, 'a'), 'old\n');
    expect(await copyTo(pool, on(), [file], dest, { dryRun: true })).toMatchObject({
      changedFiles: 1,
      bytes: 8,
    });
    const { changes } = await copyTo(pool, on(), [file], dest, { diff: true });
    expect(changes[0]!.diff).toContain('-old\n+new one\n');
    expect(await readFile(join(dest, 'a'), 'utf8')).toBe('old\n');
    await copyTo(pool, on(), [file], dest, { backup: true });
    const backup = (await readdir(dest)).find((name) => /^a\.~\d{8}T\d{6}Z~$/.test(name));
    expect(await readFile(join(dest, backup!), 'utf8')).toBe('old\n');
    expect(await readFile(join(dest, 'a'), 'utf8')).toBe('new one\n');
    await writeFile(file, Buffer.from([0, 1]));
    const binary = await copyTo(pool, on(), [file], dest, { diff: true });
    expect(binary.changes[0]!.diff).toBe('[binary files differ]');
  });

  it.each([
    ['as a stream to tar', () => daemon, {}, 1],
    ['over SFTP where it may be gone on with', () => daemon, { resume: true }, 0],
    ['over SFTP where it is brought to the disk', () => daemon, { sync: true }, 0],
    ['over SFTP where no command is run', () => filesOnly, {}, undefined],
  ] as const)('a large file replaces another, %s', async (_, there, settings, commands) => {
    const content = randomBytes(largeBytes);
    const file = await local('big', content);
    await chmod(file, 0o640);
    await utimes(file, 1_000_000_000, 1_000_000_000);
    await writeFile(join(dest, 'big'), 'old\n');
    await chown(join(dest, 'big'), 12_345, 54_321);
    const before = sessions(daemon);
    const result = await copyTo(pool, on(there()), [file], dest, settings);
    expect(result).toMatchObject({ status: 'ok', changedFiles: 1, bytes: largeBytes });
    if (commands !== undefined) expect(sessions(daemon) - before).toBe(commands);
    expect(content.equals(await readFile(join(dest, 'big')))).toBe(true);
    const { mode, uid, gid, mtimeMs } = await stat(join(dest, 'big'));
    expect({ mode: mode & 0o7777, uid, gid, mtimeMs }).toEqual({
      ...{ mode: 0o640, uid: 12_345, gid: 54_321, mtimeMs: 1_000_000_000_000 },
    });
    expect(await temporaryIn(dest)).toEqual([]);
    expect((await copyTo(pool, on(there()), [file], dest)).sameFiles).toBe(1);
  });

  describe('what fails leaves the old file and nothing else', () => {
    const old = 'old\n';
    let big: string;
    let hash: string;
    const content = randomBytes(6_000_000);
    const ways = [
      ['over SFTP', content.length],
      ['as a stream to tar', largeBytes],
    ] as const;
    beforeEach(async () => {
      big = await local('big', content);
      hash = createHash('sha256').update(content).digest('hex');
      await writeFile(join(dest, 'big'), old);
    });
    const isOld = async () => {
      expect(await readFile(join(dest, 'big'), 'utf8')).toBe(old);
      expect(await temporaryIn(dest)).toEqual([]);
    };

    it('where files are limited', async () => {
      const { status, changedFiles } = await copyTo(pool, on(limited), [big], dest);
      expect({ status, changedFiles }).toEqual({ status: 'failed', changedFiles: 0 });
      await isOld();
    });

    it('on a full disk, before anything is sent and in the middle', async () => {
      const full = join(folder.path, 'full');
      await mkdir(full);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', full]);
      try {
        await writeFile(join(full, 'big'), old);
        const early = await copyTo(pool, on(), [big], full);
        expect(early).toMatchObject({ status: 'failed', bytes: 0, error: { code: 'NO_SPACE' } });
        expect(early.error!.message).toMatch(/no space left for .*: 6\.0 MB are needed, 1\.0 MB are free/);
        // The first is there when the disk is found full by the second, whose size the first look did not know.
        await mkdir(join(src, 'app'));
        for (const name of many) await writeFile(join(src, 'app', name), randomBytes(80_000));
        const packed = await copyTo(pool, on(), [join(src, 'app')], full);
        expect(packed).toMatchObject({ status: 'ok' });
        for (const name of many) await writeFile(join(src, 'app', name), randomBytes(80_001));
        const again = await copyTo(pool, on(), [join(src, 'app')], full);
        expect(again).toMatchObject({ status: 'failed', error: { code: 'NO_SPACE' } });
        expect((await stat(join(full, 'app', 'f0'))).size).toBe(80_000);
        expect(await readFile(join(full, 'big'), 'utf8')).toBe(old);
        expect(await temporaryIn(full)).toEqual([]);
      } finally {
        await run('umount', [full]);
      }
    });

    it('but no disk is called full whose size is unknown', async () => {
      for (const host of [on(), { ...on(), transport: 'local' as const }]) {
        const { error } = await copyTo(pool, host, [big], '/proc');
        expect(error).toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('/proc') });
      }
    });

    it.each(ways)('%s, when the link is cut, since the host is reached again', async (_, bytes) => {
      await local('big', randomBytes(bytes));
      const onProgress = afterBytes(1_000_000, cut);
      const result = await copyTo(pool, overLink(), [big], dest, { onProgress });
      expect(result).toMatchObject({ status: 'failed', error: { code: 'RESET' } });
      expect(result.leftBehind).toBeUndefined();
      await isOld();
    });

    it('when the link is cut while an archive is unpacked', async () => {
      const app = await tree();
      for (const name of many) await writeFile(join(app, name), randomBytes(500_000));
      const onProgress = afterBytes(2_000_000, cut);
      const result = await copyTo(pool, overLink(), [app], dest, { onProgress });
      expect(result).toMatchObject({ status: 'failed', changedFiles: 0 });
      expect(result.leftBehind).toBeUndefined();
      await isOld();
      expect(await namesIn(dest)).toEqual(['big']);
    });

    it('or what it leaves is said, where the host is gone', async () => {
      const onProgress = afterBytes(1_000_000, () => link.cut());
      const result = await copyTo(pool, overLink(), [big], dest, { onProgress });
      link.restore();
      expect(result).toMatchObject({ status: 'failed' });
      const left = await temporaryIn(dest);
      expect(result.leftBehind).toEqual(left.map((name) => join(dest, name)));
      expect(await readFile(join(dest, 'big'), 'utf8')).toBe(old);
    });

    it.each(ways)('%s, when it is cancelled', async (_, bytes) => {
      await local('big', randomBytes(bytes));
      const cancel = new AbortController();
      const onProgress = afterBytes(1_000_000, () => cancel.abort());
      const result = await copyTo(pool, on(), [big], dest, { onProgress, signal: cancel.signal });
      expect(result).toMatchObject({ status: 'stopped', changedFiles: 0, error: { code: 'CANCELLED' } });
      await isOld();
    });

    it.each(ways)('%s, when the file here is written meanwhile', async (_, bytes) => {
      await local('big', randomBytes(bytes));
      const onProgress = afterBytes(1_000_000, () => void writeFile(big, 'other'));
      const result = await copyTo(pool, on(), [big], dest, { onProgress, maxBandwidth: 20_000_000 });
      expect(result.error?.message).toContain('was changed while it was copied');
      await isOld();
    });

    it('but with --resume keeps what was sent, and goes on after it', async () => {
      const onProgress = afterBytes(3_000_000, cut);
      const first = await copyTo(pool, overLink(), [big], dest, { onProgress, resume: true });
      const [partial] = await temporaryIn(dest);
      expect(first).toMatchObject({ status: 'failed', partial: [join(dest, partial!)] });
      expect(partial).toBe(`.big.muster-${hash.slice(0, 16)}`);
      const { size } = await stat(join(dest, partial!));
      const rest = await copyTo(pool, on(), [big], dest, { resume: true });
      expect(rest).toMatchObject({ status: 'ok', bytes: content.length - size });
      expect(content.equals(await readFile(join(dest, 'big')))).toBe(true);
      expect(await temporaryIn(dest)).toEqual([]);
    });

    it('and a part that is something else is sent again', async () => {
      await writeFile(join(dest, `.big.muster-${hash.slice(0, 16)}`), 'something else');
      const result = await copyTo(pool, on(), [big], dest, { resume: true });
      expect(result).toMatchObject({ status: 'ok', bytes: content.length });
      expect(content.equals(await readFile(join(dest, 'big')))).toBe(true);
    });
  });

  it('a host without SFTP says so', async () => {
    const result = await copyTo(pool, on(withoutFiles), [await local('a')], dest);
    expect(result).toMatchObject({ status: 'failed', error: { code: 'PROTOCOL', phase: 'channel' } });
    expect(result.error!.message).toContain('the host offers no SFTP');
  });
});
