import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, type Ended } from '../harness/musterCli';
import { SshdFarm } from '../harness/sshd';
import { sshdInventory } from '../harness/sshdInventory';

const execute = promisify(execFile);

let folder: string;
let farm: SshdFarm;
let service: Server;
const at = (...names: string[]) => join(folder, ...names);
const binary = () => at('binary', 'muster-linux-x64');

const script = (name: string, args: string[], cwd = '.') =>
  execute(process.execPath, [`scripts/${name}.mjs`, ...args], { cwd });

/** `muster ARGS…` in an empty file system but for itself, what `ldd` lists, and an inventory. */
async function alone(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn('/usr/sbin/chroot', [at('root'), '/muster', ...args], { env: { HOME: '/', ...env } });
  child.stdin.end();
  return endOf(child);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-binary-'));
  await script('packageBinary', ['--out', at('binary')]);
  await mkdir(at('root'));
  await copyFile(binary(), at('root', 'muster'));
  const { stdout } = await execute('ldd', [binary()]);
  for (const [, library] of stdout.matchAll(/(\/\S+) \(0x/g)) {
    await mkdir(at('root', dirname(library!)), { recursive: true });
    await copyFile(library!, at('root', library!));
  }

  farm = await SshdFarm.create();
  service = createServer().listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const checks = `checks: { port: { type: tcp, port: ${port} } }\n`;
  const files = await sshdInventory(farm, [{ name: 'web-1', daemon: await farm.start() }], checks);
  await writeFile(at('root', 'muster.yaml'), files['muster.yaml'].replaceAll(farm.clientKey, '/key'));
  await writeFile(at('root', 'known_hosts'), files.known_hosts);
  await copyFile(farm.clientKey, at('root', 'key'));
});
afterAll(async () => {
  service.close();
  await farm[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe('the single executable', () => {
  it('says which build it is, where no Node.js is', async () => {
    const { status, stdout, stderr } = await alone(['--version', '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ format: 'binary', platform: 'linux', arch: 'x64' });
  });

  it('checks a service', async () => {
    const { status, stdout } = await alone(['check', '--json']);
    const { results } = JSON.parse(stdout) as { results: unknown[] };
    expect(results).toMatchObject([{ host: 'web-1', check: 'port', status: 'healthy' }]);
    expect(status).toBe(0);
  });

  it('runs a command over SSH, and ends with 1 when that fails', async () => {
    const ran = await alone(['run', 'web-1', '--json', '--', 'echo $((6 * 7)); exit 3']);
    expect(ran.stdout).toContain('42');
    expect(ran.status).toBe(1);
  });

  it('speaks Chinese', async () => {
    expect((await alone(['--help'], { LANG: 'zh_CN.UTF-8' })).stdout).toMatch(/\p{Script=Han}/u);
  });

  it('takes no options of Node.js from its environment', async () => {
    const { status, stderr } = await alone(['--version'], { NODE_OPTIONS: '--require /muster.yaml' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('has its sum and the licences of what is in it beside it', async () => {
    await execute('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: at('binary') });
    expect((await readdir(at('binary'))).sort()).toEqual([
      'LICENSE',
      'LICENSE-node.txt',
      'SHA256SUMS',
      'THIRD-PARTY-NOTICES.txt',
      'muster-linux-x64',
    ]);
  });

  it('is the same byte for byte when the same sources are built in another folder', async () => {
    const { stdout } = await execute('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z']);
    for (const file of stdout.split('\0').filter((name) => name !== ''))
      await cp(file, at('again', file), { verbatimSymlinks: true });
    await symlink(join(process.cwd(), '.git'), at('again', '.git'));
    await mkdir(at('again', 'node_modules'));
    for (const name of await readdir('node_modules'))
      await symlink(join(process.cwd(), 'node_modules', name), at('again', 'node_modules', name));
    await script('packageBinary', ['--out', at('second')], at('again'));
    const [one, other] = await Promise.all(
      ['binary', 'second'].map((name) => readFile(at(name, 'SHA256SUMS'), 'utf8')),
    );
    expect(other).toBe(one);
  });
});

describe('the image', () => {
  it('is one that skopeo and umoci read, whose user is not root', async () => {
    await script('ociImage', ['--binary', binary(), '--out', at('image.tar')]);
    const { stdout } = await execute('skopeo', ['inspect', '--config', `oci-archive:${at('image.tar')}`]);
    const { config, history } = JSON.parse(stdout) as {
      config: { User: string; Labels: Record<string, string> };
      history: unknown[];
    };
    expect(config.User).toBe('65532:65532');
    expect(config.Labels).toMatchObject({ 'org.opencontainers.image.title': 'muster' });
    expect(history).toHaveLength(3);

    await mkdir(at('layout'));
    await execute('tar', ['--extract', '--file', at('image.tar'), '--directory', at('layout')]);
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    await execute('umoci', ['unpack', '--image', `${at('layout')}:${version}`, at('bundle')]);
    const program = ['--userspec=65532:65532', at('bundle', 'rootfs'), '/usr/local/bin/muster', '--version'];
    expect((await execute('chroot', program)).stdout).toBe(`${version}\n`);
  });
});
