import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import { commands, FilePermission, Position, Uri, window, workspace } from 'vscode';
import { etcdUri } from '../../src/editor/etcd/etcdUri';
import { EtcdFarm } from '../harness/etcd';
import { connect } from '../integration/etcd/etcdFixture';
import { failureOf } from './failureOf';
import { activeMuster, rowWhen } from './muster';

describe('Keys of etcd as documents', () => {
  let farm: EtcdFarm;
  let cluster: Awaited<ReturnType<typeof connect>>;
  let inventory: Uri;
  let text: string;

  before(async () => {
    const muster = await activeMuster();
    farm = await EtcdFarm.start();
    cluster = await connect(farm.endpoints);
    inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
    text = await readFile(inventory.fsPath, 'utf8');
    const endpoints = `endpoints: ["${farm.endpoints[0]}"]`;
    await writeFile(
      inventory.fsPath,
      `hosts:
  configured: { address: 127.0.0.1 }
etcd:
  Main: { ${endpoints} }
  audit: { ${endpoints}, readOnly: true }
  gone: { endpoints: ["http://127.0.0.1:1"], timeout: 2s }
`,
    );
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(muster, ['configured'], () => true);
  });
  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(await activeMuster(), ['local'], () => true);
    await cluster[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });

  const uriOf = (key: Buffer | string, name = 'Main') => etcdUri({ cluster: name, key: Buffer.from(key) });
  const put = (key: Buffer | string, value: Buffer | string) =>
    cluster.put(Buffer.from(key), Buffer.from(value));
  const get = async (key: Buffer | string) => (await cluster.get(Buffer.from(key)))?.value;
  const insert = async (uri: Uri, added: string) => {
    const document = await workspace.openTextDocument(uri);
    const editor = await window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new Position(0, 0), added));
    return document;
  };

  const keys: (string | Buffer)[] = [
    ...[
      'plain',
      'a b',
      ' leading and trailing ',
      'new\nline',
      'é 🚀',
      '100%',
      '%2F',
      '..',
      '.',
      'a/../b',
      './x',
    ],
    ...[
      '/lead',
      '//double//x',
      'tail/',
      'a//b',
      '/',
      'Upper/Case',
      'q?x=1#y',
      'back\\slash',
      'C:/x',
      '~tilde',
    ],
    ...['\u202eabc', 'nul\0', Buffer.from([0xff, 0x2f, 0xfe])],
  ];
  for (const key of keys) {
    it(`may have any name: ${JSON.stringify(key.toString())}`, async () => {
      await put(key, 'value');
      const document = await insert(uriOf(key), 'new ');
      assert.equal(await document.save(), true);
      assert.equal((await get(key))?.toString(), 'new value');
      await commands.executeCommand('workbench.action.closeActiveEditor');
    });
  }

  it('may have values of 1.4 MB', async () => {
    await put('large', 'x'.repeat(1_400_000));
    const document = await insert(uriOf('large'), 'y');
    assert.equal(await document.save(), true);
    const value = await get('large');
    assert.deepEqual([value?.length, value?.[0], value?.at(-1)], [1_400_001, 0x79, 0x78]);
  });

  it('are never corrupted when their values are no text', async () => {
    for (const value of [Buffer.from([0, 1, 255]), Buffer.from('text\0with NUL')]) {
      await put('binary', value);
      const { permissions } = await workspace.fs.stat(uriOf('binary'));
      assert.equal(permissions, FilePermission.Readonly);
      assert.deepEqual(Buffer.from(await workspace.fs.readFile(uriOf('binary'))), value);
      await failureOf(workspace.fs.writeFile(uriOf('binary'), Buffer.from('x')));
      assert.deepEqual(await get('binary'), value);
    }
  });

  it('are not written in a read-only cluster', async () => {
    await put('kept', 'old');
    const { permissions } = await workspace.fs.stat(uriOf('kept', 'audit'));
    assert.equal(permissions, FilePermission.Readonly);
    await failureOf(workspace.fs.writeFile(uriOf('kept', 'audit'), Buffer.from('new')));
    assert.equal((await get('kept'))?.toString(), 'old');
  });

  it('say which cluster cannot be reached, and why', async () => {
    const failure = await failureOf(workspace.fs.readFile(uriOf('x', 'gone')));
    assert.match(failure.message, /gone: .*127\.0\.0\.1:1/);
    const unknown = await failureOf(workspace.fs.readFile(uriOf('x', 'nowhere')));
    assert.equal(unknown.code, 'FileNotFound');
  });
});
