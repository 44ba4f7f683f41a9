import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);

let folder: string;
let installed: string;
let tarball: string;
const at = (...names: string[]) => join(folder, ...names);
const build = (name: string) => execute(process.execPath, ['scripts/build.mjs', '--npm', at(name)]);

/** Runs the installed program as a shell would; rejects unless it ends with status 0. */
const muster = async (...args: string[]) =>
  (await execute(at('empty', 'node_modules', '.bin', 'muster'), args, { cwd: at('empty') })).stdout;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-npm-'));
  await build('package');
  const env = { ...process.env, npm_config_cache: at('cache') };
  const packed = await execute('npm', ['pack', '--json', at('package')], { cwd: folder, env });
  tarball = at((JSON.parse(packed.stdout) as { filename: string }[])[0]!.filename);
  await mkdir(at('empty'));
  await writeFile(at('empty', 'package.json'), '{}');
  // Without the registry: it has no dependencies.
  await execute('npm', ['install', '--offline', tarball], { cwd: at('empty'), env });
  installed = at('empty', 'node_modules', '@muster-ops', 'cli');
});
afterAll(() => rm(folder, { recursive: true }));

describe('the npm package of the CLI', () => {
  it('is small: a few files, no dependencies', async () => {
    expect(await readdir(at('empty', 'node_modules'))).toEqual(['.bin', '.package-lock.json', '@muster-ops']);
    expect((await readdir(installed)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'README.zh-cn.md',
      'THIRD-PARTY-NOTICES.txt',
      'cli.chinese.js',
      'cli.httpClient.js',
      'cli.js',
      'cli.lab.js',
      'cli.libraries.js',
      'cli.main.js',
      'cli.parts.js',
      'muster.1',
      'package.json',
      'ssh.worker.js',
    ]);
    expect((await stat(tarball)).size).toBeLessThan(3 * 1024 ** 2);
    const { name, license, bin } = JSON.parse(
      await readFile(join(installed, 'package.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect({ name, license, bin }).toEqual({
      name: '@muster-ops/cli',
      license: 'MIT',
      bin: { muster: 'cli.js' },
    });
  });

  it('says which build it is', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    const commit = await execute('git', ['rev-parse', 'HEAD']).then(
      ({ stdout }) => stdout.trim(),
      () => null,
    );
    expect(await muster('--version')).toBe(`${version}\n`);
    expect(JSON.parse(await muster('--version', '--json'))).toEqual({
      version,
      commit,
      modified: commit === null ? null : (expect.any(Boolean) as boolean),
      format: 'npm',
      node: process.versions.node,
      platform: process.platform,
      arch: process.arch,
    });
  });

  it('says what is wrong with an old Node.js, in one line', async () => {
    await writeFile(
      at('old.cjs'),
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });",
    );
    const started = execute(process.execPath, [
      '--require',
      at('old.cjs'),
      join(installed, 'cli.js'),
      'hosts',
    ]);
    await expect(started).rejects.toMatchObject({
      code: 2,
      stderr: `muster needs Node.js 20 or newer; this is ${process.version}.\n`,
    });
  });

  it('says what is missing where only its program was copied, and is found through a link', async () => {
    await mkdir(at('alone'));
    await copyFile(join(installed, 'cli.js'), at('alone', 'muster'));
    await expect(execute(process.execPath, [at('alone', 'muster'), 'hosts'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^muster: .*cli\.main\.js is missing: install the whole package\.\n$/,
      ) as string,
    });
    await symlink(join(installed, 'cli.js'), at('alone', 'linked'));
    const linked = ['--preserve-symlinks-main', at('alone', 'linked'), '--version'];
    expect((await execute(process.execPath, linked)).stdout).toBe(await muster('--version'));
  });

  it('checks a service of this machine', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await writeFile(
      at('empty', 'muster.yaml'),
      `hosts: { here: { address: 127.0.0.1 } }\nchecks: { port: { type: tcp, port: ${port}, timeout: 10s } }\n`,
    );
    const { results } = JSON.parse(await muster('check', '--json')) as { results: unknown[] };
    expect(results).toMatchObject([{ host: 'here', check: 'port', status: 'healthy' }]);
    server.close();
  });

  it('knows every command', async () => {
    expect(await muster('help')).toMatch(/\n {2}lab .*\n {2}etcd .*\n {2}profile .*\n {2}completion /);
    // That of the lab is a bundle of its own.
    await expect(muster('lab', '--hosts', 'many')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--hosts: "many" is not a number') as string,
    });
  });

  it('names the licence of each package that is part of it', async () => {
    const notices = await readFile(join(installed, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['ssh2', 'commander', 'zod']) expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  it('has a man page with every command, which mandoc has nothing against', async () => {
    const page = join(installed, 'muster.1');
    await execute('mandoc', ['-T', 'lint', '-W', 'warning', page]);
    const { stdout } = await execute('mandoc', ['-T', 'utf8', '-O', 'width=200', page]);
    const text = stdout.replace(/.\u0008/g, '');
    expect(text).toContain('muster etcd watch [options] [prefix]');
    expect(text).toContain('-i, --inventory file');
    expect(text).toContain('keys are written with \\xNN for bytes');
  });

  it('is the same when it is built again, in another folder, and says nothing about this machine', async () => {
    await build('again');
    const home = [process.cwd(), tmpdir(), process.env.HOME ?? ''].filter((path) => path.length > 1);
    for (const name of await readdir(at('package'))) {
      const [one, other] = await Promise.all([
        readFile(at('package', name), 'utf8'),
        readFile(at('again', name), 'utf8'),
      ]);
      expect(one === other, `${name} is the same`).toBe(true);
      expect(
        home.filter((path) => one.includes(`${path}/`)),
        `paths in ${name}`,
      ).toEqual([]);
    }
  });
});
