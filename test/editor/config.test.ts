import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import {
  commands,
  ConfigurationTarget,
  FilePermission,
  languages,
  Position,
  TabInputTextDiff,
  Uri,
  window,
  workspace,
} from 'vscode';
import { etcdUri, etcdValueScheme } from '../../src/editor/etcd/etcdUri';
import { EtcdFarm } from '../harness/etcd';
import { connect } from '../integration/etcd/etcdFixture';
import { until } from '../harness/until';
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
    // As on a desktop: in a browser VS Code saves by itself after a second.
    await autoSave('off');
  });
  after(async () => {
    await autoSave(undefined);
    await commands.executeCommand('workbench.action.closeAllEditors');
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(await activeMuster(), ['local'], () => true);
    await cluster[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });

  const autoSave = (value: 'off' | undefined) =>
    workspace.getConfiguration('files').update('autoSave', value, ConfigurationTarget.Global);
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

  const comparison = () => {
    const input = window.tabGroups.activeTabGroup.activeTab?.input;
    return input instanceof TabInputTextDiff ? input : undefined;
  };

  it('are not saved over what somebody else wrote, which is opened beside what was to be saved', async () => {
    await put('shared', 'port: 80');
    const document = await insert(uriOf('shared'), '# mine\n');
    const theirs = await put('shared', 'port: 81');
    assert.equal(await document.save(), false);
    assert.equal((await get('shared'))?.toString(), 'port: 81');
    const { original, modified } = await until('the comparison', comparison);
    assert.equal(original.fragment, `r${theirs.revision}`);
    assert.equal(modified.toString(), document.uri.toString());
    // They are seen now, but whoever saves by habit overwrites nothing.
    assert.equal(await document.save(), false);
    assert.equal((await get('shared'))?.toString(), 'port: 81');
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('are not saved over a change that is older than the last one that VS Code was told of', async () => {
    await put('raced', 'port: 80');
    const document = await insert(uriOf('raced'), '# mine\n');
    const theirs = await put('raced', 'port: 81');
    // Whatever else looks at the key in this window, the user of the document has not.
    const { mtime } = await workspace.fs.stat(uriOf('raced'));
    assert.equal(mtime, theirs.revision);
    assert.equal(await document.save(), false);
    assert.equal((await get('raced'))?.toString(), 'port: 81');
    await until('the comparison', comparison);
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('that somebody deleted are not written anew before that was said', async () => {
    await put('doomed', 'a');
    const document = await insert(uriOf('doomed'), 'b');
    await cluster.delete(Buffer.from('doomed'));
    assert.equal(await document.save(), false);
    assert.equal(await get('doomed'), undefined);
    assert.equal(await document.save(), true);
    assert.equal((await get('doomed'))?.toString(), 'ba');
    await commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('show what others write, though the Config view is closed', async () => {
    await put('followed', 'one');
    const document = await workspace.openTextDocument(uriOf('followed'));
    await window.showTextDocument(document);
    await until('the change', async () => {
      // The watch begins when the document is on screen, at a time that nothing tells.
      await put('followed', 'two');
      return document.getText() === 'two';
    });
    await commands.executeCommand('workbench.action.closeActiveEditor');
  });

  for (const [value, language] of [
    ['{"rate": 5}', 'json'],
    ['port: 80\nname: app\n', 'yaml'],
    ['a.b=1\n', 'properties'],
    ['just words', 'plaintext'],
  ] as const)
    it(`have the language of their content: ${language}`, async () => {
      const key = `content/${language}`;
      await put(key, value);
      const document = await workspace.openTextDocument(uriOf(key));
      await until(language, () => document.languageId === language);
      const past = await workspace.openTextDocument(uriOf(key).with({ scheme: etcdValueScheme }));
      await until(language, () => past.languageId === language);
      if (language === 'plaintext') return;
      // Whoever chooses another one has it stay.
      await languages.setTextDocumentLanguage(document, 'plaintext');
      await put('content/other', '{}');
      const other = await workspace.openTextDocument(uriOf('content/other'));
      await until('the other', () => other.languageId === 'json');
      assert.equal(document.languageId, 'plaintext');
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
