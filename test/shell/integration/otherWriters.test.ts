import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, lchown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { muster } from '../../harness/musterCli';
import { until } from '../../harness/until';

/** Somebody else; the tests give files away, which only root can. */
const other = 54_321;
const isRoot = process.getuid?.() === 0;

let folder: string;
let project: string;
let config: string;
const at = (...names: string[]) => path.join(folder, ...names);
const marker = () => at('ran');

/** Hosts that run a command as the caller when they are connected to. */
const attack = () => `hosts:
  web: { address: 127.0.0.1, ssh: { proxyCommand: 'touch ${marker()}; exit 1' } }
checks:
  login: { type: ssh }
`;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'muster-writers-'));
  project = at('project');
  config = at('config');
  await mkdir(path.join(project, 'deep'), { recursive: true });
  await writeFile(path.join(project, 'muster.yaml'), attack());
});

afterEach(() => rm(folder, { recursive: true }));

const run = (
  args: readonly string[],
  { cwd = project, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
) => muster(args, { cwd, env: { SUDO_UID: '', XDG_CONFIG_HOME: config, ...env } });
const hasRun = () =>
  readFile(marker()).then(
    () => true,
    () => false,
  );
const allow = async (...lines: string[]) => {
  await mkdir(path.join(config, 'muster'), { recursive: true });
  await writeFile(path.join(config, 'muster', 'safe_folders'), `${lines.join('\n')}\n`);
};

describe.skipIf(process.platform === 'win32')('An inventory that others can write', () => {
  it('is the attack that it is taken for, where it is the caller’s own', async () => {
    expect((await run(['check'])).status).toBe(1);
    expect(await hasRun()).toBe(true);
  });

  it.each([
    ['everybody', 'the file', 0o666, 'muster.yaml'],
    ['everybody', 'the folder', 0o777, '.'],
    ['everybody, if none of others’ files,', 'the folder', 0o1777, '.'],
  ])('is not used where %s can write to %s', async (_, _what, mode, name) => {
    const file = path.join(project, name);
    await chmod(file, mode);
    for (const cwd of [project, path.join(project, 'deep')]) {
      const { status, stdout, stderr } = await run(['check'], { cwd });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toBe(
        `muster: ${project}/muster.yaml is not used, because somebody else decides what is in it: everybody on this machine can write to ${path.resolve(file)}\n` +
          `An inventory names commands that run as you. If you trust it, name it with --inventory ${project}/muster.yaml, or allow its folder: mkdir -p ${config}/muster && echo ${project} >> ${config}/muster/safe_folders\n`,
      );
    }
    expect(await hasRun()).toBe(false);
    for (const command of [
      ['hosts'],
      ['run', 'web', '--', 'id'],
      ['logs', 'web', '--unit', 'x'],
      ['etcd', 'ls'],
    ])
      expect(await run(command), command[0]).toMatchObject({ status: 2, stdout: '' });
    expect(await hasRun()).toBe(false);
    expect(await run(['hosts', '-i', 'muster.yaml'])).toMatchObject({ status: 0 });
  });

  it('is used once its folder is allowed by the command that the error names, and no longer than that', async () => {
    await chmod(project, 0o777);
    await allow('/somewhere/else', at('proj'), '  ', '# nothing');
    expect(await run(['hosts'])).toMatchObject({ status: 2 });
    await allow(folder);
    expect(await run(['hosts'])).toMatchObject({ status: 0, stdout: expect.stringContaining('web') });
    // A list that others can write allows nothing.
    await chmod(path.join(config, 'muster', 'safe_folders'), 0o666);
    expect(await run(['hosts'])).toMatchObject({ status: 2 });
  });

  it.runIf(isRoot)('is not used where it belongs to somebody else, who is named', async () => {
    await chown(path.join(project, 'muster.yaml'), other, other);
    const { status, stderr } = await run(['check']);
    expect(status).toBe(2);
    expect(stderr).toContain(`${project}/muster.yaml belongs to the user with the number ${other}\n`);
    await chown(path.join(project, 'muster.yaml'), 0, 0);
    await chown(project, 1, 1);
    const owned = await run(['check']);
    expect(owned).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/project belongs to the user \S+ \(1\)\n/),
    });
    expect(await hasRun()).toBe(false);
  });

  it.runIf(isRoot)('is used by root for the user who called sudo, and for no other', async () => {
    await chown(project, other, other);
    await chown(path.join(project, 'muster.yaml'), other, other);
    expect(await run(['hosts'], { env: { SUDO_UID: String(other) } })).toMatchObject({ status: 0 });
    for (const sudo of ['', '1', `${other}x`, `-${other}`])
      expect(await run(['hosts'], { env: { SUDO_UID: sudo } }), sudo).toMatchObject({ status: 2 });
    // Of root’s own files nothing changes.
    await chown(project, 0, 0);
    await chown(path.join(project, 'muster.yaml'), 0, 0);
    expect(await run(['hosts'], { env: { SUDO_UID: String(other) } })).toMatchObject({ status: 0 });
  });

  it.runIf(isRoot)('is not used where a group can write it that others are in', async () => {
    await chown(path.join(project, 'muster.yaml'), 0, other);
    await chmod(path.join(project, 'muster.yaml'), 0o664);
    const { status, stderr } = await run(['hosts']);
    expect(status).toBe(2);
    expect(stderr).toContain(`the group ${other} can write to ${project}/muster.yaml`);
  });

  it.runIf(isRoot)('is not used through a link of somebody else, or to somebody else’s folder', async () => {
    await mkdir(at('linked'));
    await symlink(path.join(project, 'muster.yaml'), at('linked', 'muster.yaml'));
    expect(await run(['hosts'], { cwd: at('linked') })).toMatchObject({ status: 0 });
    await lchown(at('linked', 'muster.yaml'), other, other);
    expect(await run(['hosts'], { cwd: at('linked') })).toMatchObject({ status: 2 });
    await lchown(at('linked', 'muster.yaml'), 0, 0);
    await chown(project, other, other);
    const { status, stderr } = await run(['hosts'], { cwd: at('linked') });
    expect(status).toBe(2);
    expect(stderr).toContain(`${project} belongs to`);
  });

  it('is not used in a folder that everybody can put another one in place of, and is where that cannot be', async () => {
    const deep = at('open', 'kept', 'deep');
    await mkdir(deep, { recursive: true });
    await writeFile(path.join(deep, 'muster.yaml'), attack());
    await chmod(at('open'), 0o777);
    expect(await run(['check'], { cwd: deep })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`everybody on this machine can write to ${at('open')}\n`),
    });
    expect(await hasRun()).toBe(false);
    // As in /tmp, others replace nothing of ours there.
    await chmod(at('open'), 0o1777);
    expect(await run(['hosts'], { cwd: deep })).toMatchObject({ status: 0 });
  });

  it.runIf(isRoot)('is not used where another one decides what a part of its path leads to', async () => {
    for (const name of ['mid', 'mine', 'linked']) await mkdir(at(name));
    await writeFile(at('mine', 'muster.yaml'), attack());
    await symlink('../mid/d/muster.yaml', at('linked', 'muster.yaml'));
    await symlink(at('mine'), at('mid', 'd'));
    const used = () => run(['hosts'], { cwd: at('linked') });
    const belongs = (place: string) => ({
      status: 2,
      stderr: expect.stringContaining(`${place} belongs to`),
    });
    expect(await used()).toMatchObject({ status: 0 });
    await lchown(at('mid', 'd'), other, other);
    expect(await used()).toMatchObject(belongs(at('mid', 'd')));
    await lchown(at('mid', 'd'), 0, 0);
    await chown(at('mid'), other, other);
    expect(await used()).toMatchObject(belongs(at('mid')));
    await chown(at('mid'), 0, 0);
    // A grandparent.
    await mkdir(at('mine', 'a', 'b'), { recursive: true });
    await writeFile(at('mine', 'a', 'b', 'muster.yaml'), attack());
    await chown(at('mine'), other, other);
    expect(await run(['hosts'], { cwd: at('mine', 'a', 'b') })).toMatchObject(belongs(at('mine')));
    expect(await used()).toMatchObject(belongs(at('mine')));
  });

  it.runIf(isRoot)('never runs what somebody else puts in its place while it is looked at', async () => {
    for (const name of ['mid', 'mine', 'theirs', 'linked']) await mkdir(at(name));
    await writeFile(at('mine', 'muster.yaml'), 'hosts: { web: { address: 127.0.0.1, ssh: { port: 1 } } }\n');
    await writeFile(at('theirs', 'muster.yaml'), attack());
    await symlink('../mid/d/muster.yaml', at('linked', 'muster.yaml'));
    for (const name of ['mid', 'theirs', 'theirs/muster.yaml']) await chown(at(name), other, other);
    await chmod(folder, 0o755);
    const script = `const fs = require('fs');
      process.chdir(${JSON.stringify(at('mid'))});
      for (let turn = 0; ; turn++) {
        fs.symlinkSync(turn % 2 ? '../mine' : '../theirs', 'next');
        fs.renameSync('next', 'd');
      }`;
    const flipping = spawn(process.execPath, ['-e', script], { uid: other, gid: other, stdio: 'ignore' });
    const ended = once(flipping, 'close');
    try {
      await until('a link is there', () => existsSync(at('mid', 'd', 'muster.yaml')));
      for (let turn = 0; turn < 5; turn++)
        expect(await run(['run', 'web', '--', 'id'], { cwd: at('linked') })).toMatchObject({ status: 2 });
      expect(flipping.exitCode).toBe(null);
    } finally {
      flipping.kill('SIGKILL');
      await ended;
    }
    expect(await hasRun()).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('An import that others can write', () => {
  it('is an error where it is named, also of what is included below it', async () => {
    await writeFile(path.join(project, 'more.yaml'), attack().replace('web', 'more'));
    await writeFile(
      path.join(project, 'config'),
      `Include ${path.join(project, 'included')}
Host own
`,
    );
    await writeFile(path.join(project, 'included'), 'Host theirs\n');
    await writeFile(path.join(project, 'hosts.ini'), '[g]\nansible-1\n');
    await mkdir(path.join(project, 'group_vars'));
    await writeFile(path.join(project, 'group_vars', 'g'), 'ansible_user: mallory\n');
    for (const name of ['more.yaml', 'included', 'group_vars/g'])
      await chmod(path.join(project, name), 0o666);
    await writeFile(
      path.join(project, 'muster.yaml'),
      'imports: [{ muster: more.yaml }, { sshConfig: config }, { ansible: hosts.ini }]\nhosts: { web: }\n',
    );
    const { status, stdout, stderr } = await run(['hosts', '--keep-going', '--json']);
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)).toEqual([
      'web',
      'own',
      'ansible-1',
    ]);
    expect(stdout).not.toContain('mallory');
    for (const name of ['more.yaml', 'included', 'group_vars/g'])
      expect(stderr).toContain(
        `cannot read ${project}/${name}: somebody else decides what is in it: everybody on this machine can write to ${project}/${name}. If you trust it, add its folder to ${config}/muster/safe_folders`,
      );
    expect(await run(['hosts'])).toMatchObject({ status: 2 });
    await allow(project);
    expect(await run(['hosts', '--json'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('theirs'),
    });
  });

  it('is left out of ssh_config also when a host is connected to', async () => {
    const included = path.join(project, 'included');
    await writeFile(
      path.join(project, 'config'),
      `Include ${included}\nHost own\n  HostName 127.0.0.1\n  Port 1\n`,
    );
    await writeFile(included, `Host own\n  ProxyCommand touch ${marker()}; exit 1\n`);
    await writeFile(path.join(project, 'muster.yaml'), 'imports: [{ sshConfig: config }]\n');
    const connect = () => run(['run', 'own', '--keep-going', '--', 'id']);
    await chmod(included, 0o666);
    expect(await connect()).toMatchObject({ stderr: expect.stringContaining('somebody else decides') });
    expect(await hasRun()).toBe(false);
    await chmod(included, 0o644);
    await connect();
    expect(await hasRun()).toBe(true);
  });

  it('is an error in a folder that everybody can put another one in place of', async () => {
    await mkdir(at('open', 'kept'), { recursive: true });
    await writeFile(at('open', 'kept', 'more.yaml'), attack());
    await chmod(at('open'), 0o777);
    await symlink(at('open'), path.join(project, 'link'));
    await writeFile(
      path.join(project, 'muster.yaml'),
      'imports: [{ muster: link/kept/more.yaml }]\nhosts: { own: }\n',
    );
    const { stdout, stderr } = await run(['hosts', '--keep-going']);
    expect(stdout).not.toContain('web');
    expect(stderr).toContain(`everybody on this machine can write to ${at('open')}. If you trust it`);
  });

  it.runIf(isRoot)('is used where the user named an inventory that the same ones can write', async () => {
    await writeFile(path.join(project, 'muster.yaml'), 'imports: [{ muster: more.yaml }]\n');
    await writeFile(path.join(project, 'more.yaml'), 'hosts: { more: }\n');
    for (const name of ['.', 'muster.yaml', 'more.yaml']) await chown(path.join(project, name), other, other);
    expect(await run(['hosts', '-i', 'muster.yaml'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('more'),
    });
    await chown(path.join(project, 'more.yaml'), other + 1, other + 1);
    expect(await run(['hosts', '-i', 'muster.yaml'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`belongs to the user with the number ${other + 1}`),
    });
  });
});
