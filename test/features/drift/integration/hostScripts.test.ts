import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFacts } from '../../../../src/features/drift/core/factChoice';
import { FactReader } from '../../../../src/features/drift/core/factReader';
import { factScript } from '../../../../src/features/drift/core/factScript';
import { FactTable, type State } from '../../../../src/features/drift/core/factTable';

/** The shells of hosts, as real as they are. */
const shells: Record<string, readonly string[]> = {
  dash: ['dash', '-s'],
  busybox: ['busybox', 'sh', '-s'],
  bash: ['bash', '--posix', '-s'],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-facts-'));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

/** Files in a folder of their own; those in `bin` are programs. */
async function place(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(folder, 'host-'));
  await chmod(root, 0o755);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text, { mode: name.startsWith('bin/') ? 0o755 : 0o644 });
  }
  return root;
}

interface Seen {
  entries: Record<string, State>;
  incomplete: string[];
}

/** What a host with such a PATH shows to the user. */
async function ask(
  keys: readonly string[],
  {
    shell = 'dash',
    path = '/usr/bin:/bin',
    seconds = 10,
    uid,
    env,
  }: { shell?: string; path?: string; seconds?: number; uid?: number; env?: Record<string, string> } = {},
): Promise<Seen> {
  const choices = readFacts(keys);
  const table = new FactTable(choices.map(({ key }) => key));
  const reader = new FactReader(choices, 'abc123', table);
  const [program, ...words] = shells[shell]!;
  const child = spawn(`/usr/bin/${program!}`, words, {
    env: { PATH: path, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    ...(uid !== undefined && { uid, gid: uid }),
  });
  child.stdout.on('data', (chunk: Buffer) => reader.append(chunk));
  child.stdin.end(factScript(choices, 'abc123', seconds));
  await once(child, 'close');
  const row = reader.row('host', { kind: 'failed', detail: '' });
  table.rows.set('host', row);
  const entries = [...table.statesOf(row)].map(([{ name }, state]) => [name, state] as const);
  const incomplete = row.incomplete.flatMap((why) => (why ? [`${why.kind} ${why.detail}`.trim()] : []));
  return { entries: Object.fromEntries(entries), incomplete };
}

const script = (body: string) => `#!/bin/sh\n${body}\n`;
const withTools = (root: string) => `${join(root, 'bin')}:/usr/bin:/bin`;

describe.each(Object.keys(shells))('The facts that %s finds', (shell) => {
  it('of this machine are those that it says itself', async () => {
    const { entries, incomplete } = await ask(['os', 'libc', 'sysctl', 'mounts', 'limits', 'users', 'time'], {
      shell,
    });
    expect(incomplete).toEqual([]);
    expect(entries.libc).toMatch(/^glibc \d/);
    expect(entries.architecture).toBe({ x64: 'x86_64', arm64: 'aarch64' }[process.arch as string]);
    expect(entries['kernel.ostype']).toBe('Linux');
    expect(entries['kernel.random.uuid']).toBeUndefined();
    expect(entries['Max open files']).toMatch(/^\d+ \d+$/);
    expect(entries['user root']).toMatch(/^0:0 \/root \//);
    expect(entries['offset from UTC']).toMatch(/^[+-]\d{4}$/);
  });

  it('of files are their content, mode and owner, whatever they are called', async () => {
    const root = await place({
      "etc/it's a $(file) ~.conf": 'x\n',
      'etc/b.conf': '',
      'etc/sub/c.conf': 'deeper',
    });
    await symlink('gone', join(root, 'etc/dangling.conf'));
    const { entries, incomplete } = await ask([`files=${root}/etc/*.conf`], { shell });
    expect(incomplete).toEqual([]);
    const named = `${root}/etc/it's a $(file) ~.conf`;
    expect(entries).toMatchObject({
      [`${named} content`]: '73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac',
      [`${named} mode`]: '644',
      [`${root}/etc/b.conf content`]: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      [`${root}/etc/dangling.conf link`]: 'gone',
    });
    expect(Object.keys(entries).filter((name) => name.includes('sub'))).toEqual([]);
    expect(entries[`${root}/etc/dangling.conf content`]).toBeUndefined();
  });

  it('do not include what hangs, and those after it are there', async () => {
    const root = await place({
      'bin/getconf': script(`trap '' TERM HUP; while [ -d "\${0%/*}" ]; do sleep 1; done`),
    });
    const { entries, incomplete } = await ask(['libc', 'limits'], {
      shell,
      path: withTools(root),
      seconds: 1,
    });
    expect(incomplete).toEqual(['timeout']);
    expect(entries['Max open files']).toMatch(/^\d/);
  });
});

describe('Packages', () => {
  const dpkg = (lines: string) => script(`printf '%b' '${lines}'`);

  it('are those that are installed; what a removed one leaves behind is not', async () => {
    const root = await place({
      'bin/dpkg-query': dpkg(
        'l\\tii \\topenssl\\t3.0.11-1\\nl\\trc \\tnginx\\t1.22\\nl\\tiU \\tlibc6:amd64\\t2.36\\nl\\thi \\theld\\t1:2\\n',
      ),
    });
    const { entries, incomplete } = await ask(['packages'], { path: withTools(root) });
    expect(incomplete).toEqual([]);
    expect(entries).toEqual({ openssl: '3.0.11-1', 'libc6:amd64': '2.36 (iU)', held: '1:2' });
  });

  it('are those of the manager that lists any: one with an empty database is beside it', async () => {
    const root = await place({
      'bin/dpkg-query': script('exit 0'),
      'bin/rpm': script(
        "printf 'l\\trpm\\tkernel.x86_64\\t(none):5.14-2\\nl\\trpm\\tkernel.x86_64\\t(none):5.14-1\\nl\\trpm\\tgpg-pubkey.(none)\\t(none):fd431d51-1\\n'",
      ),
    });
    const { entries } = await ask(['packages'], { path: withTools(root) });
    expect(entries).toEqual({ 'kernel.x86_64': '5.14-1, 5.14-2', 'gpg-pubkey': 'fd431d51-1' });
  });

  it('cannot be seen as a whole where the manager fails half-way', async () => {
    const root = await place({
      'bin/dpkg-query': script("printf 'l\\tii \\tbash\\t5.2\\n'; echo 'database is locked' >&2; exit 2"),
    });
    const { entries, incomplete } = await ask(['packages'], { path: withTools(root) });
    expect(incomplete).toEqual(['failed dpkg-query']);
    // There may be a second one of each.
    expect(entries).toEqual({});
  });

  it('cannot be seen where no manager is there, or none lists any', async () => {
    const bare = await place({});
    for (const tool of ['sed', 'cat', 'printf', 'sleep', 'tr'])
      await symlink(`/bin/${tool}`, join(bare, tool));
    expect((await ask(['packages'], { path: bare })).incomplete).toEqual([
      'missing dpkg-query, rpm, apk, pacman',
    ]);
    const failing = await place({ 'bin/dpkg-query': script('exit 1'), 'bin/rpm': script('exit 1') });
    expect((await ask(['packages'], { path: withTools(failing) })).incomplete).toEqual([
      'failed no package is listed',
    ]);
  });

  it('of pacman are read as it prints them', async () => {
    const root = await place({
      'bin/dpkg-query': script('exit 1'),
      'bin/pacman': script("printf 'bash 5.2.37-1\\ngcc-libs 15.1.1+r7-1\\n'"),
    });
    const { entries } = await ask(['packages'], { path: withTools(root) });
    expect(entries).toEqual({ bash: '5.2.37-1', 'gcc-libs': '15.1.1+r7-1' });
  });
});

describe('Python', () => {
  const venv = (packages: Record<string, string>) =>
    place(
      Object.fromEntries([
        ...Object.entries(packages).map(([name, text]) => [`lib/${minor}/site-packages/${name}`, text]),
      ]),
    );
  let python: string;
  let minor: string;
  beforeAll(async () => {
    const child = spawn('python3', [
      '-c',
      'import sys; print(sys.executable, "python%d.%d" % sys.version_info[:2])',
    ]);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child, 'close');
    [python, minor] = text.trim().split(' ') as [string, string];
  });
  const metadata = (name: string, version: string) =>
    `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`;

  it('packages are those of the environment, also of single files, and not those that others carry along', async () => {
    const root = await venv({
      'requests-2.31.0.dist-info/METADATA': metadata('Requests', '2.31.0'),
      'PyGObject-3.42.2.egg-info': metadata('PyGObject', '3.42.2'),
      'setuptools/_vendor/autocommand-2.2.2.dist-info/METADATA': metadata('autocommand', '2.2.2'),
      'sitecustomize.py': 'raise SystemExit(9)\n',
      'evil.pth': 'import os; os._exit(9)\n',
    });
    await mkdir(join(root, 'bin'));
    await symlink(python, join(root, 'bin/python3'));
    const { entries, incomplete } = await ask([`python=${root}`]);
    expect(incomplete).toEqual([]);
    expect(entries).toEqual({
      [root]: expect.stringMatching(/^3\.\d+\.\d+$/),
      [`${root} requests`]: '2.31.0',
      [`${root} pygobject`]: '3.42.2',
    });
  });

  it('metadata that an interrupted removal left does not stand for the package; without any other it is not known', async () => {
    const root = await venv({
      'torch-1.12.1.dist-info/REQUESTED': '',
      'torch-1.13.1.dist-info/METADATA': metadata('torch', '1.13.1'),
      'numpy-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\n',
    });
    await mkdir(join(root, 'bin'));
    await symlink(python, join(root, 'bin/python3'));
    const { entries } = await ask([`python=${root}`]);
    expect(entries[`${root} torch`]).toBe('1.13.1');
    expect(entries[`${root} numpy`]).toEqual({ kind: 'failed', detail: 'metadata' });
  });

  it('of an environment whose interpreter is gone cannot be seen; without the folder there is none', async () => {
    const root = await venv({ 'x.py': '' });
    await mkdir(join(root, 'bin'));
    await symlink('/gone/python3', join(root, 'bin/python3'));
    expect((await ask([`python=${root}`])).incomplete).toEqual([`failed ${root}/bin/python3`]);
    expect(await ask([`python=${root}/none`])).toEqual({ entries: {}, incomplete: [] });
  });

  it('that does not start cannot be seen', async () => {
    const root = await place({ 'bin/python3': script('exit 1'), 'bin/python3.99': script('exit 1') });
    for (const tool of ['sed', 'cat', 'sleep', 'awk', 'tr'])
      await symlink(`/usr/bin/${tool}`, join(root, 'bin', tool));
    const { entries } = await ask(['python'], { path: join(root, 'bin') });
    expect(entries).toEqual({
      python3: { kind: 'failed', detail: '' },
      'python3.99': { kind: 'failed', detail: `${root}/bin/python3.99` },
    });
  });
});

describe('What the user may not see', () => {
  // Root may see everything: somebody else looks then.
  const uid = process.getuid!() === 0 ? 65_534 : undefined;

  it('is not absent: a folder that is not to be looked into, a file that is not to be read', async () => {
    const root = await place({ 'etc/secret/a.conf': 'x', 'etc/b.conf': 'y' });
    await chmod(join(root, 'etc/b.conf'), 0o000);
    await chmod(join(root, 'etc/secret'), 0o000);
    const [hidden, file] = await Promise.all([
      ask([`files=${root}/etc/secret/*.conf`], { uid }),
      ask([`files=${root}/etc/*.conf`], { uid }),
    ]);
    expect(hidden).toEqual({ entries: {}, incomplete: [`denied ${root}/etc/secret`] });
    expect(file.entries[`${root}/etc/b.conf content`]).toEqual({ kind: 'denied', detail: '' });
    expect(file.entries[`${root}/etc/b.conf mode`]).toBe('0');
    await chmod(join(root, 'etc/secret'), 0o755);
  });
});

describe('What a user of the host chooses', () => {
  it('forges no entry of another fact, and no end of its own', async () => {
    const root = await place({});
    await symlink('x\n=\tforged\tvalue\nabc1231\te\ne', join(root, 'link'));
    await writeFile(join(root, 'a\nabc1231\t=\tforged\tvalue'), '');
    const { entries, incomplete } = await ask([`files=${root}/*`, 'libc']);
    expect(Object.keys(entries).filter((name) => name === 'forged')).toEqual([]);
    expect(entries.libc).toMatch(/^glibc/);
    expect(incomplete).toEqual(['failed a name with control characters']);
  });
});
