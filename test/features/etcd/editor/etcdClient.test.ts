import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'mocha';
import { commands, TabInputWebview, Uri, window, workspace } from 'vscode';
import { clusterEntries } from '../../../../src/features/etcd/core/section/clusterEntry';
import { Cluster } from '../../../../src/features/etcd/editor/clusters/cluster';
import { etcdUri } from '../../../../src/features/etcd/editor/documents/etcdUri';
import { EtcdFarm } from '../../../harness/etcd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { until } from '../../../harness/until';
import { activeMuster, row, rowWhen } from '../../../harness/editor/muster';

const { showInputBox, showInformationMessage } = window;

describe('The client of an etcd cluster', () => {
  let farm: EtcdFarm;
  let proxy: TcpProxy;
  let inventory: Uri;
  let text: string;
  let asked = 0;

  before(async () => {
    farm = await EtcdFarm.start();
    await farm.etcdctl('put', '/config/port', '80');
    await farm.enableAuth({ sre: { password: 'right', prefix: '/config/', may: 'readwrite' } });
    proxy = await TcpProxy.to(farm.members[0]!.port);
    inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
    text = await readFile(inventory.fsPath, 'utf8');
    Object.assign(window, {
      showInputBox: () => Promise.resolve(asked++ === 0 ? 'right' : undefined),
      showInformationMessage: () => Promise.resolve(undefined),
    });
  });
  afterEach(() => commands.executeCommand('workbench.action.closeAllEditors'));
  after(async () => {
    Object.assign(window, { showInputBox, showInformationMessage });
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(await activeMuster(), ['local'], () => true);
    await until('no connection', () => proxy.connected === 0);
    await commands.executeCommand('muster.forgetSecrets');
    await proxy[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });

  const show = async (host: string, more: string) => {
    await writeFile(
      inventory.fsPath,
      `hosts:
  ${host}: { address: 127.0.0.1 }
etcd:
  shared: { endpoints: ["127.0.0.1:${proxy.port}"], username: sre, prefix: /config/${more} }
checks:
  members: { type: etcd, cluster: shared, on: ${host} }
`,
    );
    await commands.executeCommand('muster.refreshInventory');
    return (await rowWhen(await activeMuster(), [host], () => true)).node.fleet;
  };
  const openKey = async () =>
    (
      await workspace.openTextDocument(etcdUri({ cluster: 'shared', key: Buffer.from('/config/port') }))
    ).getText();
  const check = async (host: string) => {
    await commands.executeCommand('muster.checkAll');
    const muster = await activeMuster();
    await until('a verdict', () => row(muster, host)?.description.startsWith('healthy'));
  };
  const logins = () => farm.members[0]!.logins();

  it('is one for keys, panels and checks: it connects once, asks once and logs in once', async () => {
    const before = await logins();
    const fleet = await show('together', '');
    const cluster = new Cluster(fleet, fleet.inventory!.section(clusterEntries).get('shared')!);
    await Promise.all([
      openKey(),
      commands.executeCommand('muster.watchPrefix', { kind: 'cluster', cluster }),
      check('together'),
    ]);
    await until('a panel', () =>
      window.tabGroups.all.some(({ tabs }) => tabs.some(({ input }) => input instanceof TabInputWebview)),
    );
    assert.equal(await openKey(), '80');
    await check('together');
    assert.equal(cluster.login, 'done');
    assert.deepEqual([asked, await logins(), proxy.made], [1, before + 1, 1]);
  });

  it('is another one after its entry was edited, which ends the connection of the one before', async () => {
    const before = await logins();
    await openKey();
    await show('edited', ', readOnly: true');
    assert.equal(await openKey(), '80');
    await check('edited');
    await until('one connection', () => proxy.connected === 1);
    assert.deepEqual([asked, await logins(), proxy.made], [1, before + 1, 2]);
  });
});
