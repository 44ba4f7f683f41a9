import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDnsmasq } from '../../../harness/dnsmasq';
import { EtcdFarm } from '../../../harness/etcd';
import { muster } from '../../../harness/musterCli';
import { freePort } from '../../../harness/ports';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';

let farm: EtcdFarm;
let names: Awaited<ReturnType<typeof startDnsmasq>>;
let folder: ScratchFolder;

beforeAll(async () => {
  [farm, names] = await Promise.all([
    EtcdFarm.start(),
    startDnsmasq(['srv-host=_db._tcp.test,localhost,5432,10,1']),
  ]);
  const { port } = farm.members[0]!;
  const inventory = (endpoint: string, resolver: number) => `hosts: { local: { address: 127.0.0.1 } }
groups: { front: { select: role=web }, own: { hosts: local } }
etcd: { main: { endpoints: ['${endpoint}'], timeout: 2s } }
discover:
  web: { etcd: main, prefix: /services/web/, labels: { role: web } }
  db: { srv: _db._tcp.test, resolver: "127.0.0.1:${resolver}" }
checks:
  up: { type: http, on: web, url: "http://{address}:{label.port}/health" }
  etcd: { type: tcp, on: local, port: ${port} }
  port: { type: tcp, on: web, port: "{label.port}" }
`;
  const dead = await freePort();
  folder = await scratchFolder({
    'muster.yaml': inventory(farm.endpoints[0]!, names.port),
    'dead.yaml': inventory(`127.0.0.1:${dead}`, names.port),
  });
  await farm.etcdctl('put', '/services/web/web-1', `127.0.0.1:${port}`);
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await names[Symbol.asyncDispose]();
  await farm[Symbol.asyncDispose]();
});

const run = (...args: string[]) => muster(args, { cwd: folder.path });
const found = async (...args: string[]) => {
  const { stdout } = await run('hosts', '--json', ...args);
  return (JSON.parse(stdout) as { name: string; foundBy?: string[] }[]).map(
    ({ name, foundBy }) => `${name} ${foundBy?.join() ?? ''}`,
  );
};

describe('muster with hosts that are found', () => {
  it('lists them beside the others, and selects them by their group', async () => {
    expect(await found()).toEqual(['local ', 'web-1 web', 'localhost db']);
    expect(await found('@web')).toEqual(['web-1 web']);
    expect(await run('hosts', 'db')).toMatchObject({ status: 0, stderr: '' });
  });

  it('checks them on the port that is registered', async () => {
    const { status, stdout } = await run('check', '@web');
    expect(stdout).toMatch(/healthy +web-1 +up/);
    expect(stdout).toMatch(/healthy +web-1 +port/);
    expect(status).toBe(0);
  });

  it('shows what is registered and cannot be read as a problem, without its control characters', async () => {
    await farm.etcdctl('put', '/services/web/evil', '--', '-oProxyCommand=touch /tmp/x');
    await farm.etcdctl('put', '/services/web/\u001b[31mred', '10.0.0.1');
    const { status, stderr, stdout } = await run('hosts', 'web');
    await farm.etcdctl('del', '/services/web/evil');
    await farm.etcdctl('del', '/services/web/\u001b[31mred');
    expect(stderr).not.toContain('\u001b');
    expect(stderr).toMatch(
      /muster\.yaml:5:3: warning: “web”: \/services\/web\/\\x1b\[31mred: .* is not a name/,
    );
    expect(stderr).toMatch(
      /warning: “web”: \/services\/web\/evil: .* is neither a host name nor an IP address/,
    );
    expect(stdout).toContain('web-1');
    expect(status).toBe(0);
  });
});

describe('muster whose cluster only one of the hosts reaches', () => {
  it('goes through that host first, and finds the others then', async () => {
    await using ssh = await SshdFarm.create();
    const daemon = await ssh.start();
    const rest = `etcd: { main: { endpoints: ['${farm.endpoints[0]}'], through: bastion } }
discover: { web: { etcd: main, prefix: /services/web/ } }
`;
    await using workspace = await scratchFolder(
      await sshdInventory(ssh, [{ name: 'bastion', daemon }], rest),
    );
    const env = { MUSTER_KNOWN_HOSTS: join(ssh.directory, 'own'), SSH_AUTH_SOCK: '' };
    const { status, stdout, stderr } = await muster(['hosts'], { cwd: workspace.path, env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/bastion[\s\S]*web-1 +127\.0\.0\.1 +web/);
    expect(status).toBe(0);
  });
});

describe('muster whose source does not answer', () => {
  const dead = (command: string, ...args: string[]) => run(command, '--inventory', 'dead.yaml', ...args);
  const warning =
    /dead\.yaml:5:3: warning: “web”: etcd main \/services\/web\/ does not answer, and its hosts are unknown/;

  it('works on the hosts that are known, says what is not, and exits with 1', async () => {
    const hosts = await dead('hosts');
    expect(hosts.stderr).toMatch(warning);
    expect(hosts.stdout).toMatch(/local[\s\S]*localhost/);
    expect(hosts.status).toBe(1);
    const check = await dead('check');
    expect(check.stdout).toMatch(/healthy/);
    expect(check.status).toBe(1);
  });

  it('exits with 0 where all hosts that are meant are known', async () => {
    expect(await dead('check', 'own')).toMatchObject({ status: 0 });
    expect(await dead('hosts', 'db')).toMatchObject({ status: 0 });
  });

  it.each(['@web', 'front', '!web'])('refuses the selector %s, and says why', async (selector) => {
    const { status, stderr } = await dead('run', selector, '--', 'true');
    expect(stderr).toMatch(
      /muster: the hosts of “web” are unknown: etcd main \/services\/web\/ does not answer/,
    );
    expect(status).toBe(2);
  });

  it('asks none for commands that need no hosts', async () => {
    const { stderr } = await dead('etcd', 'ls');
    expect(stderr).not.toMatch(warning);
  });
});
