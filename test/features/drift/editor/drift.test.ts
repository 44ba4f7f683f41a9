import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commands, type DocumentSymbol, TabInputTextDiff, window, workspace } from 'vscode';
import { readDriftArguments } from '../../../../src/features/drift/editor/driftArguments';
import { SshdWorkspace } from '../../../harness/editor/sshdWorkspace';
import type { Sshd } from '../../../harness/sshd';
import { until } from '../../../harness/until';

describe('Compare Facts of Hosts', () => {
  let place: SshdWorkspace;
  const daemons: Sshd[] = [];
  const tools: string[] = [];
  const lists = (version: string) => `#!/bin/sh\nprintf 'l\\tii \\topenssl\\t${version}\\n'\n`;

  before(async () => {
    place = await SshdWorkspace.create(0);
    for (const [index, version] of ['3.0.13', '3.0.13', '3.0.11'].entries()) {
      const root = join(place.farm.directory, `tools-${index}`);
      await mkdir(root);
      tools.push(join(root, 'dpkg-query'));
      await writeFile(tools[index]!, lists(version), { mode: 0o755 });
      daemons.push(await place.farm.start({ config: [`SetEnv HOME= PATH=${root}:/usr/bin:/bin`] }));
    }
    const lines = await Promise.all(daemons.map((daemon) => daemon.knownHostsLine()));
    await place.farm.write('known_hosts', lines.join(''));
    const hosts = daemons.map((daemon, index) => `  web-${index + 1}: { ${place.host(daemon)} }\n`);
    await place.show(`hosts:\n${hosts.join('')}`);
  });
  after(() => place[Symbol.asyncDispose]());

  const show = (given: object) => commands.executeCommand('muster.showDrift', given);
  const text = () => window.activeTextEditor!.document.getText();

  it('shows what differs as a document with an outline', async () => {
    await show({ selector: 'web-*', facts: ['packages'] });
    assert.equal(
      text(),
      `2 of 3 hosts agree
  web-[1-2] (2)
  web-3 (1)

web-3
  packages
    openssl: 3.0.11 (others 3.0.13)
`,
    );
    const { document } = window.activeTextEditor!;
    assert.equal(document.uri.scheme, 'muster-drift');
    const symbols = await commands.executeCommand<DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.deepEqual(
      symbols.map(({ name, children }) => [name, children.map((child) => child.name)]),
      [
        ['2 of 3 hosts agree', ['web-[1-2] (2)', 'web-3 (1)']],
        ['web-3', ['packages']],
      ],
    );
  });

  it('compares two groups in the diff editor', async () => {
    const { uri } = window.activeTextEditor!.document;
    await commands.executeCommand('muster.compareDriftGroups');
    const input = await until('a diff', () => {
      const shown = window.tabGroups.activeTabGroup.activeTab?.input;
      return shown instanceof TabInputTextDiff ? shown : undefined;
    });
    const [from, to] = await Promise.all(
      [input.original, input.modified].map(async (one) => (await workspace.openTextDocument(one)).getText()),
    );
    assert.deepEqual([from, to], ['[packages]\nopenssl: 3.0.13\n', '[packages]\nopenssl: 3.0.11\n']);
    await window.showTextDocument(uri);
  });

  it('asks again, and the document says what there is now', async () => {
    await writeFile(tools[2]!, lists('3.0.13'));
    const { document } = window.activeTextEditor!;
    await commands.executeCommand('muster.refreshDrift');
    await until('the new outcome', () => document.getText() === '3 of 3 hosts agree\n');
  });

  it('refuses arguments that make no sense, and a host by itself', async () => {
    const cases: [unknown, RegExp][] = [
      [{ selectr: 'x' }, /There is no argument “selectr”/],
      [{ selector: '' }, /“selector” is text that is not empty/],
      [{ facts: 'os' }, /“facts” is a list of texts/],
      [{ facts: ['nothing'] }, /unknown fact “nothing”/],
    ];
    for (const [given, message] of cases) assert.throws(() => readDriftArguments(given), message);
    const shown = window.activeTextEditor;
    await show({ selector: 'web-1', facts: ['os'] }).then(undefined, () => {});
    assert.equal(window.activeTextEditor, shown);
  });
});
