import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commands, ConfigurationTarget, FileType, Uri, window, workspace } from 'vscode';
import { SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { failureOf } from '../../../harness/editor/failureOf';
import { activeMuster, rowWhen } from '../../../harness/editor/muster';

const setting = () => workspace.getConfiguration('muster');

describe('Files on hosts', () => {
  let farm: SshdFarm;
  let folder: string;
  let inventory: Uri;
  let text: string;

  before(async () => {
    const muster = await activeMuster();
    farm = await SshdFarm.create();
    const daemon = await farm.start({ config: ['Subsystem sftp /usr/lib/openssh/sftp-server'] });
    const plain = await farm.start();
    const lines = await Promise.all([daemon, plain].map((one) => one.knownHostsLine()));
    const knownHosts = await farm.write('known_hosts', lines.join(''));
    folder = join(farm.directory, 'files');
    await mkdir(join(folder, 'sub'), { recursive: true });
    inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
    text = await readFile(inventory.fsPath, 'utf8');
    const ssh = `identityFile: ${farm.clientKey}, knownHosts: ${knownHosts}, user: ${userInfo().username}`;
    await writeFile(
      inventory.fsPath,
      `hosts:
  Files-1: { address: ${daemon.address}, ssh: { port: ${daemon.port}, ${ssh} } }
  frozen: { address: ${daemon.address}, ssh: { port: ${daemon.port}, ${ssh} } }
  plain: { address: ${plain.address}, ssh: { port: ${plain.port}, ${ssh} } }
groups:
  archive: { hosts: [frozen], readOnly: true }
`,
    );
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(muster, ['archive'], () => true);
  });
  after(async () => {
    await setting().update('files.write', undefined, ConfigurationTarget.Workspace);
    await commands.executeCommand('workbench.action.closeAllEditors');
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(await activeMuster(), ['local'], () => true);
    await farm[Symbol.asyncDispose]();
  });

  /** `Files-1` in lower case. */
  const uriOf = (path: string, host = '~46iles-1') =>
    Uri.from({ scheme: 'muster-ssh', authority: host, path });
  const local = async (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };

  it('are read byte for byte, and listed', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const path = await local('binary', bytes);
    assert.deepEqual(Buffer.from(await workspace.fs.readFile(uriOf(path))), bytes);
    const { type, size } = await workspace.fs.stat(uriOf(path));
    assert.deepEqual([type, size], [FileType.File, 70_000]);
    const entries = await workspace.fs.readDirectory(uriOf(folder));
    assert.deepEqual(entries.filter(([name]) => ['binary', 'sub'].includes(name)).toSorted(), [
      ['binary', FileType.File],
      ['sub', FileType.Directory],
    ]);
  });

  it('are not written unless the workspace allows it', async () => {
    const path = await local('conf', 'old\n');
    assert.equal(workspace.fs.isWritableFileSystem('muster-ssh'), false);
    await failureOf(workspace.fs.writeFile(uriOf(path), Buffer.from('new\n')));
    assert.equal(await readFile(path, 'utf8'), 'old\n');
  });

  it('say why they cannot be opened', async () => {
    const missing = await failureOf(workspace.fs.readFile(uriOf(join(folder, 'missing'))));
    assert.equal(missing.code, 'FileNotFound');
    assert.match(missing.message, /^Files-1: .*there is no such file/);
    const plain = await failureOf(workspace.fs.stat(uriOf('/etc/hosts', 'plain')));
    assert.match(plain.message, /^plain: the host offers no SFTP.* — .*Subsystem sftp/);
    const unknown = await failureOf(workspace.fs.stat(uriOf('/etc/hosts', 'nowhere')));
    assert.match(unknown.message, /There is no host “nowhere”/);
  });

  it('are edited, saved, and read again when they are looked at after a change', async () => {
    await setting().update('files.write', true, ConfigurationTarget.Workspace);
    await until('a file system to write to', () => workspace.fs.isWritableFileSystem('muster-ssh'));
    const path = await local('edited', 'one\n');
    const document = await workspace.openTextDocument(uriOf(path));
    const editor = await window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(document.positionAt(0), 'zero\n'));
    assert.equal(await document.save(), true);
    assert.equal(await readFile(path, 'utf8'), 'zero\none\n');
    await writeFile(path, 'three\n');
    await until('the new text', async () => {
      // Whoever comes back to it looks at it again.
      await window.showTextDocument(await workspace.openTextDocument(inventory));
      await window.showTextDocument(document);
      return document.getText() === 'three\n';
    });
  });

  it('are overwritten only when somebody saves their document, not by Auto Save or without a document', async () => {
    const path = await local('precious', 'old\n');
    const files = workspace.getConfiguration('files');
    await files.update('autoSave', 'afterDelay', ConfigurationTarget.Global);
    try {
      const document = await workspace.openTextDocument(uriOf(path));
      const editor = await window.showTextDocument(document);
      await editor.edit((edit) => edit.insert(document.positionAt(0), 'half-typ'));
      const witness = Uri.file(await local('witness', ''));
      const other = await workspace.openTextDocument(witness);
      await (await window.showTextDocument(other)).edit((edit) => edit.insert(other.positionAt(0), 'x'));
      await until('Auto Save of what was typed later', () => !other.isDirty);
      assert.deepEqual([document.isDirty, await readFile(path, 'utf8')], [true, 'old\n']);
      await failureOf(workspace.fs.writeFile(uriOf(path), Buffer.from('new\n')));
      assert.equal(await readFile(path, 'utf8'), 'old\n');
      // VS Code drops a save of what Auto Save is just trying to save.
      await until('the save', async () => document.save());
      assert.equal(await readFile(path, 'utf8'), 'half-typold\n');
    } finally {
      await files.update('autoSave', undefined, ConfigurationTarget.Global);
    }
  });

  it('of a read-only group are not written, whatever the workspace allows', async () => {
    const path = await local('kept', 'kept\n');
    const error = await failureOf(workspace.fs.writeFile(uriOf(path, 'frozen'), Buffer.from('new\n')));
    assert.match(error.message, /read-?only/i);
    assert.equal(await readFile(path, 'utf8'), 'kept\n');
  });

  it('are made, renamed and deleted, with what is in them', async () => {
    const at = (name: string) => uriOf(join(folder, 'tree', name));
    await workspace.fs.createDirectory(at('a/b'));
    await workspace.fs.writeFile(at('a/b/file'), Buffer.from('x'));
    await workspace.fs.rename(at('a/b/file'), at('a/moved'));
    assert.equal(await readFile(join(folder, 'tree/a/moved'), 'utf8'), 'x');
    const taken = await failureOf(workspace.fs.rename(at('a/moved'), at('a/b')));
    assert.equal(taken.code, 'FileExists');
    await workspace.fs.delete(at('a'), { recursive: true });
    await assert.rejects(stat(join(folder, 'tree/a')));
  });

  it('open by the arguments of a key binding', async () => {
    const path = await local('named', 'by a key\n');
    await commands.executeCommand('muster.openHostFile', { selector: 'Files-1', path });
    await until('the editor', () => window.activeTextEditor?.document.getText() === 'by a key\n');
    assert.equal(window.activeTextEditor!.document.uri.toString(), uriOf(path).toString());
  });
});
