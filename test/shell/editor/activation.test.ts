import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commands, extensions, workspace } from 'vscode';
import { activeMuster, rows } from '../../harness/editor/muster';

describe('Activation', () => {
  it('happens by itself in a folder with a muster.yaml, and shows its hosts', async () => {
    const muster = await activeMuster();
    assert.equal(extensions.getExtension('muster-ops.muster')?.isActive, true);
    assert.deepEqual(
      rows(muster).map(({ label, description, icon }) => [label, description, icon]),
      [['local', '127.0.0.1', 'circle-outline']],
    );
  });

  it('registers every command', async () => {
    await activeMuster();
    const registered = new Set(await commands.getCommands(true));
    const { contributes } = extensions.getExtension('muster-ops.muster')!.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    assert.ok(contributes.commands.length > 0);
    assert.deepEqual(
      contributes.commands.map(({ command }) => command).filter((id) => !registered.has(id)),
      [],
    );
  });

  it('has defaults for the settings', () => {
    const settings = workspace.getConfiguration('muster');
    assert.deepEqual(
      ['inventory', 'concurrency', 'timeout', 'ssh.maxConnections'].map((key) => settings.get(key)),
      ['muster.yaml', null, '', 256],
    );
  });
});
