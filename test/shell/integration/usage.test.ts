import { spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, muster } from '../../harness/musterCli';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-usage-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function inventory(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

describe('usage', () => {
  it('says so in a line where somebody has removed the working folder', async () => {
    const gone = await mkdtemp(join(tmpdir(), 'muster-gone-'));
    const child = spawn(
      'sh',
      ['-c', `rmdir "$1" && exec "$2" "$3" hosts`, 'sh', gone, process.execPath, inject('cli')],
      {
        cwd: gone,
        stdio: 'pipe',
      },
    );
    expect(await endOf(child)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'muster: the working folder has been removed: change to another one\n',
    });
  });

  it('prints version and help with exit status 0', async () => {
    expect(await muster(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect(await muster(['run', '--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('COMMAND'),
    });
  });

  it.each([
    [['chekc']],
    [['check', '--no-such-option']],
    [['check', '--concurrency', '0']],
    [['run']],
    [['run', 'all']],
    [['run', 'all', '--env', 'X', '--', 'true']],
    [['run', 'all', '--max-output', 'much', '--', 'true']],
    [['hosts', '--list']],
    [['completion']],
    [['completion', 'tcsh']],
  ])('exits 2 for %j and says why on standard error only', async (args) => {
    const { status, stdout, stderr } = await muster(args, { cwd: folder });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
    expect(stderr).not.toContain('    at ');
  });
});

describe('an inventory with errors', () => {
  it('ends with status 2 before anything runs, naming file, line and column', async () => {
    await inventory('bad.yaml', 'hosts:\n  local: { adress: 127.0.0.1 }\n');
    const { status, stdout, stderr } = await muster(['check', '--inventory', 'bad.yaml'], { cwd: folder });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^bad\.yaml:2:12: error: .*adress.*\(did you mean "address"\?\)$/m);
  });

  it('is taken as far as it is sound with --keep-going', async () => {
    const file = await inventory(
      'half.yaml',
      'hosts:\n  good: { address: 127.0.0.1 }\n  bad: { adress: 127.0.0.1 }\nchecks:\n  port: { type: tcp, port: 1 }\n',
    );
    const { status, stdout } = await muster(['check', 'good', '--inventory', file, '--keep-going', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout).results[0]).toMatchObject({ host: 'good', error: { code: 'REFUSED' } });
  });

  it('with a read-only group refuses a run on its hosts with status 2, and still checks them', async () => {
    const file = await inventory(
      'frozen.yaml',
      'hosts: { a: { address: 127.0.0.1 } }\ngroups: { prod: { hosts: a, readOnly: true } }\nchecks:\n  port: { type: tcp, port: 1 }\n',
    );
    const { status, stdout, stderr } = await muster(['run', 'a', '--inventory', file, '--', 'reboot']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('a is read-only');
    expect(stderr).toContain(`Group “prod” says so at ${file}:2.`);
    expect((await muster(['check', 'a', '--inventory', file])).stdout).toContain('REFUSED');
  });

  it('is an error when it is empty, and when a selector matches nothing', async () => {
    const empty = await inventory('empty.yaml', 'hosts: {}\n');
    expect((await muster(['check', '--inventory', empty])).status).toBe(2);
    expect(await muster(['hosts', '--inventory', empty, '--keep-going'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('nothing sound'),
    });
    const one = await inventory('one.yaml', 'hosts:\n  a: {}\nchecks:\n  p: { type: tcp, port: 1 }\n');
    expect(await muster(['check', 'role=db', '--inventory', one])).toMatchObject({ status: 2, stdout: '' });
    expect(await muster(['check', '--check', 'nope', '--inventory', one])).toMatchObject({
      status: 2,
      stdout: '',
    });
  });

  it('is searched upwards from the working folder', async () => {
    const deep = join(folder, 'tree', 'a', 'b');
    await mkdir(deep, { recursive: true });
    await inventory(join('tree', 'muster.yaml'), 'hosts:\n  found: { address: 127.0.0.1 }\n');
    expect((await muster(['hosts'], { cwd: deep })).stdout).toContain('found');
  });
});
