import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import {
  access,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type CliOptions, endOf, muster, startMuster, startOnTerminal } from '../../../harness/musterCli';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until } from '../../../harness/until';

let farm: SshdFarm;
let inventory: string;
let scratch: string;
let folder: string;

beforeAll(async () => {
  farm = await SshdFarm.create();
  const daemon = await farm.start({ config: ['AcceptEnv *'] });
  const names = ['web-1', 'web-2', 'Web-1', '...x', 'a:b', 'a_b', 'con', '日志'];
  const files = await sshdInventory(
    farm,
    names.map((name) => ({ name, daemon })),
  );
  await farm.write('known_hosts', files.known_hosts);
  inventory = await farm.write(
    'muster.yaml',
    `${files['muster.yaml']}  gone: { address: 127.0.0.1, ssh: { port: 1 } }\n`,
  );
  scratch = await mkdtemp(join(tmpdir(), 'muster-outputs-'));
});

beforeEach(() => {
  folder = join(scratch, expect.getState().currentTestName!.replace(/\W+/g, '-').slice(-60));
});

afterAll(async () => {
  await farm[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

const run = (words: readonly string[], options?: CliOptions) =>
  muster(['run', '-i', inventory, ...words], options);
const contentOf = (name: string) => readFile(join(folder, name), 'utf8');
const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

describe('--output-dir', () => {
  it('has a file of the output, of the errors and of the end of each host, and a table of all', async () => {
    const command = 'echo out; echo err >&2; exit 3';
    const { status } = await run(['web-1', 'gone', '--output-dir', folder, '--', command]);
    expect(status).toBe(1);
    expect((await readdir(folder)).sort()).toEqual(
      ['gone.err', 'gone.exit', 'gone.out', 'outcomes.tsv', 'web-1.err', 'web-1.exit', 'web-1.out'].sort(),
    );
    expect(await Promise.all(['web-1.out', 'web-1.err', 'web-1.exit', 'gone.exit'].map(contentOf))).toEqual([
      ...['out\n', 'err\n', '3\n', 'REFUSED\n'],
    ]);
    const table = (await contentOf('outcomes.tsv')).split('\n').map((line) => line.split('\t'));
    expect(table[1]!.slice(0, 6)).toEqual(['web-1', 'failed', '3', '', 'EXIT_STATUS', '0']);
    expect(table[2]!.slice(0, 6)).toEqual(['gone', 'failed', '', '', 'REFUSED', '0']);
  });

  it('has bytes as they came, with what --max-output does not keep', async () => {
    const command = String.raw`printf '\377\0\033[31m'; head -c 300000 /dev/zero`;
    const { stdout } = await run([
      'web-1',
      '--json',
      '--max-output',
      '1k',
      '--output-dir',
      folder,
      '--',
      command,
    ]);
    expect(JSON.parse(stdout).results[0].droppedBytes).toBe(300_007 - 1024);
    const bytes = await readFile(join(folder, 'web-1.out'));
    expect(bytes.subarray(0, 7)).toEqual(Buffer.from('\xff\0\x1b[31m', 'latin1'));
    expect(bytes).toHaveLength(300_007);
  });

  it('names files after hosts so that none leaves the folder, hides, or shares one with another', async () => {
    await run(['all', '--output-dir', folder, '--', 'true']);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.out')).sort();
    expect(names).toEqual(
      [
        'web-1.out',
        'web-2.out',
        'Web-1-2.out',
        '_x.out',
        'a_b.out',
        'a_b-2.out',
        '_con.out',
        '日志.out',
        'gone.out',
      ].sort(),
    );
    expect(await readdir(scratch)).toContain(folder.slice(scratch.length + 1));
  });

  it('is for its owner alone', async () => {
    await run(['web-1', '--output-dir', folder, '--', 'echo secret']);
    const modes = await Promise.all(
      ['', 'web-1.out', 'web-1.err', 'web-1.exit', 'outcomes.tsv'].map((name) => stat(join(folder, name))),
    );
    expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['700', '600', '600', '600', '600']);
  });

  it('replaces what lies under the names: neither a link nor a second name of a file is written through', async () => {
    await mkdir(folder);
    const other = join(scratch, 'other');
    await writeFile(other, 'mine');
    await symlink(other, join(folder, 'web-1.out'));
    await link(other, join(folder, 'web-1.exit'));
    await symlink(join(scratch, 'nowhere'), join(folder, 'web-1.err'));
    await writeFile(join(folder, 'web-2.out'), 'of a host that is not selected');
    expect((await run(['web-1', '--output-dir', folder, '--', 'echo new; echo bad >&2'])).status).toBe(0);
    expect(await readFile(other, 'utf8')).toBe('mine');
    expect(await exists(join(scratch, 'nowhere'))).toBe(false);
    expect([await contentOf('web-1.out'), await contentOf('web-1.err')]).toEqual(['new\n', 'bad\n']);
    expect(await contentOf('web-2.out')).toBe('of a host that is not selected');
  });

  it('leaves nothing of an earlier run in the files of a host that was not started', async () => {
    await run(['web-1', 'web-2', '--output-dir', folder, '--', 'echo old']);
    const again = ['web-1', 'web-2', '--fail-fast', '-c', '1', '--output-dir', folder];
    await run([...again, '--', 'echo new; false']);
    expect((await readdir(folder)).filter((name) => name.startsWith('web-2'))).toEqual(['web-2.exit']);
    expect(await contentOf('web-2.exit')).toBe('CANCELLED\n');
    expect(await contentOf('web-1.out')).toBe('new\n');
  });

  it('is refused before anything runs where it cannot be written', async () => {
    await writeFile(folder, 'a file');
    const { status, stderr } = await run(['web-1', '--output-dir', folder, '--', 'true']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^muster: --output-dir: cannot write /);
    const other = join(scratch, 'with-folder');
    await mkdir(join(other, 'web-1.out'), { recursive: true });
    expect((await run(['web-1', '--output-dir', other, '--', 'true'])).status).toBe(2);
  });

  it('has what came while the command still runs, and keeps it when the run is cut', async () => {
    const child = startMuster([
      'run',
      '-i',
      inventory,
      'web-1',
      '--output-dir',
      folder,
      '--',
      'echo begun; sleep 600',
    ]);
    const ended = endOf(child);
    await until('the first line', async () => (await contentOf('web-1.out').catch(() => '')) === 'begun\n');
    expect(await exists(join(folder, 'web-1.exit'))).toBe(false);
    child.kill('SIGTERM');
    expect((await ended).status).toBe(143);
    expect(await contentOf('web-1.out')).toBe('begun\n');
    expect(await contentOf('web-1.exit')).toBe('CANCELLED\n');
    expect(await contentOf('outcomes.tsv')).toContain('web-1\tstopped\t');
  });

  it('ends the run when the disk is full, with the status of an output that cannot be written', async () => {
    const words = [
      'run',
      '-i',
      inventory,
      'web-1',
      '--output-dir',
      folder,
      '--',
      'head -c 50000000 /dev/zero; sleep 600',
    ];
    // A limit of the size of files is as good as a full disk.
    const limited = ['-c', 'ulimit -f 64; exec "$@"', 'sh', process.execPath, inject('cli'), ...words];
    const { status, stderr } = await endOf(spawn('sh', limited));
    expect({ status, stderr }).toMatchObject({ status: 74 });
    expect(stderr).toMatch(/cannot write the output: .*web-1\.out: /);
  });
});

describe('--prefix', () => {
  it('prints whole lines after the name of their host, on the output they were written to', async () => {
    const command = 'echo one; echo two >&2; printf three';
    const { stdout, stderr } = await run(['web-1', '--prefix', '--', command]);
    expect(stdout).toMatch(/^web-1: one\nweb-1: three\n-+\nweb-1 \(1\) exit 0\n/);
    expect(stderr).toBe('web-1: two\n');
  });

  it('prints them while the command runs, and never mixes two hosts in one', async () => {
    const child = startMuster([
      'run',
      '-i',
      inventory,
      'web-1',
      'web-2',
      '--prefix',
      '--',
      'printf half; echo; sleep 600',
    ]);
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    await until('both lines', () => stdout.split('\n').length === 3);
    expect(stdout.split('\n').sort()).toEqual(['', 'web-1: half', 'web-2: half']);
    child.kill('SIGINT');
    await endOf(child);
  });

  it('decodes characters that are cut apart, and passes on no escape sequence of a host', async () => {
    const command = String.raw`printf '\344\270'; sleep 0.2; printf '\255 \033[2J\033]0;title\007\033[31mred\033[m 10%%\r20%%\r\n'`;
    const { stdout } = await run(['web-1', '--prefix', '--', command]);
    expect(stdout).toMatch(/^web-1: 中 red 10%\nweb-1: 20%\n-/);
  });

  it('cuts a line without an end into parts instead of keeping it', async () => {
    const { stdout } = await run([
      'web-1',
      '--prefix',
      '--max-output',
      '1k',
      '--',
      'head -c 500000 /dev/zero | tr "\\0" x',
    ]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('web-1: '));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.map((line) => line.slice(7)).join('')).toBe('x'.repeat(500_000));
  });

  it('waits for its reader, and holds the hosts back meanwhile', async () => {
    const count = join(scratch, 'written');
    const block = 'head -c 65535 /dev/zero | tr "\\0" x; echo';
    const flood = `i=0; while :; do ${block}; i=$((i+1)); echo $i > ${count}; done`;
    const child = startMuster([
      'run',
      '-i',
      inventory,
      'web-1',
      '--prefix',
      '--max-output',
      '1k',
      '--',
      flood,
    ]);
    child.stdout.pause();
    let before = '';
    await until('a host that is held back', async () => {
      await delay(1000);
      const last = before;
      before = await readFile(count, 'utf8').catch(() => '');
      return before !== '' && before === last;
    });
    // What the pipe, the connection and both of its ends hold.
    expect(Number(before) * 65_536).toBeLessThan(64 * 1024 ** 2);
    const ended = endOf(child);
    child.stdout.destroy();
    expect((await ended).status).toBe(141);
  });

  it('is coloured on a terminal, one colour a host, and not with --json', async () => {
    const child = startOnTerminal(['run', '-i', inventory, 'web-1', '--prefix', '--', 'echo here']);
    const { stdout } = await endOf(child);
    expect(stdout).toContain('\x1b[36mweb-1\x1b[39m: here');
    const { status, stderr } = await run(['web-1', '--prefix', '--json', '--', 'true']);
    expect(status).toBe(2);
    expect(stderr).toContain("option '--prefix' cannot be used with option '--json'");
  });
});

describe('a run', () => {
  it('leaves its standard input to others, as in a loop that reads the names of hosts', async () => {
    const loop =
      'while read -r host; do "$@" run -i "$0" "$host" -- hostname >/dev/null && echo "$host"; done';
    const child = spawn('sh', ['-c', loop, inventory, process.execPath, inject('cli')]);
    child.stdin.end('web-1\nweb-2\n');
    expect((await endOf(child)).stdout).toBe('web-1\nweb-2\n');
  });

  it('loses no line of two outputs that flood together, in files and with --prefix', async () => {
    const flood = 'seq 1 100000 & seq 1 100000 >&2; wait';
    const { stdout, stderr } = await run([
      'web-1',
      '--prefix',
      '--max-output',
      '1k',
      '--output-dir',
      folder,
      '--',
      flood,
    ]);
    const numbers = Array.from({ length: 100_000 }, (_, index) => String(index + 1));
    const linesOf = (text: string) => text.split('\n').filter((line) => line.startsWith('web-1: '));
    for (const text of [stdout, stderr]) expect(linesOf(text).map((line) => line.slice(7))).toEqual(numbers);
    for (const name of ['web-1.out', 'web-1.err'])
      expect(await contentOf(name)).toBe(`${numbers.join('\n')}\n`);
  });
});

describe('--timing', () => {
  it('prints how long each host took, the slowest first', async () => {
    const { stdout } = await run(['web-1', 'gone', '--timing', '--', 'sleep 1']);
    expect(stdout).toMatch(
      /^HOST +OUTCOME +CONNECT s +RUN s +TOTAL s\nweb-1 +exit 0 +\d+\.\d\d +[1-9]\.\d\d +[1-9]\d*\.\d\d\ngone +REFUSED +\d\.\d\d +- +\d\.\d\d$/m,
    );
  });
});
