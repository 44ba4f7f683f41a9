import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commands, env, TabInputTextDiff, Uri, window, workspace } from 'vscode';
import { EtcdFarm } from '../../../harness/etcd';
import { until } from '../../../harness/until';
import { activeMuster } from '../../../harness/editor/muster';

describe('Prefixes of etcd', () => {
  let farm: EtcdFarm;
  let inventory: Uri;
  let text: string;

  before(async () => {
    await activeMuster();
    farm = await EtcdFarm.start();
    await farm.etcdctl('put', '/a/app.yaml', 'port: 80\n');
    await farm.etcdctl('put', '/a/new', 'x');
    await farm.etcdctl('put', '/b/app.yaml', 'port: 81\n');
    await farm.etcdctl('put', '/b/old|key', 'y');
    inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
    text = await readFile(inventory.fsPath, 'utf8');
    const endpoints = `endpoints: ["${farm.endpoints[0]}"]`;
    await writeFile(
      inventory.fsPath,
      `${text}\netcd:\n  a: { ${endpoints}, prefix: /a/ }\n  b: { ${endpoints}, prefix: /b/ }\n  frozen: { ${endpoints}, prefix: /b/, readOnly: true }\n`,
    );
    await commands.executeCommand('muster.refreshInventory');
  });
  after(async () => {
    await commands.executeCommand('muster.closeComparison');
    await commands.executeCommand('workbench.action.closeAllEditors');
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await farm[Symbol.asyncDispose]();
  });

  const copied = async () => {
    await env.clipboard.writeText('');
    await commands.executeCommand('muster.copyComparison');
    return env.clipboard.readText();
  };

  it('are compared as key bindings name them, copied without values, and swapped', async () => {
    await commands.executeCommand('muster.compareWith', { cluster: 'a', with: { cluster: 'b' } });
    assert.equal(
      await copied(),
      [
        '**a\\:/a/ → b\\:/b/**\n',
        '1 to add, 1 to change, 1 to remove, 0 the same\n',
        '| | Key | Left | Right |\n| --- | --- | ---: | ---: |',
        '| M | app\\.yaml | 9 B | 9 B |\n| A | new | 1 B |  |\n| D | old\\|key |  | 1 B |\n',
      ].join('\n'),
    );
    await commands.executeCommand('muster.swapComparison');
    assert.match(await copied(), /^\*\*b\\:\/b\/ → a\\:\/a\/\*\*/);
  });

  it('are not written where the cluster is read-only, or is what it was', async () => {
    const now = await farm.etcdctl('get', '--prefix', '', '-w', 'fields');
    for (const right of [{ cluster: 'frozen' }, { cluster: 'b', revision: 2 }]) {
      // What is of the past stands on the left.
      await commands.executeCommand('muster.compareWith', { cluster: 'a' }, right);
      if (right.revision) await commands.executeCommand('muster.swapComparison');
      await commands.executeCommand('muster.selectRemovals');
      await commands.executeCommand('muster.applyComparison');
    }
    assert.equal(await farm.etcdctl('get', '--prefix', '', '-w', 'fields'), now);
  });

  it('are compared with their past', async () => {
    const before = await farm.etcdctl('get', '/a/app.yaml', '-w', 'fields');
    const revision = Number(/"Revision" : (\d+)/.exec(before)?.[1]);
    await farm.etcdctl('put', '/a/app.yaml', 'port: 443\n');
    await commands.executeCommand('muster.compareWith', { cluster: 'a' }, { cluster: 'a', revision });
    assert.match(await copied(), /→ a\\:\/a\/\*\*\n\n0 to add, 1 to change, 0 to remove, 1 the same/);
  });

  it('are written to a file, which is compared before it is imported, and is shown beside the key', async () => {
    const file = Uri.file(join(farm.directory, 'a.json'));
    await commands.executeCommand('muster.exportPrefix', { cluster: 'a' }, file);
    const exported = JSON.parse(await readFile(file.fsPath, 'utf8')) as object;
    assert.deepEqual(
      { ...exported, revision: 0 },
      {
        ...{ muster: 'etcd-prefix/1', cluster: 'a', prefix: '/a/', revision: 0 },
        keys: { 'app.yaml': 'port: 443\n', new: 'x' },
      },
    );
    await commands.executeCommand('muster.importPrefix', { cluster: 'b' }, file);
    assert.match(await copied(), /^\*\*a\\.json → b\\:\/b\/\*\*\n\n1 to add, 1 to change, 1 to remove/);
    const name = Buffer.from('app.yaml');
    await commands.executeCommand('muster.openDifference', { kind: 'difference', difference: { name } });
    const { original, modified } = await until('the difference', () => {
      const input = window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof TabInputTextDiff ? input : undefined;
    });
    const textOf = async (uri: Uri) => (await workspace.openTextDocument(uri)).getText();
    assert.equal(await textOf(original), 'port: 443\n');
    assert.equal(await textOf(modified), 'port: 81\n');
  });

  it('are not compared with a file that is not understood, which is shown where it is wrong', async () => {
    const file = join(farm.directory, 'wrong.yaml');
    await writeFile(file, 'a: 1\nb: 2\na: 3\n');
    await commands.executeCommand('muster.importPrefix', { cluster: 'b' }, Uri.file(file));
    await until('the line in the file', () =>
      window.visibleTextEditors.some(
        ({ document, selection }) => document.uri.fsPath === file && selection.active.line === 2,
      ),
    );
  });
});
