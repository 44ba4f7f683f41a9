import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utils } from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { type HostileSsh, startHostileSsh } from '../../../harness/hostileSsh';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { hostOn, nothingLeft, openResources, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { afterBytes, fetchFrom, namesIn, type Scratch, scratch, temporaryIn } from './copyFixture';

const { OPEN_MODE, STATUS_CODE } = utils.sftp;
const modes = { file: 0o100644, folder: 0o040755, link: 0o120777, device: 0o020644 };

/** A name in a folder of a host that lies. */
interface Lie {
  name: string;
  mode: number;
  size?: number;
}

describe('fetching from hosts', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let link: TcpProxy;
  let pool: HostTransport & AsyncDisposable;
  let folder: Scratch;
  let src: string;
  let dest: string;
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start({ config: ['Subsystem sftp /usr/lib/openssh/sftp-server'] });
    link = await TcpProxy.to(daemon.port);
  });
  afterAll(async () => {
    await link[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });
  const trust = async (...lines: string[]) => {
    const known = await daemon.knownHostsLine();
    const linked = await daemon.knownHostsLine(daemon.hostKeys[0], `[127.0.0.1]:${link.port}`);
    await farm.write('known_hosts', [known, linked, ...lines].join(''));
  };
  beforeEach(async () => {
    before = openResources();
    pool = await poolFor(farm, [daemon]);
    await trust();
    folder = await scratch();
    [src, dest] = [join(folder.path, 'src'), join(folder.path, 'dest')];
    await mkdir(src);
  });
  afterEach(async () => {
    await pool[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    await nothingLeft(before, [daemon]);
  });
  const on = () => hostOn(farm, daemon);

  it('each has a folder of its own, with modes and times, and a second time nothing is read', async () => {
    await mkdir(join(src, 'sub'));
    const content = randomBytes(1_000_000);
    await writeFile(join(src, 'sub', 'big'), content);
    await writeFile(join(src, 'a'), 'a\n', { mode: 0o640 });
    await utimes(join(src, 'a'), 1_000_000_000, 1_000_000_000);
    await symlink('sub/big', join(src, 'inside'));
    await symlink('/etc/passwd', join(src, 'outside'));
    const first = await fetchFrom(pool, on(), src, dest);
    expect(first).toMatchObject({ status: 'ok', changedFiles: 3, bytes: content.length + 2 });
    expect(first.leftOut.map(({ path }) => path)).toEqual([join(src, 'outside')]);
    const there = join(dest, 'target', 'src');
    expect(content.equals(await readFile(join(there, 'sub/big')))).toBe(true);
    expect(await stat(join(there, 'a'))).toMatchObject({ mode: 0o100640, mtimeMs: 1_000_000_000_000 });
    expect(await readlink(join(there, 'inside'))).toBe('sub/big');
    for (const settings of [{}, { checksum: true }])
      expect(await fetchFrom(pool, on(), src, dest, settings)).toMatchObject({
        ...{ status: 'ok', changedFiles: 0, sameFiles: 3, bytes: 0 },
      });
  });

  it('a file or the content of a folder is fetched, and what has no size as it is read', async () => {
    await writeFile(join(src, 'a'), 'a\n');
    await fetchFrom(pool, on(), join(src, 'a'), dest);
    await fetchFrom(pool, on(), `${src}/`, join(dest, 'content'));
    await fetchFrom(pool, on(), '/proc/version', dest);
    expect(await namesIn(dest)).toEqual([
      ...['content', 'content/target', 'content/target/a', 'target', 'target/a', 'target/version'],
    ]);
    expect(await readFile(join(dest, 'target/version'), 'utf8')).toMatch(/^Linux version/);
    const missing = await fetchFrom(pool, on(), join(src, 'missing'), dest);
    expect(missing).toMatchObject({ status: 'failed', changedFiles: 0 });
  });

  it('--dry-run and --diff write nothing', async () => {
    await writeFile(join(src, 'a'), 'new\n');
    expect(await fetchFrom(pool, on(), src, dest, { dryRun: true })).toMatchObject({
      changedFiles: 1,
      bytes: 4,
    });
    const { changes } = await fetchFrom(pool, on(), src, dest, { diff: true });
    expect(changes.at(-1)).toMatchObject({ path: 'src/a', diff: expect.stringContaining('+new') as string });
    await expect(stat(dest)).rejects.toThrow('ENOENT');
  });

  it('a cut link leaves the old file and nothing else', async () => {
    await mkdir(join(dest, 'target'), { recursive: true });
    await writeFile(join(dest, 'target', 'big'), 'old\n');
    await writeFile(join(src, 'big'), randomBytes(8_000_000));
    const onProgress = afterBytes(1_000_000, () => {
      link.cut();
      link.restore();
    });
    const host = hostOn(farm, daemon, { port: link.port });
    expect(await fetchFrom(pool, host, join(src, 'big'), dest, { onProgress })).toMatchObject({
      ...{ status: 'failed', error: { code: 'RESET' } },
    });
    expect(await readFile(join(dest, 'target', 'big'), 'utf8')).toBe('old\n');
    expect(await temporaryIn(dest)).toEqual([]);
  });

  it('no link that is here is followed', async () => {
    const other = join(folder.path, 'other');
    await mkdir(other);
    await mkdir(join(src, 'sub'));
    await writeFile(join(src, 'sub', 'a'), 'a\n');
    await mkdir(join(dest, 'target', 'src'), { recursive: true });
    await symlink(other, join(dest, 'target', 'src', 'sub'));
    const inside = await fetchFrom(pool, on(), src, dest);
    expect(inside.error?.message).toContain('src/sub is not a folder');
    await rm(join(dest, 'target'), { recursive: true });
    await symlink(other, join(dest, 'target'));
    const itself = await fetchFrom(pool, on(), src, dest);
    expect(itself.error?.message).toContain('target is not a folder');
    expect(await namesIn(other)).toEqual([]);
  });

  describe('a host that lies', () => {
    /** Lists these in every folder, and every file has the content `x`. */
    const liar = (lies: readonly Lie[], target = '../../../escape'): Promise<HostileSsh> =>
      startHostileSsh(daemon, {
        sftp: (sftp) => {
          const attrs = ({ mode, size = 1 }: Omit<Lie, 'name'>) => ({
            ...{ mode, size, uid: 0, gid: 0, atime: 0, mtime: 0 },
          });
          let listed = false;
          const of = (path: string) =>
            attrs(lies.find(({ name }) => path.endsWith(`/${name}`)) ?? { mode: modes.folder });
          sftp.on('REALPATH', (id, path) =>
            sftp.name(id, [{ filename: path, longname: path, attrs: of('') }]),
          );
          sftp.on('STAT', (id, path) => sftp.attrs(id, of(path)));
          sftp.on('LSTAT', (id, path) => sftp.attrs(id, of(path)));
          sftp.on('FSTAT', (id) => sftp.attrs(id, attrs({ mode: modes.file })));
          sftp.on('OPENDIR', (id) => {
            listed = false;
            sftp.handle(id, Buffer.from('d'));
          });
          sftp.on('READDIR', (id) => {
            if (listed) return sftp.status(id, STATUS_CODE.EOF);
            listed = true;
            sftp.name(
              id,
              lies.map((lie) => ({ filename: lie.name, longname: lie.name, attrs: attrs(lie) })),
            );
          });
          sftp.on('READLINK', (id) => sftp.name(id, [{ filename: target, longname: '', attrs: of('') }]));
          sftp.on('OPEN', (id, _, flags) =>
            flags & OPEN_MODE.WRITE
              ? sftp.status(id, STATUS_CODE.FAILURE)
              : sftp.handle(id, Buffer.from('f')),
          );
          sftp.on('READ', (id, _, at) =>
            at === 0 ? sftp.data(id, Buffer.from('x')) : sftp.status(id, STATUS_CODE.EOF),
          );
          sftp.on('CLOSE', (id) => sftp.status(id, STATUS_CODE.OK));
        },
      });
    const fetched = async (lies: readonly Lie[], target?: string) => {
      await using server = await liar(lies, target);
      await trust(server.known);
      await using own = await poolFor(farm, []);
      await trust(server.known);
      return await fetchFrom(own, hostOn(farm, daemon, { port: server.port }), '/srv', dest);
    };

    it('names nothing outside of its folder', async () => {
      const names = ['..', '.', '', '../../escape', '/etc/passwd', 'a/b', 'nul\0', '..\\x', 'fine'];
      const result = await fetched(names.map((name) => ({ name, mode: modes.file })));
      expect(result.status).toBe('ok');
      expect(await namesIn(folder.path)).toEqual([
        ...['dest', 'dest/target', 'dest/target/srv', 'dest/target/srv/..\\x', 'dest/target/srv/fine', 'src'],
      ]);
    });

    it.each(['../../../escape', '/etc', 'a/../../../..', 'C:\\x'])(
      'links nowhere else: %s',
      async (target) => {
        const result = await fetched([{ name: 'link', mode: modes.link }], target);
        expect(result.leftOut).toHaveLength(1);
        expect(await namesIn(dest)).toEqual(['target', 'target/srv']);
      },
    );

    it('has no name twice, a link and a folder of which would lead elsewhere', async () => {
      const result = await fetched([
        { name: 'twice', mode: modes.file },
        { name: 'twice', mode: modes.device },
      ]);
      expect(result.leftOut.map(({ reason }) => reason)).toEqual(['another file has this name']);
    });

    it('has folders without end', async () => {
      const result = await fetched([{ name: 'deeper', mode: modes.folder }]);
      expect(result.leftOut).toEqual([
        { path: expect.stringMatching(/^\/srv(\/deeper)+$/) as string, reason: 'its folders lead too deep' },
      ]);
    });

    it('has sizes that are not true: what is shorter is an error, and what cannot fit is not begun', async () => {
      const short = await fetched([{ name: 'short', mode: modes.file, size: 1000 }]);
      expect(short.error?.message).toContain('became shorter while it was read');
      expect(await temporaryIn(dest)).toEqual([]);
      const huge = await fetched([{ name: 'huge', mode: modes.file, size: 2 ** 52 }]);
      expect(huge).toMatchObject({ status: 'failed', error: { code: 'NO_SPACE' }, bytes: 0 });
    });

    it('gives no file the rights of another user', async () => {
      await fetched([{ name: 'setuid', mode: modes.file | 0o6755 }]);
      expect((await stat(join(dest, 'target/srv/setuid'))).mode & 0o7777).toBe(0o755);
    });

    it('devices are left out', async () => {
      const result = await fetched([{ name: 'null', mode: modes.device }]);
      expect(result).toMatchObject({ status: 'ok', changedFiles: 0, leftOut: [{ path: '/srv/null' }] });
    });
  });
});
