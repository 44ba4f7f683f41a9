import { symlink } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../harness/openMuster';
import { SshdFarm } from '../../harness/sshd';
import { scratchFolder } from '../../harness/scratchFolder';
import { sshdInventory } from '../../harness/sshdInventory';
import { treeRowWhen } from '../../harness/treeRowWhen';
import { until, untilRead } from '../../harness/until';
import { untilTestEnds } from '../../harness/untilTestEnds';

async function listen(server: Server): Promise<AsyncDisposable & { port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe(`Trust in VS Code ${inject('vscodeVersion')}`, () => {
  it('in a folder is asked of the user: until then hosts are listed, and nothing is connected to', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    const listening = untilTestEnds(await listen(server));
    const { port } = listening;
    const folder = untilTestEnds(
      await scratchFolder({
        'muster.yaml': `hosts: { local: { address: 127.0.0.1, ssh: { port: ${port} } } }
checks: { up: { type: tcp, port: ${port} } }
metrics: { app: { type: prometheus, url: "http://127.0.0.1:${port}/metrics", interval: 1s } }
etcd:
  main:
    endpoints: ["http://127.0.0.1:${port}"]
    onChange: { told: { keys: "**" } }
`,
      }),
    );
    const workbench = untilTestEnds(await openMuster(folder.path, { workspaceTrust: true }));
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'local').waitFor();
    await workbench.page.getByText('Restricted Mode: hosts are listed').waitFor();
    await workbench.screenshotInThemes('untrusted');
    await workbench.expandTreeRow('Config', 'main');
    await workbench.page.keyboard.press('F1');
    await workbench.type('>Muster: Show Log');
    await until('a command in the palette', async () =>
      (await workbench.pickItems()).includes('Muster: Show Log'),
    );
    for (const title of [
      ...['Muster: Check All Hosts', 'Muster: Start Lab', 'Muster Runs: Run Command…'],
      ...['Muster: Open Terminal on Host', 'Muster: Forward Port…', 'Muster: Show Metrics'],
      ...['Muster Config: Watch Prefix…', 'Muster Config: Watch Prefix From…', 'Muster Config: New Key…'],
    ]) {
      await workbench.type(`>${title}`);
      await workbench.page
        .getByText(/No matching commands|similar commands/)
        .first()
        .waitFor();
      expect(await workbench.pickItems()).not.toContain(title);
    }
    await workbench.page.keyboard.press('Escape');
    await workbench.runCommand('Testing: Focus on Test Explorer View');
    await workbench.page.getByText('Ungrouped', { exact: true }).waitFor();
    await workbench.runCommand('Test: Run All Tests');
    expect((await workbench.dialog()).message).toMatch(/trust the authors/);
    await workbench.screenshot('untrusted-tests');
    await workbench.answerDialog('Cancel');
    expect(connections).toBe(0);
  });

  it('in a folder is needed to read files outside of it, wherever links of the folder lead', async () => {
    const outside = untilTestEnds(
      await scratchFolder({
        'linked.yaml': 'hosts: { linked: }\n',
        'named.yaml': 'hosts: { named: }\n',
      }),
    );
    const folder = untilTestEnds(
      await scratchFolder({
        'inside.yaml': 'hosts: { inside: }\n',
        'muster.yaml': `imports:
  - { muster: inside.yaml }
  - { muster: link.yaml }
  - { muster: ${outside.path}/named.yaml }
  - { muster: //server.invalid/share/muster.yaml }
`,
      }),
    );
    await symlink(join(outside.path, 'linked.yaml'), join(folder.path, 'link.yaml'));
    const workbench = untilTestEnds(await openMuster(folder.path, { workspaceTrust: true }));
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'inside').waitFor();
    const files = ['link.yaml', `${outside.path}/named.yaml`, '/server.invalid/share/muster.yaml'];
    await workbench.problems(
      ...files.map((file) => `${file}: it is not in the workspace, and Restricted Mode reads nothing else.`),
    );
    await workbench.openViewContainer('Muster');
    expect(await workbench.treeRow('Hosts', 'linked').count()).toBe(0);
    expect(await workbench.treeRow('Hosts', 'named').count()).toBe(0);
    await workbench.runCommand('Workspaces: Manage Workspace Trust');
    const trust = workbench.page.getByRole('button', { name: /^Trust$/ }).first();
    await workbench.actUntil('trusted', workbench.treeRow('Hosts', 'linked'), () =>
      trust.click({ timeout: 15_000 }),
    );
    await workbench.treeRow('Hosts', 'named').waitFor();
  });

  it('in servers is asked of the user once for all, remembered, and withdrawn when a key changes', async () => {
    const farm = untilTestEnds(await SshdFarm.create());
    const first = await farm.start();
    const second = await farm.start();
    const hosts = [
      { name: 'one', daemon: first },
      { name: 'two', daemon: second },
    ];
    const files = await sshdInventory(farm, hosts, 'checks: { login: { type: ssh } }\n');
    const folder = untilTestEnds(await scratchFolder({ ...files, known_hosts: '' }));
    const workbench = untilTestEnds(await openMuster(folder.path));
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'one').waitFor();

    const declineBoth = () =>
      until('both hosts to be declined', async () => {
        if (await workbench.isAsking()) await workbench.answerDialog('Cancel');
        const rows = await workbench.treeRows('Hosts');
        return rows.filter(({ description }) => description.startsWith('unhealthy: login')).length === 2;
      });
    const { detail, buttons } = await untilRead(
      'one question about both hosts',
      async () => {
        // A host whose key arrives late on a busy machine is asked about by itself: both are then declined.
        if (await workbench.isAsking()) await declineBoth();
        await workbench.runCommand('Muster: Check All Hosts');
        return workbench.dialog();
      },
      ({ message }) => message === 'The host keys of 2 hosts are unknown. Connect to them?',
    );
    expect(detail).toContain(`one · ${first.address}:${first.port} · ssh-ed25519`);
    expect(detail.match(/SHA256:/g)).toHaveLength(2);
    expect(buttons).toEqual(expect.arrayContaining(['Trust and Remember', 'Trust Once', 'Cancel']));
    await workbench.screenshot('unknown-host-keys');
    await workbench.answerDialog('Cancel');
    await treeRowWhen(workbench, 'one', /^unhealthy: login/);
    expect([first.logins, second.logins]).toEqual([0, 0]);

    await workbench.runCommand('Muster: Check All Hosts');
    await workbench.dialog();
    await workbench.answerDialog('Trust and Remember');
    // A host whose key arrives late on a busy machine is asked about by itself.
    await until('both hosts to have been asked about', async () => {
      if (await workbench.isAsking()) await workbench.answerDialog('Trust and Remember');
      const rows = await workbench.treeRows('Hosts');
      return rows.filter(({ description }) => description.startsWith('healthy')).length === 2;
    });
    await treeRowWhen(workbench, 'one', /^healthy/);
    await treeRowWhen(workbench, 'two', /^healthy/);

    await first.stop();
    await farm.start({ address: first.address, port: first.port, hostKey: second.hostKeys[0] });
    await workbench.runCommand('Muster: Check All Hosts');
    const mismatch = await workbench.notification('The host key of one is not the one that is known');
    expect(mismatch.buttons).toEqual(['Show Details', 'Open known_hosts']);
    await workbench.screenshot('changed-host-key');
    await workbench.answerNotification('The host key of one', 'Open known_hosts');
    // Those that were trusted under the known_hosts of a project count for its inventory only.
    const remembered = await workbench.textWith(`[${first.address}]:${first.port} ssh-ed25519 `);
    expect(remembered).toContain(`for the inventory ${folder.path}/muster.yaml only`);
  });
});
