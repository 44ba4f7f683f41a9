import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globFiles, globLimits } from '../../../../src/platform/files/fileGlob';
import { listFolder } from '../../../../src/platform/files/listFolder';
import {
  openRegularFile,
  readRegularFile,
  readRegularText,
} from '../../../../src/platform/files/regularFile';
import { loadInventory } from '../../../harness/inventories';
import { silentLogger, denyingAuthority } from '../../../../src/platform/host/host';
import { KeyFiles } from '../../../../src/platform/transport/ssh/auth/keyFiles';
import {
  KnownHostsStore,
  type TrustSource,
} from '../../../../src/platform/transport/ssh/trust/knownHostsStore';
import { SshConfig } from '../../../../src/platform/transport/ssh/config/sshConfig';
import { pemContext } from '../../../../src/platform/tls/tlsFiles';

let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);
const pipe = () => at('pipe');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'muster-files-'));
  await promisify(execFile)('mkfifo', [pipe()]);
});

afterAll(() => rm(folder, { recursive: true }));

describe.skipIf(process.platform === 'win32')('A path that a file names', () => {
  it.each([
    ['a named pipe', () => pipe(), 'it is a named pipe, not a file'],
    ['a device without an end', () => '/dev/zero', 'it is a device, not a file'],
    ['a folder', () => folder, 'it is a folder'],
  ])('is refused at once where it is %s', async (_, file, why) => {
    const before = process.memoryUsage().rss;
    await expect(readRegularFile(file(), 1024)).rejects.toMatchObject({ code: 'NOT_REGULAR', message: why });
    await expect(openRegularFile(file())).rejects.toMatchObject({ code: 'NOT_REGULAR', message: why });
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 ** 2);
  });

  it('is refused where it is a socket', async () => {
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    try {
      await expect(readRegularFile(at('socket'), 1024)).rejects.toThrow('it is a socket, not a file');
    } finally {
      server.close();
    }
  });

  it.runIf(process.platform === 'linux')('is refused where the kernel makes it up', async () => {
    for (const file of ['/proc/self/environ', '/proc/self/mem', '/proc/self/pagemap', '/sys/kernel/notes'])
      await expect(readRegularFile(file, 1024), file).rejects.toThrow('the kernel makes it up');
  });

  it('is not read where it is larger than it may be, whatever its blocks', async () => {
    await writeFile(at('sparse'), '');
    await truncate(at('sparse'), 2 ** 40);
    const before = process.memoryUsage().rss;
    await expect(readRegularFile(at('sparse'), 1024 ** 2)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: 'it is larger than 1 MiB',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 ** 2);
  });

  it('is read to its end while it grows, and no further than the limit', async () => {
    await writeFile(at('log'), 'a'.repeat(300_000));
    expect((await readRegularFile(at('log'), 1_000_000)).length).toBe(300_000);
    const { handle } = await openRegularFile(at('log'));
    await handle.close();
    await appendFile(at('log'), 'b'.repeat(1_000_000));
    await expect(readRegularFile(at('log'), 1_000_000)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await writeFile(at('text'), 'hosts: { a: }\n');
    expect(await readRegularText(at('text'), 14)).toBe('hosts: { a: }\n');
    await expect(readRegularText(at('text'), 13)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('may be the null device, which is empty', async () => {
    expect(await readRegularText('/dev/null', 1)).toBe('');
    const store = new KnownHostsStore(at('own'), silentLogger);
    expect((await store.trustFrom([knownHostsIn('/dev/null')])).authorities).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('Pipes in the place of files', () => {
  it('stop no other work on files, however many there are', async () => {
    const pipes = Array.from({ length: 16 }, () =>
      readRegularFile(pipe(), 1024).catch((error: Error) => error.message),
    );
    await writeFile(at('other'), 'x');
    expect(await readFile(at('other'), 'utf8')).toBe('x');
    expect(new Set(await Promise.all(pipes))).toEqual(new Set(['it is a named pipe, not a file']));
  });

  it('are problems of the imports that name them', async () => {
    await writeFile(
      at('muster.yaml'),
      'hosts: { a: }\nimports: [{ muster: pipe }, { ansible: pipe2 }, { sshConfig: config }, { muster: /dev/zero }]\n',
    );
    await promisify(execFile)('mkfifo', [at('pipe2')]);
    await writeFile(at('config'), `Include ${pipe()}\nHost b\n`);
    const { hosts, problems } = await loadInventory(at('muster.yaml'));
    expect([...hosts.keys()]).toEqual(['a', 'b']);
    expect(problems.map(({ message }) => message)).toEqual([
      `cannot read ${pipe()}: it is a named pipe, not a file`,
      `cannot read ${at('pipe2')}: it is a named pipe, not a file`,
      'cannot read /dev/zero: it is a device, not a file',
      `cannot read ${pipe()}: it is a named pipe, not a file`,
    ]);
    await expect(loadInventory(pipe())).rejects.toMatchObject({ code: 'INVENTORY' });
  });

  it('are said of keys, known_hosts, certificates and ssh_config', async () => {
    const keys = new KeyFiles(denyingAuthority);
    const reason = 'it is a named pipe, not a file';
    expect(await keys.read(pipe())).toMatchObject({ kind: 'unusable', absent: false, reason });
    const store = new KnownHostsStore(at('own'), silentLogger);
    await expect(store.trustFrom([knownHostsIn(pipe())])).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      message: `no host key is trusted: cannot read ${pipe()}: ${reason}`,
    });
    for (const name of ['ca', 'cert', 'key'] as const)
      await expect(pemContext({ [name]: 'pipe' }, folder)).rejects.toMatchObject({
        code: 'TLS',
        message: `cannot use the file of tls.${name}: ${pipe()}: ${reason}`,
      });
    await expect(new SshConfig(() => {}).resolve('a', [pipe()])).rejects.toThrow(
      `cannot read ${pipe()}: ${reason}`,
    );
  });
});

const knownHostsIn = (file: string): TrustSource => ({
  ...{ files: [file], names: ['a'], namesWithoutPort: [] },
  vouchedBy: 'project',
});

describe('A pattern that names too much', () => {
  it('is followed to a limit of files', async () => {
    await mkdir(at('many'));
    const handles = Array.from({ length: globLimits.matches + 5 }, (_, index) =>
      open(at('many', `f${index}`), 'w'),
    );
    for (const handle of handles) await (await handle).close();
    const { files, isComplete } = await globFiles(at('many', '*'), listFolder);
    expect(isComplete).toBe(false);
    expect(files).toHaveLength(globLimits.matches);
    const few = await globFiles(at('many', 'f1?'), listFolder);
    expect(few).toMatchObject({ isComplete: true });
    expect(few.files).toHaveLength(10);
  });

  it('looks at a limited number of names in all folders together', async () => {
    let looked = 0;
    const namesIn = (_: string, most: number) => {
      const names = Array.from({ length: Math.min(500, most) }, (_, index) => `d${index}`);
      looked += names.length;
      return Promise.resolve(names);
    };
    const found = await globFiles('/*/*/*/*'.replaceAll('/', path.sep), namesIn);
    expect(found.isComplete).toBe(false);
    expect(looked).toBeLessThanOrEqual(globLimits.entries + 10);
    const empty = await globFiles('/*/*'.replaceAll('/', path.sep), (name) =>
      Promise.resolve(name.length > 1 ? [] : Array.from({ length: 300 }, (_, index) => `d${index}`)),
    );
    expect(empty).toEqual({ files: [], isComplete: true });
  });

  it('is a warning of the Include, and what was read of it counts', async () => {
    await writeFile(at('includes'), `Include ${at('many', '*')}\nHost after\n`);
    const problems: string[] = [];
    const config = new SshConfig(({ message }) => problems.push(message), { mayExecute: false });
    expect((await config.aliases(at('includes'))).map(({ name }) => name)).toEqual(['after']);
    expect(problems).toEqual([
      `the pattern names too much: only ${globLimits.matches} of its files are read`,
    ]);
  });

  it('reads no programs, and no more of all files than is right for configurations', async () => {
    await mkdir(at('large'));
    await writeFile(at('large', '0binary'), 'Host theirs\n\0');
    // Nine MiB each, of which the second is too much.
    for (const name of ['1', '2', '3'])
      await writeFile(at('large', name), `Host h${name}\n${'# comment\n'.repeat(900_000)}`);
    await writeFile(at('all'), `Include ${at('large', '*')}\nHost after\n`);
    await writeFile(at('large.yaml'), 'imports: [{ sshConfig: all }]\n');
    const { hosts, problems } = await loadInventory(at('large.yaml'));
    expect([...hosts.keys()]).toEqual(['h1', 'after']);
    expect(problems.map(({ message }) => message)).toEqual([
      `cannot read ${at('large', '0binary')}: it holds binary data`,
      'what is included is larger than 16 MiB in all',
    ]);
    await writeFile(at('binary.yaml'), `imports: [{ sshConfig: ${at('large', '0binary')} }]\n`);
    const binary = await loadInventory(at('binary.yaml'));
    expect(binary.problems[0]?.message).toBe(`cannot read ${at('large', '0binary')}: it holds binary data`);
  });

  it('is given up where it names what cannot be read', async () => {
    await mkdir(at('programs'));
    for (let index = 10; index < 60; index++) await writeFile(at('programs', `p${index}`), 'x\0');
    await writeFile(at('programs', 'zzz'), 'Host zzz\n');
    await writeFile(at('gathers'), `Include ${at('programs', '*')}\nHost after\n`);
    const problems: string[] = [];
    const config = new SshConfig(({ message }) => problems.push(message), { mayExecute: false });
    expect((await config.aliases(at('gathers'))).map(({ name }) => name)).toEqual(['after']);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('more than 20 files of the pattern cannot be read: the others are left out');
  });
});
