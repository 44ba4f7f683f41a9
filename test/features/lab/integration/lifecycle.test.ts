import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { loadInventory } from '../../../harness/inventories';
import { startLab, type Lab } from '../../../../src/features/lab/core/startLab';
import { until } from '../../../harness/until';
import { accepts, isRunning, openPorts, processesWith } from './leftovers';
import { OpenSsh } from './openSsh';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-lab-test-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function started(options: Parameters<typeof startLab>[0]): Promise<Lab> {
  const lab = await startLab(options);
  cleanups.push(() => lab.stop());
  return lab;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Starts a command that tries to stay, with a child in a session of its own. Resolves with the command's id. */
async function startStubbornCommand(lab: Lab, host: string): Promise<number> {
  const ssh = await OpenSsh.for(await loadInventory(lab.inventoryFile));
  cleanups.push(() => ssh[Symbol.asyncDispose]());
  const client = spawn('ssh', [...ssh.arguments(host), 'setsid sleep 600 & sleep 600 & echo $$; wait']);
  cleanups.push(async () => client.kill('SIGKILL'));
  const [line] = (await once(client.stdout, 'data')) as [Buffer];
  const home = `HOME=${join(lab.directory, 'hosts', host)}\0`;
  await until(
    'the command and its children',
    async () => (await processesWith(home, ['environ'])).length === 3,
  );
  return Number(line.toString());
}

async function expectNothingLeft(lab: Pick<Lab, 'directory' | 'hosts'>): Promise<void> {
  expect(await openPorts(lab)).toEqual([]);
  expect(await processesWith(lab.directory)).toEqual([]);
  expect(await exists(lab.directory)).toBe(false);
}

describe('the folder of a lab', () => {
  it('is private, and so are the keys', async () => {
    const lab = await started({ hosts: 3 });
    const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
    expect(await mode(lab.directory)).toBe('700');
    for (const file of ['keys/id_ed25519', 'keys/known_hosts', 'muster.yaml'])
      expect(await mode(join(lab.directory, file))).toBe('600');
  });

  it('must be empty when it is named', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'muster.yaml'), 'hosts: {}\n');
    await expect(startLab({ directory: folder })).rejects.toMatchObject({ code: 'USAGE' });
    expect(await readdir(folder)).toEqual(['muster.yaml']);
  });

  it('stays when it was there before, but empty again', async () => {
    const folder = join(await temporaryFolder(), 'with a space');
    await mkdir(folder);
    const lab = await startLab({ hosts: 3, directory: folder });
    expect(await readdir(folder)).toContain('muster.yaml');
    await lab.stop();
    expect(await readdir(folder)).toEqual([]);
  });

  it('goes with the folders that were made for it', async () => {
    const parent = await temporaryFolder();
    const lab = await startLab({ hosts: 3, directory: join(parent, 'a', 'b') });
    await lab.stop();
    expect(await readdir(parent)).toEqual([]);
  });
});

describe.each([
  { kind: 'in-process hosts', sshd: false },
  { kind: 'the real sshd', sshd: true },
])('a lab with $kind', ({ sshd }) => {
  it('leaves no listener, process or file behind', async () => {
    const lab = await started({ hosts: 6, sshd });
    await startStubbornCommand(lab, 'web-01');
    expect((await openPorts(lab)).length).toBeGreaterThanOrEqual(6);
    await Promise.all([lab.stop(), lab.stop()]);
    await expectNothingLeft(lab);
  });

  it('stops when its signal is aborted', async () => {
    const controller = new AbortController();
    const lab = await started({ hosts: 3, sshd, signal: controller.signal });
    controller.abort();
    await until('the end of the folder', async () => !(await exists(lab.directory)));
    await expectNothingLeft(lab);
  });

  it('leaves nothing behind when aborted while starting', async () => {
    const parent = await temporaryFolder();
    const controller = new AbortController();
    const starting = startLab({
      hosts: 100,
      sshd,
      directory: join(parent, 'lab'),
      signal: controller.signal,
    });
    const refused = expect(starting).rejects.toMatchObject({ code: 'CANCELLED' });
    await until('the first host', () => exists(join(parent, 'lab', 'hosts', 'web-01')));
    controller.abort();
    await refused;
    expect(await readdir(parent)).toEqual([]);
    expect(await processesWith(parent)).toEqual([]);
  });

  it('takes a host down while a file says that it is broken', async () => {
    const lab = await started({ hosts: 6, sshd });
    const { address, ports } = lab.hosts.find(({ name }) => name === 'web-01')!;
    const command = await startStubbornCommand(lab, 'web-01');
    const marker = join(lab.directory, 'broken', 'web-01');

    await writeFile(marker, '');
    await until('SSH refused', async () => !(await accepts(address, ports.ssh!)));
    await until('HTTP refused', async () => !(await accepts(address, ports.http!)));
    await until('end of its command', async () => !(await isRunning(command)));
    const others = lab.hosts.filter(({ name }) => name !== 'web-01');
    expect((await openPorts({ hosts: others })).length).toBe(
      others.flatMap((host) => Object.values(host.ports)).length,
    );

    await rm(marker);
    await until('SSH back', () => accepts(address, ports.ssh!));
    await until('HTTP back', () => accepts(address, ports.http!));
  });

  it('breaks and mends a host when told to, and knows no others', async () => {
    const lab = await started({ hosts: 3, sshd });
    const { address, ports } = lab.hosts.find(({ name }) => name === 'web-01')!;
    await lab.breakHost('web-01');
    expect(await accepts(address, ports.ssh!)).toBe(false);
    expect(await accepts(address, ports.http!)).toBe(false);
    await lab.mendHost('web-01');
    expect(await accepts(address, ports.ssh!)).toBe(true);
    expect(await accepts(address, ports.http!)).toBe(true);
    await expect(lab.breakHost('../web-01')).rejects.toThrow('no host named');
  });

  it('ends with its process, even when that is killed', async () => {
    const folder = await temporaryFolder();
    const program = join(folder, 'lab.cjs');
    await build({
      stdin: {
        contents: `import { startLab } from './src/features/lab/core/startLab';
          void startLab({ hosts: 3, sshd: ${sshd} }).then((lab) => console.log(JSON.stringify(lab)));`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      outfile: program,
      external: ['cpu-features', '*.node'],
    });
    const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(async () => parent.kill('SIGKILL'));
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const lab = JSON.parse(line) as Lab;
    await startStubbornCommand(lab, 'web-01');

    parent.kill('SIGKILL');
    await until('the end of all processes', async () => (await processesWith(lab.directory)).length === 0);
    await expectNothingLeft(lab);
  });
});

describe('the size of a lab', () => {
  it.each([2, 5001, 3.5])('cannot be %s', async (hosts) => {
    await expect(startLab({ hosts })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('can be a thousand hosts, all of which answer', async () => {
    const lab = await started({ hosts: 1000 });
    expect(lab.hosts.length).toBe(1000);
    const ports = lab.hosts.reduce((sum, host) => sum + Object.keys(host.ports).length, 0);
    expect((await openPorts(lab)).length).toBe(ports);
    await lab.stop();
    await expectNothingLeft(lab);
  });
});
