import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { EtcdFarm } from '../../harness/etcd';
import { openMuster } from '../../harness/openMuster';
import { type ScratchFolder, scratchFolder } from '../../harness/scratchFolder';
import { treeRowWhen } from '../../harness/treeRowWhen';
import { until } from '../../harness/until';
import type { Workbench } from '../../harness/workbench';

describe(`Hosts that are found, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: EtcdFarm;
  let folder: ScratchFolder;
  let workbench: Workbench;

  const put = (name: string, value: string) => farm.etcdctl('put', '--', `/services/web/${name}`, value);
  const names = async () => (await workbench.treeRows('Hosts')).map(({ name }) => name);
  const shows = (expected: string[]) =>
    until(expected.join(', '), async () => (await names()).join() === expected.join());

  beforeAll(async () => {
    farm = await EtcdFarm.start();
    await put('web-1', `127.0.0.1:${farm.members[0]!.port}`);
    folder = await scratchFolder({
      'muster.yaml': `etcd:
  main: { endpoints: ["${farm.endpoints[0]}"] }
discover:
  web: { etcd: main, prefix: /services/web/, labels: { role: web } }
checks:
  closed: { type: tcp, port: 1, on: web }
`,
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  it('come and go in the tree as they are registered, and those that stay keep their results', async () => {
    await shows(['web', 'web-1']);
    await workbench.runCommand('Muster: Check All Hosts');
    await treeRowWhen(workbench, 'web-1', /^unhealthy: closed/);
    await put('web-2', '127.0.0.1');
    await shows(['web', 'web-1', 'web-2']);
    await treeRowWhen(workbench, 'web-1', /^unhealthy: closed/);
    await workbench.screenshotInThemes('discovered-hosts');
    await farm.etcdctl('del', '/services/web/web-2');
    await shows(['web', 'web-1']);
    await treeRowWhen(workbench, 'web-1', /^unhealthy: closed/);
  });

  it('stay when etcd is gone, and their group says since when they are stale', async () => {
    await farm.members[0]!.kill();
    await treeRowWhen(workbench, 'web', /stale since \d/);
    await shows(['web', 'web-1']);
    await workbench.screenshot('stale-hosts');
    await farm.members[0]!.start();
    await treeRowWhen(workbench, 'web', /^(?!.*stale)/);
    await put('web-3', '127.0.0.1');
    await shows(['web', 'web-1', 'web-3']);
  });

  it('are not asked for in Restricted Mode, which their group says', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await using untrusted = await scratchFolder({
      'muster.yaml': `etcd: { main: { endpoints: ["127.0.0.1:${port}"] } }
discover: { web: { etcd: main, prefix: /services/web/ } }
`,
    });
    await using restricted = await openMuster(untrusted.path, { workspaceTrust: true });
    await restricted.openViewContainer('Muster');
    await treeRowWhen(restricted, 'web', /^hosts unknown: not asked in Restricted Mode$/);
    expect(connections).toBe(0);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
