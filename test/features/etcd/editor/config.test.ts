import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'mocha';
import {
  commands,
  ConfigurationTarget,
  EventEmitter,
  FilePermission,
  type InputBoxOptions,
  languages,
  Position,
  TabInputText,
  TabInputTextDiff,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import { keyStates } from '../../../../src/features/etcd/core/watch/keyStates';
import { Cluster } from '../../../../src/features/etcd/editor/clusters/cluster';
import type { EtcdClusters } from '../../../../src/features/etcd/editor/clusters/etcdClusters';
import { EtcdKeyStatus } from '../../../../src/features/etcd/editor/documents/etcdKeyStatus';
import { SaveConflicts } from '../../../../src/features/etcd/editor/documents/saveConflicts';
import { etcdUri, etcdValueScheme } from '../../../../src/features/etcd/editor/documents/etcdUri';
import { EtcdFarm } from '../../../harness/etcd';
import { connect } from '../integration/etcdFixture';
import { until } from '../../../harness/until';
import { failureOf } from '../../../harness/editor/failureOf';
import { activeMuster, rowWhen } from '../../../harness/editor/muster';
import { clusterEntries } from '../../../../src/features/etcd/core/section/clusterEntry';

const { showErrorMessage, showInputBox, showWarningMessage } = window;
const editorItself = { showErrorMessage, showInputBox, showWarningMessage };

describe('Keys of etcd as documents', () => {
  let farm: EtcdFarm;
  let cluster: Awaited<ReturnType<typeof connect>>;
  /** The cluster as rows of the views have it. */
  let shown: Cluster;
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
    const { fleet } = (await rowWhen(muster, ['configured'], () => true)).node;
    shown = new Cluster(fleet, fleet.inventory!.section(clusterEntries).get('Main')!);
    // As on a desktop: in a browser VS Code saves by itself after a second.
    await autoSave('off');
  });
  afterEach(() => Object.assign(window, editorItself));
  after(async () => {
    shown.dispose();
    await autoSave(undefined);
    await commands.executeCommand('workbench.action.closeAllEditors');
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(await activeMuster(), ['local'], () => true);
    await cluster[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });

  const autoSave = (value: 'off' | 'afterDelay' | 'onFocusChange' | undefined) =>
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

  it('say in the status bar of which cluster they are, and whether it is read-only', async () => {
    const { createStatusBarItem } = window;
    const item = { text: '', tooltip: '', isShown: false, show() {}, hide() {}, dispose() {} };
    item.show = () => (item.isShown = true);
    item.hide = () => (item.isShown = false);
    Object.assign(window, { createStatusBarItem: () => item });
    const all = [
      { name: 'Main', settings: { readOnly: false, protected: false } },
      { name: 'audit', settings: { readOnly: true, protected: false } },
      { name: 'safe', settings: { readOnly: false, protected: true } },
    ];
    const find = (name: string) => all.find((one) => one.name === name);
    const changed = new EventEmitter<void>();
    const clusters = { find, onDidChange: changed.event } as unknown as EtcdClusters;
    await put('named', 'x');
    const status = new EtcdKeyStatus(clusters);
    try {
      await window.showTextDocument(await workspace.openTextDocument(uriOf('named', 'audit')));
      await until('the item', () => item.isShown && item.text === '$(lock) audit · read-only');
      assert.equal(item.tooltip, 'named in the etcd cluster audit · read-only');
      all[1]!.name = 'renamed';
      changed.fire();
      assert.equal(item.text, '$(warning) audit · not in muster.yaml');
      await window.showTextDocument(await workspace.openTextDocument(uriOf('named')));
      await until('the other cluster', () => item.text === '$(database) Main');
      all[0]!.settings.protected = true;
      changed.fire();
      assert.equal(item.text, '$(database) Main · protected');
      await commands.executeCommand('workbench.action.closeAllEditors');
      await until('no item', () => !item.isShown);
    } finally {
      status.dispose();
      Object.assign(window, { createStatusBarItem });
    }
  });

  it('of a cluster that is not in muster.yaml say so, and what to do', async () => {
    for (const work of [
      () => workspace.fs.stat(uriOf('x', 'left')),
      () => workspace.fs.readFile(uriOf('x', 'left')),
      () => workspace.fs.writeFile(uriOf('x', 'left'), Buffer.from('y')),
      () => workspace.fs.delete(uriOf('x', 'left')),
    ])
      assert.match(
        (await failureOf(work())).message,
        /The etcd cluster left is not, or no longer, in muster\.yaml.*Put it back and try again, or copy the text elsewhere/,
      );
  });

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

  it('that may be messages, as those of Kubernetes are, are shown as such above their digits', async () => {
    await put('object', Buffer.from('k8s\0\n\x02v1'));
    const uri = uriOf('object').with({ scheme: etcdValueScheme });
    const document = await workspace.openTextDocument(uri);
    assert.match(document.getText(), /\n\n1: "v1"\n\n00000000 {2}6b 38 73 00 0a 02 76 31 /);
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

  it('stand alone again once they are saved: what they were compared with was not theirs to be saved over', async () => {
    const theirs = await put('settled', 'port: 80');
    const document = await insert(uriOf('settled'), '# mine\n');
    const conflicts = new SaveConflicts({ isNamesake: () => false } as unknown as EtcdClusters);
    const tabs = () => window.tabGroups.all.flatMap((group) => group.tabs);
    try {
      await conflicts.show({ cluster: shown, key: Buffer.from('settled') }, theirs.revision, document.uri);
      await until('the comparison', comparison);
      assert.ok(
        tabs().some(({ label }) => label === `settled: revision ${theirs.revision} ↔ yours, not saved`),
      );
      // A comparison that somebody opened says nothing of what is saved.
      const other = uriOf('settled').with({ scheme: etcdValueScheme, fragment: `r${theirs.revision}` });
      await commands.executeCommand('vscode.diff', other, uriOf('settled'), 'opened by hand', {
        viewColumn: ViewColumn.Two,
      });
      assert.equal(await document.save(), true);
      await until('the end of the comparison', () => tabs().every(({ label }) => !/not saved/.test(label)));
      assert.ok(tabs().some(({ label }) => label === 'opened by hand'));
      assert.ok(
        tabs().some(
          ({ input, isActive }) =>
            isActive && input instanceof TabInputText && input.uri.toString() === document.uri.toString(),
        ),
      );
    } finally {
      conflicts.dispose();
      await commands.executeCommand('workbench.action.closeAllEditors');
    }
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

  describe('with Auto Save', () => {
    let local: Uri;
    before(async () => {
      local = Uri.joinPath(inventory, '../autosaved.txt');
      await writeFile(local.fsPath, '');
    });
    after(async () => {
      await autoSave('off');
      await rm(local.fsPath);
    });

    for (const mode of ['afterDelay', 'onFocusChange'] as const)
      it(`are written only when somebody saves them: ${mode}`, async () => {
        // One of its own: the document of a closed editor stays for a while, with what was saved.
        const key = `kept/${mode}`;
        await put(key, 'port: 80');
        await autoSave(mode);
        const document = await insert(uriOf(key), '# half-typ');
        // Auto Save has come to the key when it has saved what was typed after it.
        const other = await insert(local, `${mode}\n`);
        await window.showTextDocument(document);
        await until('the other file saved', () => !other.isDirty);
        assert.equal((await get(key))?.toString(), 'port: 80');
        assert.equal(document.isDirty, true);
        assert.equal(document.getText(), '# half-typport: 80');
        await until('the save', async () => {
          // VS Code drops a save of what Auto Save is just trying to save.
          await commands.executeCommand('workbench.action.files.save');
          return !document.isDirty;
        });
        assert.equal((await get(key))?.toString(), '# half-typport: 80');
        await commands.executeCommand('workbench.action.closeAllEditors');
      });

    it('are created by who has no document of them, and not overwritten', async () => {
      await workspace.fs.writeFile(uriOf('fresh'), Buffer.from('new'));
      assert.equal((await get('fresh'))?.toString(), 'new');
      const failure = await failureOf(workspace.fs.writeFile(uriOf('fresh'), Buffer.from('other')));
      assert.match(failure.message, /only when you save their document/);
      assert.equal((await get('fresh'))?.toString(), 'new');
    });
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

  describe('that have a lease', () => {
    /** Runs Set Time to Live of Key… with this answer, and gives the question. */
    const setTtl = async (key: string, seconds: string) => {
      let question = '';
      const showInputBox = ({ prompt }: InputBoxOptions) => {
        question = prompt!;
        return Promise.resolve(seconds);
      };
      Object.assign(window, { showInputBox });
      await commands.executeCommand('muster.setKeyTtl', {
        ...{ kind: 'key', cluster: shown, kv: await cluster.get(Buffer.from(key)) },
      });
      return question;
    };
    const leaseOf = async (key: string) => (await cluster.get(Buffer.from(key)))?.lease;

    it('have it set, told and taken away, and keep their values', async () => {
      await put('short', 'life');
      assert.match(await setTtl('short', '600'), /^The key has no lease/);
      const lease = await leaseOf('short');
      assert.equal((await cluster.lease(lease!)).grantedTtl, 600);
      assert.match(await setTtl('short', ''), new RegExp(`^Lease ${lease}: \\d+ s of 600 s left, 1 key\\.`));
      assert.equal(await leaseOf('short'), undefined);
      assert.equal((await get('short'))?.toString(), 'life');
    });

    it('keep it when they are saved, and end with it', async () => {
      await put('brief', 'life');
      await setTtl('brief', '600');
      const lease = (await leaseOf('brief'))!;
      const document = await insert(uriOf('brief'), 'a ');
      assert.equal(await document.save(), true);
      assert.equal(await leaseOf('brief'), lease);
      await cluster.revokeLease(lease);
      assert.equal(await get('brief'), undefined);
      await commands.executeCommand('workbench.action.closeActiveEditor');
    });
  });

  describe('and their history', () => {
    /** The rows of the Key History view, the oldest first. */
    const revisionsOf = async (name: string) => {
      const key = Buffer.from(name);
      const { states } = await keyStates(cluster, key);
      return states.map((state, index) => ({
        ...{ cluster: shown, key, state, now: states.at(-1)! },
        ...{ previous: states[index - 1], next: states[index + 1] },
      }));
    };
    const sides = async () => {
      const { original, modified } = await until('the comparison', comparison);
      const texts = await Promise.all([original, modified].map((uri) => workspace.openTextDocument(uri)));
      await commands.executeCommand('workbench.action.closeActiveEditor');
      return texts.map((document) => document.getText());
    };
    const answering = (meanwhile: () => unknown = () => {}) =>
      Object.assign(window, {
        showWarningMessage: async (_: string, __: object, _refusal: string, answer: string) => {
          await meanwhile();
          return answer;
        },
      });

    it('are compared: a revision with the one before, with the next, and with now', async () => {
      for (const value of ['one', 'two', 'three', 'four']) await put('aged', value);
      const [, second] = await revisionsOf('aged');
      await commands.executeCommand('muster.compareRevision', second);
      assert.deepEqual(await sides(), ['one', 'two']);
      await commands.executeCommand('muster.compareRevisionWithNext', second);
      assert.deepEqual(await sides(), ['two', 'three']);
      await commands.executeCommand('muster.compareRevisionWithNow', second);
      assert.deepEqual(await sides(), ['two', 'four']);
    });

    it('are restored as they were, deleted or not', async () => {
      for (const value of ['one', 'two']) await put('restored', value);
      answering();
      await commands.executeCommand('muster.restoreRevision', (await revisionsOf('restored'))[0]);
      assert.equal((await get('restored'))?.toString(), 'one');
      await cluster.delete(Buffer.from('restored'));
      const [, second, , deleted] = await revisionsOf('restored');
      assert.equal(deleted!.state.kv, undefined);
      await commands.executeCommand('muster.restoreRevision', second);
      assert.equal((await get('restored'))?.toString(), 'two');
    });

    it('are not restored over what was written while that was asked', async () => {
      for (const value of ['one', 'two']) await put('contested', value);
      const failures: string[] = [];
      Object.assign(window, {
        showErrorMessage: (message: string) => Promise.resolve(void failures.push(message)),
      });
      answering(() => put('contested', 'theirs'));
      await commands.executeCommand('muster.restoreRevision', (await revisionsOf('contested'))[0]);
      assert.match(failures.join(), /contested was changed meanwhile\. Nothing was written/);
      assert.equal((await get('contested'))?.toString(), 'theirs');
    });
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
    assert.equal(unknown.code, 'Unavailable');
  });
});
