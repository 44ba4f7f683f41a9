import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile as readLocal,
  rm,
  stat,
  symlink,
  utimes,
  writeFile as writeLocal,
} from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import type { FileSession } from '../../../../src/platform/transport/files/fileSession';
import { readOnHosts } from '../../../../src/platform/transport/files/compareFiles';
import { listFolder, readFile, statFile } from '../../../../src/platform/transport/files/readFiles';
import { LeftBehind, saveFile, type SaveOptions } from '../../../../src/platform/transport/files/saveFile';
import { FileSessions } from '../../../../src/platform/transport/files/fileSessions';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { kill, type Sshd, SshdFarm } from '../../../harness/sshd';
import { standStill } from '../../../harness/standStill';
import { until } from '../../../harness/until';
import { failure, hostOn, nothingLeft, openResources, poolFor, run } from './sshFixture';

const server = '/usr/lib/openssh/sftp-server';
const nobody = 65534;
const isRoot = userInfo().uid === 0;

/** Requests after which a file of 20 MB is being written. */
const inTheMiddle = 30;

/** The deadline, and what happens when that many requests have been sent with it. */
function atRequest(count: number, deadline: Deadline, act: () => void) {
  let asked = 0;
  return {
    get reason() {
      return deadline.reason;
    },
    onAbort: (listener: () => void) => {
      if (++asked === count) act();
      return deadline.onAbort(listener);
    },
  };
}

/** Root may write everywhere; another user may not. */
const asNobody = isRoot
  ? `/usr/bin/setpriv --reuid=${nobody} --regid=${nobody} --clear-groups ${server}`
  : server;

describe('files on a host', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let humble: Sshd;
  let closed: Sshd;
  let folder: string;
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start({ config: [`Subsystem sftp ${server}`] });
    humble = await farm.start({ config: [`Subsystem sftp ${asNobody}`] });
    closed = await farm.start();
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(async () => {
    before = openResources();
    folder = await mkdtemp(join(tmpdir(), 'muster-files-'));
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await nothingLeft(before, [daemon, humble, closed]);
  });

  const forever = new Deadline(0);
  const on = async <T>(
    work: (sftp: FileSession, pool: HostTransport) => Promise<T>,
    there: Sshd = daemon,
  ): Promise<T> => {
    await using pool = await poolFor(farm, [there]);
    const sftp = await pool.files(hostOn(farm, there), { deadline: forever });
    return await work(sftp, pool);
  };
  const local = async (name: string, content: string | Buffer = 'old\n', mode = 0o644) => {
    const path = join(folder, name);
    await writeLocal(path, content);
    await chmod(path, mode);
    return path;
  };
  const save = (sftp: FileSession, path: string, text: string, options: Partial<SaveOptions> = {}) =>
    saveFile(sftp, path, Buffer.from(text), { create: false, overwrite: true, ...options }, forever);

  describe('are read', () => {
    it.each([0, 1, 30 * 1024, 30 * 1024 + 1, 7_654_321])('byte for byte: %i bytes', async (size) => {
      const content = randomBytes(size);
      const path = await local('data', content);
      const { bytes, info } = await on((sftp) => readFile(sftp, path, 10_000_000, forever));
      expect(bytes.equals(content)).toBe(true);
      expect(info).toMatchObject({ type: 'file', size, mode: 0o644 });
    });

    it('even when they have no size before they are read', async () => {
      const { bytes } = await on((sftp) => readFile(sftp, '/proc/version', 10_000, forever));
      expect(bytes.toString()).toMatch(/^Linux version/);
    });

    it('through links', async () => {
      await symlink(await local('target'), join(folder, 'link'));
      const { bytes } = await on((sftp) => readFile(sftp, join(folder, 'link'), 100, forever));
      expect(bytes.toString()).toBe('old\n');
    });

    it('up to a limit, which the error names', async () => {
      const path = await local('large', Buffer.alloc(2_000_000));
      const error = await on((sftp) => failure(readFile(sftp, path, 1_048_576, forever)));
      expect(error).toMatchObject({ failure: 'tooLarge', host: 'target' });
      expect(error.message).toContain('has 1.9 MB, and no more than 1 MB are read');
      const endless = await on((sftp) => failure(readFile(sftp, '/proc/kallsyms', 10_000, forever)));
      expect(endless).toMatchObject({ failure: 'tooLarge' });
    });

    it('unless they are folders, devices or pipes', async () => {
      await on(async (sftp) => {
        expect((await failure(readFile(sftp, folder, 100, forever))).message).toContain('is a folder');
        const device = await failure(readFile(sftp, '/dev/zero', 100, forever));
        expect(device).toMatchObject({ failure: 'notAFile' });
      });
    });

    it('or the host says why not', async () => {
      const secret = await local('secret', 'x', 0o600);
      const missing = await on((sftp) => failure(readFile(sftp, join(folder, 'missing'), 100, forever)));
      expect(missing).toMatchObject({ failure: 'notFound', code: 'PROTOCOL', phase: 'request' });
      if (!isRoot) return;
      const error = await on((sftp) => failure(readFile(sftp, secret, 100, forever)), humble);
      expect(error).toMatchObject({ failure: 'noPermission' });
      expect(error.message).toBe(`${secret}: permission denied`);
    });

    it('and folders with their sizes, hidden files and where links lead', async () => {
      await mkdir(join(folder, 'sub'));
      await local('.hidden', '123');
      await symlink('sub', join(folder, 'to-sub'));
      await symlink('nowhere', join(folder, 'broken'));
      const { entries, isCut } = await on((sftp) => listFolder(sftp, folder, forever));
      const byName = Object.fromEntries(entries.map((entry) => [entry.name, entry]));
      expect(isCut).toBe(false);
      expect(Object.keys(byName).toSorted()).toEqual(['.hidden', 'broken', 'sub', 'to-sub']);
      expect(byName['.hidden']).toMatchObject({ type: 'file', size: 3, isLink: false });
      expect(byName['sub']).toMatchObject({ type: 'folder', isLink: false });
      expect(byName['to-sub']).toMatchObject({ type: 'folder', isLink: true });
      expect(byName['broken']).toMatchObject({ type: 'other', isLink: true });
      const info = await on((sftp) => statFile(sftp, join(folder, 'to-sub'), forever));
      expect(info).toMatchObject({ type: 'folder', isLink: true });
    });

    it('while a folder of thousands of files is listed', async () => {
      await Promise.all(Array.from({ length: 3_000 }, (_, index) => local(`file-${index}`, '')));
      const { entries } = await on((sftp) => listFolder(sftp, folder, forever));
      expect(entries).toHaveLength(3_000);
    });
  });

  describe('are saved', () => {
    it('whole, with their mode and owner', async () => {
      const path = await local('conf', 'old\n', 0o4750);
      if (isRoot) await chown(path, 12, 34);
      await chmod(path, 0o4750);
      const inode = (await stat(path)).ino;
      const content = randomBytes(3_000_000);
      const saved = await on((sftp) =>
        saveFile(sftp, path, content, { create: false, overwrite: true }, forever),
      );
      const now = await stat(path);
      expect((await readLocal(path)).equals(content)).toBe(true);
      expect(now.mode & 0o7777).toBe(0o4750);
      if (isRoot) expect([now.uid, now.gid]).toEqual([12, 34]);
      expect(now.ino).not.toBe(inode);
      expect(saved).toEqual({
        path,
        state: { size: 3_000_000, mtime: Math.floor(now.mtimeMs / 1000) },
        inPlace: undefined,
      });
      expect(await readdir(folder)).toEqual(['conf']);
    });

    it('behind links, which stay links', async () => {
      const path = await local('target');
      await symlink('target', join(folder, 'link'));
      const saved = await on((sftp) => save(sftp, join(folder, 'link'), 'new\n'));
      expect(saved.path).toBe(path);
      expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
      expect(await readLocal(path, 'utf8')).toBe('new\n');
    });

    it('empty, and with a name as long as names can be', async () => {
      const name = 'ü'.repeat(127);
      const path = await local(name);
      await on((sftp) => save(sftp, path, ''));
      expect(await readLocal(path, 'utf8')).toBe('');
      expect(await readdir(folder)).toEqual([name]);
    });

    it('anew, unless there is one already', async () => {
      const path = join(folder, 'new');
      await on(async (sftp) => {
        expect(await failure(save(sftp, path, 'x'))).toMatchObject({ failure: 'notFound' });
        await save(sftp, path, 'x', { create: true, overwrite: false });
        expect(await readLocal(path, 'utf8')).toBe('x');
        const again = await failure(save(sftp, path, 'y', { create: true, overwrite: false }));
        expect(again).toMatchObject({ failure: 'exists' });
      });
      expect(await readdir(folder)).toEqual(['new']);
    });

    it('not when somebody else has changed them', async () => {
      const path = await local('conf');
      await on(async (sftp) => {
        const { info } = await readFile(sftp, path, 100, forever);
        await writeLocal(path, 'theirs, longer\n');
        const error = await failure(save(sftp, path, 'mine\n', { expected: info }));
        expect(error).toMatchObject({ failure: 'changed', host: 'target' });
        expect(error.message).toBe(`${path} was changed on the host meanwhile`);
        const older = await failure(
          utimes(path, 1, 1).then(() => save(sftp, path, 'mine\n', { expected: { ...info, size: 15 } })),
        );
        expect(older).toMatchObject({ failure: 'changed' });
        await rm(path);
        const gone = await failure(save(sftp, path, 'mine\n', { expected: info, create: true }));
        expect(gone).toMatchObject({ failure: 'notFound' });
      });
      expect(await readdir(folder)).toEqual([]);
    });

    it('over their old content where nothing can be made beside them, which is told', async () => {
      if (!isRoot) return;
      const path = await local('conf', 'old and longer\n', 0o666);
      const saved = await on((sftp) => save(sftp, path, 'new\n'), humble);
      expect(saved.inPlace).toBe('folder');
      expect(await readLocal(path, 'utf8')).toBe('new\n');
    });

    it('over their old content where a new file would have another owner', async () => {
      if (!isRoot) return;
      await chmod(folder, 0o777);
      const path = await local('conf', 'old and longer\n', 0o666);
      const saved = await on((sftp) => save(sftp, path, 'new\n'), humble);
      expect(saved.inPlace).toBe('owner');
      expect(await readLocal(path, 'utf8')).toBe('new\n');
      expect((await stat(path)).uid).toBe(0);
      expect(await readdir(folder)).toEqual(['conf']);
    });

    it('not when they may not be written, even where they could be replaced', async () => {
      if (!isRoot) return;
      await chmod(folder, 0o777);
      const path = await local('conf', 'old\n', 0o444);
      const error = await on((sftp) => failure(save(sftp, path, 'new\n')), humble);
      expect(error).toMatchObject({ failure: 'noPermission' });
      expect(await readLocal(path, 'utf8')).toBe('old\n');
    });

    it('not at all when the connection is cut in the middle: the old content stays', async () => {
      const path = await local('conf');
      const error = await on(async (sftp) => {
        const connection = await daemon.children();
        const waiter = atRequest(inTheMiddle, forever, () => kill(connection));
        return failure(
          saveFile(sftp, path, Buffer.alloc(20_000_000), { create: false, overwrite: true }, waiter),
        );
      });
      expect(error).toBeInstanceOf(LeftBehind);
      expect(error.code).toBe('RESET');
      expect(await readLocal(path, 'utf8')).toBe('old\n');
      const left = (error as LeftBehind).path;
      expect(await readdir(folder)).toEqual([left.slice(folder.length + 1), 'conf'].toSorted());
    });

    it.each([1, 2, 3, 4, 5, 6, 7, 8])(
      'not when cancelled at request %i, and nothing is left beside them',
      async (requests) => {
        const path = await local('conf');
        const controller = new AbortController();
        await on(async (sftp) => {
          const deadline = new Deadline(0, controller.signal);
          const waiter = atRequest(requests, deadline, () => queueMicrotask(() => controller.abort()));
          const options = { create: false, overwrite: true };
          expect(await failure(saveFile(sftp, path, Buffer.from('new\n'), options, waiter))).toMatchObject({
            code: 'CANCELLED',
          });
          await until('it to be gone', async () => (await readdir(folder)).length === 1);
        });
      },
    );

    it('not when cancelled, and nothing is left beside them', async () => {
      const path = await local('conf');
      const controller = new AbortController();
      await on(async (sftp) => {
        const options = { create: false, overwrite: true };
        const deadline = new Deadline(0, controller.signal);
        const waiter = atRequest(inTheMiddle, deadline, () => queueMicrotask(() => controller.abort()));
        const error = await failure(saveFile(sftp, path, Buffer.alloc(20_000_000), options, waiter));
        expect(error).toMatchObject({ code: 'CANCELLED' });
        await until('it to be gone', async () => (await readdir(folder)).length === 1);
      });
      expect(await readLocal(path, 'utf8')).toBe('old\n');
    });
  });

  describe('are read on many hosts', () => {
    it('with the digest of each, or why there is none', async () => {
      await local('secret', 'the same\n', 0o600);
      await using pool = await poolFor(farm, [daemon, humble, closed]);
      const hosts = [
        ...Array.from({ length: 12 }, (_, index) => hostOn(farm, daemon, {}, `web-${index}`)),
        hostOn(farm, humble, {}, 'humble'),
        hostOn(farm, closed, {}, 'closed'),
      ];
      const seen: string[] = [];
      const results = await readOnHosts(pool, hosts, join(folder, 'secret'), {
        ...{ concurrency: 5, timeoutMs: 20_000, limit: 100 },
        onResult: ({ host: name }) => seen.push(name),
      });
      expect(results.map(({ host: name }) => name)).toEqual(hosts.map(({ name }) => name));
      expect(seen).toHaveLength(14);
      expect(new Set(results.slice(0, 12).map(({ digest }) => digest)).size).toBe(1);
      expect(results[0]!.info).toMatchObject({ size: 9, mode: 0o600 });
      if (isRoot) expect(results[12]).toMatchObject({ failure: 'noPermission' });
      expect(results[13]!.error).toMatchObject({ code: 'PROTOCOL', phase: 'channel' });
      expect(results[13]!.digest).toBeUndefined();
    });

    it('until it is cancelled', async () => {
      await using pool = await poolFor(farm, [daemon]);
      const hosts = Array.from({ length: 30 }, (_, index) => hostOn(farm, daemon, {}, `web-${index}`));
      const controller = new AbortController();
      const results = await readOnHosts(pool, hosts, '/proc/version', {
        ...{ concurrency: 2, timeoutMs: 20_000, limit: 1_000, signal: controller.signal },
        onResult: () => controller.abort(),
      });
      expect(results).toHaveLength(30);
      expect(results.filter(({ error }) => error?.code === 'CANCELLED').length).toBeGreaterThan(26);
    });
  });

  describe('are reached over sessions', () => {
    it('that a host without SFTP refuses, with what to do, and without losing a slot', async () => {
      await using pool = await poolFor(farm, [closed], { maxSessions: 1 });
      const target = hostOn(farm, closed);
      const logins = closed.logins;
      for (let time = 0; time < 3; time++) {
        const error = await failure(pool.files(target, { deadline: forever }));
        expect(error).toMatchObject({ code: 'PROTOCOL', phase: 'channel', host: 'target' });
        expect(error.message).toBe('the host offers no SFTP, so its files cannot be reached');
        expect(error.hint).toContain('Subsystem sftp');
      }
      expect((await run(pool, target, 'echo fine')).stdout).toBe('fine\n');
      expect(closed.logins - logins).toBe(1);
    });

    it('before which a shell prints nothing, or what it prints is shown', async () => {
      const lines = '#!/bin/sh\necho Welcome to vm\nexec /usr/lib/openssh/sftp-server\n';
      const server = await farm.write('chatty-server', lines, 0o755);
      const chatty = await farm.start({ config: [`Subsystem sftp ${server}`] });
      await using pool = await poolFor(farm, [chatty]);
      const error = await failure(pool.files(hostOn(farm, chatty), { deadline: forever }));
      expect(error).toMatchObject({ code: 'PROTOCOL', hint: expect.stringContaining('~/.bashrc') });
      expect(error.message).toMatch(/^what the host sends is not SFTP: it begins with “Welc”/);
      await chatty.stop();
    });

    it('that end when the link drops', async () => {
      await on(async (sftp) => {
        expect(await sftp.realpath('.', forever)).toMatch(/^\//);
        await Promise.all((await daemon.connections()).map(standStill));
        const reading = failure(readFile(sftp, '/etc/hosts', 1e9, forever));
        await daemon.dropConnections();
        expect(await reading).toMatchObject({ code: 'RESET' });
        expect(await failure(sftp.stat('/', forever))).toMatchObject({ code: 'RESET' });
        expect(sftp.isClosed).toBe(true);
      });
    });

    it('that end with the pool', async () => {
      const pool = await poolFor(farm, [daemon]);
      const sftp = await pool.files(hostOn(farm, daemon), { deadline: forever });
      await pool.dispose();
      expect(await failure(sftp.stat('/', forever))).toMatchObject({ code: 'CANCELLED' });
    });

    it('that are kept for a while, opened again when they have gone, and closed with their owner', async () => {
      await using pool = await poolFor(farm, [daemon], { maxSessions: 1 });
      const sessions = new FileSessions({ idleMs: 60_000 });
      const target = hostOn(farm, daemon);
      const home = () => sessions.use(pool, target, (sftp) => sftp.realpath('.', forever));
      const [one, two] = await Promise.all([home(), home()]);
      expect(one).toBe(two);
      const open = (await daemon.children()).length;
      await home();
      expect((await daemon.children()).length).toBe(open);
      await daemon.dropConnections();
      expect(await home()).toBe(one);
      sessions.dispose();
      await until('the session to be gone', async () => (await daemon.children()).length < open);
      expect(await failure(home())).toMatchObject({ code: 'CANCELLED' });
    });

    it('that are closed when nobody has used them for a while', async () => {
      await using pool = await poolFor(farm, [daemon]);
      const sessions = new FileSessions({ idleMs: 20 });
      await sessions.use(pool, hostOn(farm, daemon), (sftp) => sftp.realpath('.', forever));
      await until('sftp-server to be gone', async () => (await daemon.children()).length <= 2);
      sessions.dispose();
    });
  });
});
