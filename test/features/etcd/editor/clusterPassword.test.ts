import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { commands, type TreeItem, Uri, window, workspace } from 'vscode';
import { silentLogger } from '../../../../src/platform/host/host';
import { Redactor } from '../../../../src/platform/redaction/redactor';
import { ConfigCommands } from '../../../../src/features/etcd/editor/config/configCommands';
import type { ClusterNode } from '../../../../src/features/etcd/editor/config/configNodes';
import { ConfigTree } from '../../../../src/features/etcd/editor/config/configTree';
import { EtcdClusters } from '../../../../src/features/etcd/editor/clusters/etcdClusters';
import { WritePermission } from '../../../../src/features/etcd/editor/clusters/writePermission';
import { Fleets } from '../../../../src/shell/editor/fleets/fleets';
import { CredentialPrompts } from '../../../../src/shell/editor/prompts/credentialPrompts';
import { editorAuthority } from '../../../../src/shell/editor/prompts/editorAuthority';
import { HostKeyPrompts } from '../../../../src/shell/editor/prompts/hostKeyPrompts';
import { unattended } from '../../../../src/shell/editor/prompts/unattended';
import { EtcdFarm } from '../../../harness/etcd';
import { until } from '../../../harness/until';
import { failureOf } from '../../../harness/editor/failureOf';
import { memoryStorage } from '../../../harness/editor/memoryStorage';
import { activeMuster, rowWhen } from '../../../harness/editor/muster';

const { showInputBox, showInformationMessage, showQuickPick } = window;
const editorItself = { showInputBox, showInformationMessage, showQuickPick };

describe('The password of an etcd cluster', () => {
  let farm: EtcdFarm;
  let inventory: Uri;
  let text: string;
  let fleets: Fleets;
  let credentials: CredentialPrompts;
  let clusters: EtcdClusters;
  let tree: ConfigTree;
  let actions: ConfigCommands;
  /** What is typed, one after the other; nothing is Esc. */
  let typed: (string | undefined)[];
  let titles: string[];

  before(async () => {
    const muster = await activeMuster();
    farm = await EtcdFarm.start();
    await farm.etcdctl('put', '/config/port', '80');
    await farm.enableAuth({ sre: { password: 'right', prefix: '/config/', may: 'readwrite' } });
    inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
    text = await readFile(inventory.fsPath, 'utf8');
    const endpoints = `endpoints: ["${farm.endpoints[0]}"]`;
    await writeFile(
      inventory.fsPath,
      `hosts:\n  strict: { address: 127.0.0.1 }\netcd:\n  main: { ${endpoints}, username: sre, prefix: /config/ }\n`,
    );
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(muster, ['strict'], () => true);
  });
  after(async () => {
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(await activeMuster(), ['local'], () => true);
    await farm[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    credentials = new CredentialPrompts(memoryStorage(), new Redactor());
    ({ fleets, clusters } = await open());
    tree = new ConfigTree(clusters);
    actions = new ConfigCommands(tree, clusters, new WritePermission(), () => {});
    typed = [];
    titles = [];
    Object.assign(window, {
      showInputBox: ({ title }: { title: string }) => {
        titles.push(title);
        return Promise.resolve(typed.shift());
      },
      showInformationMessage: () => Promise.resolve(undefined),
    });
  });
  afterEach(() => {
    Object.assign(window, editorItself);
    for (const owned of [tree, clusters, fleets]) owned.dispose();
  });

  /** The inventory as a window has it that knows these secrets. */
  const open = async () => {
    const fleets: Fleets = new Fleets({
      ...{ logger: silentLogger, authority: editorAuthority(new HostKeyPrompts(), credentials) },
      knownHostsFile: '/nonexistent/known_hosts',
      etcd: (fleet) => clusters.surroundingsOf(fleet),
    });
    const clusters = new EtcdClusters(fleets, {
      forwards: { open: () => Promise.reject(new Error('no host is on the way')) },
      logger: silentLogger,
      mayAskAgain: () => credentials.batchBegan(),
    });
    await fleets.add('passwords', 'Passwords', inventory.fsPath);
    return { fleets, clusters };
  };

  const root = () => tree.rootOf(clusters.all[0]!);
  const rowsBelow = async (node: ClusterNode) =>
    (await tree.getChildren(node)).map((one) => tree.getTreeItem(one));
  const labels = (items: TreeItem[]) => items.map(({ label }) => label);
  const refusals = () => farm.members[0]!.log.match(/invalid authentication/g)?.length ?? 0;

  it('is needed, as the row says, until the user enters it: background reads do not ask', async () => {
    const [row] = await rowsBelow(root());
    assert.deepEqual([row!.label, row!.command!.command], ['Enter Password…', 'muster.enterClusterPassword']);
    assert.match(row!.tooltip as string, /Enter Password of etcd Cluster…/);
    assert.doesNotMatch(row!.tooltip as string, /--password/);
    const item = tree.getTreeItem(root());
    assert.deepEqual([item.description, item.contextValue], ['password needed', 'etcdCluster-locked']);
    tree.refresh(root());
    await rowsBelow(root());
    await failureOf(unattended(() => clusters.all[0]!.logIn()));
    assert.equal(titles.length, 1);

    // Refresh Config, Open Key… and Enter Password… are explicit.
    await actions.refresh();
    assert.equal(titles.length, 2);
    await failureOf(actions.open());
    await actions.enterPassword(root());
    assert.equal(titles.length, 4);
    assert.deepEqual(labels(await rowsBelow(root())), ['Enter Password…']);
    assert.equal(titles.length, 4);

    typed = ['right'];
    await actions.enterPassword(root());
    await until('the keys', async () => labels(await rowsBelow(root())).includes('port'));
    assert.match(String(tree.getTreeItem(root()).description), /^1\/1 healthy/);
    assert.deepEqual([titles.length, refusals()], [5, 0]);
  });

  it('is sent once when it is wrong, and asked for again', async () => {
    const before = refusals();
    typed = ['wrong', 'worse'];
    assert.deepEqual(labels(await rowsBelow(root())), ['Enter Password…']);
    await until('both refusals', () => refusals() >= before + 2);
    assert.deepEqual(titles, [
      'Muster · main',
      'Muster: the server refused it, try again · main',
      'Muster: the server refused it, try again · main',
    ]);
    assert.equal(refusals(), before + 2);
    typed = ['right'];
    await actions.refresh(root());
    assert.deepEqual(labels(await rowsBelow(root())), ['port']);
    assert.equal(refusals(), before + 2);
  });

  it('is asked for again after the secrets were forgotten, and is given to no other client when it was refused', async () => {
    await rowsBelow(root());
    await credentials.forgetAll();
    const before = refusals();
    typed = ['wrong', undefined];
    await actions.refresh(root());
    assert.equal(titles.length, 3);
    // The server's log comes later than its answer.
    await until('the refusal', () => refusals() > before);
    const other = await open();
    const [main] = other.clusters.all;
    try {
      await failureOf(unattended(() => main!.logIn()));
      assert.equal(main!.login, 'needed');
    } finally {
      other.clusters.dispose();
      other.fleets.dispose();
    }
    assert.equal(refusals(), before + 1);
  });
});
