import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ServerChannel } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBody } from '../../../../src/features/checks/core/http/decodeBody';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { listFolder } from '../../../../src/platform/transport/files/readFiles';
import { cpuMs } from '../../../harness/cpuMs';
import { type HostileSsh, type Misbehaviour, startHostileSsh } from '../../../harness/hostileSsh';
import { muster } from '../../../harness/musterCli';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { host, poolFor } from '../ssh/sshFixture';

describe('A host that sends without end', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let folder: string;
  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
    folder = await mkdtemp(join(tmpdir(), 'muster-floods-'));
  });
  afterAll(async () => {
    await farm[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const inventory = async (port: number, known: string) => {
    const knownHosts = await farm.write(`known-${port}`, known);
    const ssh = { port, identityFile: farm.clientKey, knownHosts };
    const file = join(folder, `${port}.yaml`);
    await writeFile(
      file,
      `hosts: ${JSON.stringify({ 'web-01': { address: '127.0.0.1', ssh } })}\nchecks: { s: { type: ssh } }\n`,
    );
    return file;
  };

  describe('SFTP answers', () => {
    const limits = { entries: 1000, nameBytes: 1024 * 1024, answers: 200, ms: 60_000 };
    const list = async (
      answer: (count: number) => { filename: string; longname: string; attrs: object }[],
      most = limits,
    ) => {
      const misbehaviour: Misbehaviour = {
        sftp(sftp) {
          let count = 0;
          sftp.on('OPENDIR', (id) => sftp.handle(id, Buffer.from('h')));
          sftp.on('READDIR', (id) => sftp.name(id, answer(count++) as never));
          sftp.on('CLOSE', (id) => sftp.status(id, 0));
          sftp.on('end', () => sftp.end());
        },
      };
      await using server = await startHostileSsh(daemon, misbehaviour);
      await using pool = await poolFor(farm, []);
      const knownHosts = [await farm.write('known-sftp', server.known)];
      const target = host('web-01', '127.0.0.1', {
        port: server.port,
        identityFile: [farm.clientKey],
        knownHosts,
      });
      const sftp = await pool.files(target, { deadline: new Deadline(60_000) });
      return await listFolder(sftp, '/', new Deadline(60_000), most);
    };
    const entry = (filename: string) => ({
      filename,
      longname: '',
      attrs: { mode: 0o100644, uid: 0, gid: 0, size: 1, atime: 0, mtime: 0 },
    });

    it('end at the most that is shown, as a part', async () => {
      const { entries, isCut } = await list((count) =>
        Array.from({ length: 100 }, (_, at) => entry(`f${count}-${at}`)),
      );
      expect([entries.length, isCut]).toEqual([1000, true]);
    });

    it('end when they name nothing that is shown', async () => {
      expect(await list(() => [entry('.'), entry('..'), entry('a/b')])).toEqual({ entries: [], isCut: true });
    });

    it('end when they are empty', async () => {
      expect(await list(() => [])).toEqual({ entries: [], isCut: true });
    });

    it('end when their names are huge', async () => {
      const { entries, isCut } = await list((count) => [entry(`${count}${'x'.repeat(30_000)}`)]);
      expect(entries.length).toBeLessThan(50);
      expect(isCut).toBe(true);
    });

    it('end when time is up', async () => {
      const { isCut } = await list(() => [entry('.')], {
        ...limits,
        ms: 100,
        answers: Infinity,
        entries: Infinity,
      });
      expect(isCut).toBe(true);
    });
  });

  it('does not keep the process after the deadline', async () => {
    const flood = (channel: ServerChannel) => {
      const bytes = Buffer.alloc(32 * 1024, 'x');
      const go = (): void => {
        if (!channel.writable) return;
        if (channel.write(bytes)) setImmediate(go);
        else channel.once('drain', go);
      };
      go();
    };
    await using server: HostileSsh = await startHostileSsh(daemon, { exec: flood });
    const file = await inventory(server.port, server.known);
    const begin = performance.now();
    const { status, stdout } = await muster(
      ['run', 'all', '--timeout', '1s', '--json', '-i', file, '--', 'yes'],
      { cwd: folder },
    );
    const took = performance.now() - begin;
    expect(status).toBe(1);
    expect(stdout).toContain('"TIMEOUT"');
    console.log(`ended ${Math.round(took)} ms after it was started, with a deadline of 1000 ms`);
    expect(took).toBeLessThan(4_500);
  });

  it('is no login that failed when its banner is huge', async () => {
    await using server = await startHostileSsh(daemon, { banner: 'x'.repeat(540_000) });
    const { stdout } = await muster(['check', '--json', '-i', await inventory(server.port, server.known)], {
      cwd: folder,
    });
    expect(stdout.length).toBeLessThan(4_000);
    expect(JSON.parse(stdout)).toMatchObject({
      results: [
        {
          error: {
            code: 'PROTOCOL',
            phase: 'auth',
            message: 'the server sent a message of a length that SSH does not allow',
          },
        },
      ],
    });
  });
});

describe('A compressed profile', () => {
  it('that swells without end is refused at once, in little memory', async () => {
    const bomb = Buffer.concat(new Array<Buffer>(12).fill(gzipSync(Buffer.alloc(256 * 1024 * 1024))));
    expect(bomb.length).toBeLessThan(3.5 * 1024 * 1024);
    const before = process.memoryUsage().rss;
    const took = await cpuMs(() =>
      expect(readProfile(bomb, 'bomb.pb.gz')).rejects.toMatchObject({
        code: 'TOO_LARGE',
        message: 'bomb.pb.gz: the compressed data swells to more than 200 times its size',
      }),
    );
    expect(took).toBeLessThan(1_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('is unpacked no further than is judged where a check asks for it', async () => {
    const headers = new Map([['content-encoding', 'gzip']]);
    const body = gzipSync(Buffer.alloc(512 * 1024 * 1024));
    const took = await cpuMs(async () => {
      const decoded = await decodeBody({ status: 200, headers, body, truncated: false }, 4 * 1024 * 1024);
      expect([decoded.body.length, decoded.truncated]).toEqual([4 * 1024 * 1024, true]);
    });
    expect(took).toBeLessThan(1_000);
  });

  it('that is honest opens, however well it is packed', async () => {
    const stacks = Array.from(
      { length: 1_500_000 },
      (_, at) => `main;serve;handle${at % 40};read ${at % 2}\n`,
    ).join('');
    const packed = gzipSync(stacks);
    console.log(`${Math.round(stacks.length / packed.length)} times its size`);
    expect(stacks.length / packed.length).toBeGreaterThan(50);
    expect((await readProfile(packed, 'honest.folded.gz')).format).toBe('folded');
    // A small file may have any ratio.
    const small = gzipSync(`${'a;b;c 1\n'.repeat(2_000_000)}`);
    expect((await readProfile(small, 'small.folded.gz')).format).toBe('folded');
  });
});
