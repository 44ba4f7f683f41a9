import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { commands, TreeItemCollapsibleState, Uri, window, workspace } from 'vscode';
import { usualArrangement } from '../../../src/shell/editor/hosts/hostArrangement';
import { until } from '../../harness/until';
import { activeMuster, row, rows, rowWhen, type Muster } from '../../harness/editor/muster';

const original = 'hosts:\n  local: { address: 127.0.0.1 }\n';
const many = `hosts:
  rack-[1:2500]: { address: 127.0.0.1, labels: { env: prod } }
  spare-[1:2500]: { address: 127.0.0.1, labels: { env: dev } }
groups:
  rack: { select: "env=prod" }
  spare: { select: "env=dev" }
checks:
  port: { type: tcp, port: 1, timeout: 5s }
`;
const file = () => Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
const write = (text: string) => workspace.fs.writeFile(file(), new TextEncoder().encode(text));

describe('The Hosts view with 5,000 hosts', () => {
  let muster: Muster;
  before(async () => {
    muster = await activeMuster();
    await write(many);
    await rowWhen(muster, ['rack', 'rack-2500'], () => true);
  });
  afterEach(() => {
    muster.hosts.tree.filter(undefined);
    muster.hosts.tree.arrange(usualArrangement);
  });
  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await write(original);
    await rowWhen(muster, ['local'], () => rows(muster).length === 1);
  });

  const labels = (...path: string[]) => rows(muster, row(muster, ...path)).map(({ label }) => label);
  const first = () => rows(muster).map(({ label }) => label);

  it('has rows for groups at first, and for hosts as groups are opened', () => {
    assert.deepEqual(first(), ['rack', 'spare']);
    assert.equal(labels('rack').length, 2500);
    assert.deepEqual(labels('spare', 'spare-7'), ['port']);
  });

  it('stands under the values of a label, in one list, and in another order', () => {
    const { tree } = muster.hosts;
    tree.arrange({ grouping: { by: 'label', label: 'env' }, order: 'inventory' });
    assert.deepEqual(first(), ['env=dev', 'env=prod']);
    tree.arrange({ grouping: { by: 'none' }, order: 'name' });
    assert.equal(first().length, 5000);
    assert.deepEqual(first().slice(0, 3), ['rack-1', 'rack-2', 'rack-3']);
  });

  it('says every row to a screen reader with its state, and draws it with a codicon', () => {
    const { tree } = muster.hosts;
    for (const { node, label, icon } of [
      ...rows(muster),
      ...rows(muster, row(muster, 'rack')).slice(0, 50),
    ]) {
      const spoken = tree.getTreeItem(node).accessibilityInformation!.label;
      assert.ok(spoken.startsWith(`${label}, not checked`), spoken);
      assert.match(icon, /^[a-z-]+$/);
    }
    assert.equal(
      tree.getTreeItem(row(muster, 'rack')!.node).collapsibleState,
      TreeItemCollapsibleState.Collapsed,
    );
  });

  it('leads to where a host, a group and a check are written', async () => {
    for (const [path, line] of [
      [['rack', 'rack-9'], 1],
      [['spare'], 5],
      [['rack', 'rack-9', 'port'], 7],
    ] as const) {
      await commands.executeCommand('muster.openInventory', row(muster, ...path)!.node);
      assert.equal(window.activeTextEditor!.document.uri.fsPath, file().fsPath);
      assert.equal(window.activeTextEditor!.selection.active.line, line, path.join(' → '));
    }
  });

  it('gathers what a check of all of them finds, and draws few rows at a time', async () => {
    const { tree } = muster.hosts;
    // As a view on which both groups are open.
    const hosts = ['rack', 'spare'].flatMap((group) => rows(muster, row(muster, group)));
    const drawn: number[] = [];
    const listener = tree.onDidChangeTreeData((nodes) => drawn.push(nodes?.length ?? Infinity));
    try {
      await commands.executeCommand('muster.checkAll');
      await rowWhen(muster, ['rack'], ({ description }) => description === '0/2500 · 2500 unhealthy');
      await rowWhen(muster, ['spare'], ({ description }) => description === '0/2500 · 2500 unhealthy');
      await until('the badge', () => muster.hosts.badge === 5000);
    } finally {
      listener.dispose();
    }
    assert.ok(
      hosts.every(({ node }) => tree.getTreeItem(node).description!.toString().startsWith('unhealthy: port')),
    );
    assert.ok(drawn.length < 500, `${drawn.length} times`);
    assert.ok(Math.max(...drawn) <= 202, `${Math.max(...drawn)} rows at once`);
  });
});
