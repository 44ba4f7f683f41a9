import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { muster } from '../../harness/musterCli';
import { readProfile } from '../../../src/features/profiles/core/formats/readProfile';

/** Nobody has a key here, or a known_hosts file, or an agent. */
describe('muster on a host with “transport: local”', () => {
  let folder: string;
  let env: Record<string, string>;
  const here = (...args: string[]) => muster(args, { cwd: folder, env });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-local-'));
    const home = join(folder, 'home');
    await mkdir(home);
    await writeFile(join(folder, 'app.log'), 'first\nsecond\n');
    env = { HOME: home, XDG_CONFIG_HOME: join(home, '.config'), SSH_AUTH_SOCK: '' };
    await writeFile(
      join(folder, 'muster.yaml'),
      JSON.stringify({
        defaults: { timeout: '10s' },
        hosts: { here: { transport: 'local', labels: { x: "'; touch ~/touched; '" } } },
        checks: {
          shell: { type: 'command', run: 'echo {label.x}; echo $((6 * 7))', expect: { stdout: '42' } },
          login: { type: 'ssh' },
        },
        logs: { app: { path: join(folder, 'app.log') } },
        profilers: { printed: { type: 'command', run: 'printf "main;work 3\\nmain 1\\n"', duration: '1s' } },
      }),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('runs a command', async () => {
    const { status, stdout } = await here('run', 'here', '--', 'echo "here: $HOME"');
    expect(stdout).toContain(`here: ${env['HOME']}`);
    expect(status).toBe(0);
  });

  it('tells a command that fails from one that ends well', async () => {
    const { status, stdout } = await here('run', 'here', '--json', '--', 'echo no >&2; exit 7');
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ host: 'here', exitCode: 7, stderr: 'no\n' }] });
    expect(status).toBe(1);
  });

  it('checks with a command, into which labels go as single words', async () => {
    const { status, stdout } = await here('check', '--check', 'shell', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ check: 'shell', status: 'healthy' }] });
    expect(status).toBe(0);
    await expect(readFile(join(env['HOME']!, 'touched'))).rejects.toThrow('ENOENT');
  });

  it('says of a check of SSH that there is no SSH', async () => {
    const { stdout } = await here('check', '--check', 'login', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      results: [{ status: 'unhealthy', error: { code: 'INVENTORY' } }],
    });
  });

  it('reads logs', async () => {
    const { status, stdout } = await here('logs', '--source', 'app', '--no-follow');
    expect(stdout).toMatch(/first\n.*second\n/);
    expect(status).toBe(0);
  });

  it('captures a profile', async () => {
    const { status, stderr } = await here(
      'profile',
      'capture',
      'here',
      '--profiler',
      'printed',
      '-o',
      'p.folded',
    );
    expect(stderr).toContain('1 ok');
    expect(status).toBe(0);
    const profile = await readProfile(await readFile(join(folder, 'p.folded')), 'p.folded');
    expect(profile).toBeDefined();
  });

  it('lists it as what it is, for Ansible too', async () => {
    const { stdout } = await here('hosts', '--json');
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'here', transport: 'local' }]);
    const ansible = await here('hosts', '--ansible', '--host', 'here');
    expect(JSON.parse(ansible.stdout)).toMatchObject({ ansible_connection: 'local' });
  });
});
