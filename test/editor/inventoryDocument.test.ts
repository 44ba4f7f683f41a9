import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import {
  type CodeLens,
  commands,
  type CompletionList,
  type DocumentHighlight,
  type DocumentSymbol,
  type Hover,
  type Location,
  type MarkdownString,
  Position,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
} from 'vscode';
import type { MusterApi } from '../../src/extension';
import { until } from '../harness/until';
import { activeMuster, rows, rowWhen } from './muster';

const original = 'hosts:\n  local: { address: 127.0.0.1 }\n';
const folder = () => workspace.workspaceFolders![0]!.uri;
const file = (name = 'muster.yaml') => Uri.joinPath(folder(), name);
const writeOutside = (uri: Uri, text: string) => workspace.fs.writeFile(uri, new TextEncoder().encode(text));

const text = `hosts:
  bastion: { address: 127.0.0.1 }
  web-1: { address: 127.0.0.1, labels: { role: web }, ssh: { user: ops, port: 2222, proxyJump: bastion } }
  web-2: { address: 127.0.0.1, labels: { role: web } }
groups:
  web: { select: "role=web" }
  both: { children: [web], hosts: [db-1] }
checks:
  up: { type: tcp, port: 1, on: "@web" }
imports:
  - ansible: hosts.ini
`;

/** The position of the bar's place in the text: `positionOf('children: [|web')`. */
function positionOf(marked: string): Position {
  const [before, after] = marked.split('|') as [string, string];
  const offset = text.indexOf(before + after) + before.length;
  assert.ok(offset >= before.length, marked);
  const lines = text.slice(0, offset).split('\n');
  return new Position(lines.length - 1, lines.at(-1)!.length);
}

const ask = <T>(provider: string, ...args: unknown[]) =>
  commands.executeCommand<T>(`vscode.execute${provider}`, ...args);
const places = (locations: Location[]) =>
  locations.map(
    ({ uri, range }) => `${uri.path.split('/').at(-1)}:${range.start.line + 1}:${range.start.character + 1}`,
  );

describe('A muster.yaml in the editor', () => {
  let muster: MusterApi;
  before(async () => {
    muster = await activeMuster();
    await writeOutside(file('hosts.ini'), '[data]\ndb-1 ansible_host=127.0.0.1\n');
    await writeOutside(file(), text);
    await rowWhen(muster, ['data'], () => true);
    await window.showTextDocument(file());
  });
  afterEach(() => commands.executeCommand('workbench.action.files.revert'));
  // The other suites find the workspace as it was.
  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await workspace.fs.delete(file('hosts.ini'));
    await writeOutside(file(), original);
    await rowWhen(muster, ['local'], () => rows(muster).length === 1);
  });

  const completions = async (position: Position) => {
    const { items } = await ask<CompletionList>('CompletionItemProvider', file(), position);
    return items.map(({ label }) =>
      typeof label === 'string' ? label : `${label.label} ${label.description ?? ''}`.trim(),
    );
  };

  it('completes selectors with how many hosts they leave, and group names', async () => {
    const offered = await completions(positionOf('on: "|@web'));
    assert.ok(offered.includes('@both 3 hosts'), offered.join());
    assert.ok(offered.includes('role=web 2 hosts'), offered.join());
    assert.ok((await completions(positionOf('children: [|web'))).includes('data 1 host'));
  });

  it('completes names that are not saved yet', async () => {
    const edit = new WorkspaceEdit();
    edit.insert(file(), positionOf('groups:\n|  web'), '  fresh: { hosts: [web-1] }\n');
    await workspace.applyEdit(edit);
    const position = positionOf('children: [|web');
    await ask('DocumentSymbolProvider', file());
    assert.ok((await completions(position.translate(1))).includes('fresh 0 hosts'));
  });

  const hoverText = async (position: Position) => {
    const hovers = await ask<Hover[]>('HoverProvider', file(), position);
    return hovers
      .flatMap(({ contents }) => contents.map((content) => (content as MarkdownString).value))
      .join('\n');
  };

  it('tells about a host where it would be connected to, as whom and through what', async () => {
    const hover = await hoverText(positionOf('  |web-1:'));
    assert.match(hover, /\*\*web\\-1\*\*/);
    assert.match(hover, /ops\\@127\\\.0\\\.0\\\.1\\:2222/);
    assert.match(hover, /Through\\: bastion/);
    assert.match(hover, /Groups\\: web, both/);
  });

  it('tells about groups and selectors what they hold', async () => {
    assert.match(await hoverText(positionOf('children: [|web')), /web\\-\\\[1\\-2\\\]/);
    assert.match(await hoverText(positionOf('select: "role=w|eb')), /2 hosts\\: web/);
    assert.match(await hoverText(positionOf('bastion: { addr|ess')), /Host name or IP address/);
  });

  it('leads to definitions, those in imported files too', async () => {
    const definitions = async (marked: string) =>
      places(await ask<Location[]>('DefinitionProvider', file(), positionOf(marked)));
    assert.deepEqual(await definitions('proxyJump: bas|tion'), ['muster.yaml:2:3']);
    assert.deepEqual(await definitions('on: "@w|eb'), ['muster.yaml:6:3']);
    assert.deepEqual(await definitions('hosts: [db|-1'), ['hosts.ini:2:1']);
  });

  it('lists references and highlights them', async () => {
    assert.deepEqual(places(await ask<Location[]>('ReferenceProvider', file(), positionOf('  |web: {'))), [
      'muster.yaml:6:3',
      'muster.yaml:7:22',
      'muster.yaml:9:35',
    ]);
    const highlights = await ask<DocumentHighlight[]>('DocumentHighlights', file(), positionOf('  |bastion'));
    assert.deepEqual(
      highlights.map(({ range }) => range.start.line),
      [1, 2],
    );
  });

  it('renames a group wherever it is named', async () => {
    const edit = await ask<WorkspaceEdit>(
      'DocumentRenameProvider',
      file(),
      positionOf('children: [w|eb'),
      'front',
    );
    assert.ok(await workspace.applyEdit(edit));
    const { document } = window.activeTextEditor!;
    assert.match(document.getText(), /front: \{ select: [^]*children: \[front\][^]*on: "@front"/);
  });

  it('refuses to rename what an import names, and says where that is', async () => {
    await assert.rejects(
      Promise.resolve(ask('DocumentRenameProvider', file(), positionOf('hosts: [db|-1'), 'x')),
      /comes from hosts\.ini, line 2/,
    );
    await assert.rejects(
      Promise.resolve(ask('DocumentRenameProvider', file(), positionOf('  |web-2'), 'a b')),
      /is no name/,
    );
  });

  it('has an outline of its sections', async () => {
    const symbols = await ask<DocumentSymbol[]>('DocumentSymbolProvider', file());
    assert.deepEqual(
      symbols.map(({ name, children }) => [name, children.map((child) => child.name)]),
      [
        ['hosts', ['bastion', 'web-1', 'web-2']],
        ['groups', ['web', 'both']],
        ['checks', ['up']],
        ['imports', []],
      ],
    );
  });

  it('has lenses that check, run, connect and count', async () => {
    const titles = async () => {
      const lenses = await ask<CodeLens[]>('CodeLensProvider', file(), 100);
      const at = (line: number) =>
        lenses.filter(({ range }) => range.start.line === line).map(({ command }) => command?.title);
      return { host: at(1), group: at(6), check: at(8), commands: lenses.map(({ command }) => command!) };
    };
    const { host, group, check, commands: offered } = await titles();
    assert.deepEqual(host, ['Check', 'Run…', 'Terminal', 'not checked']);
    assert.deepEqual(group, ['Check', 'Run…', 'Terminal', '3 hosts']);
    assert.deepEqual(check, ['Check', '2 hosts']);
    const [run] = offered.filter(({ command }) => command === 'muster.run');
    assert.deepEqual(run!.arguments, [{ selector: 'bastion', inventory: file().fsPath }]);

    const all = offered.filter(({ command }) => command === 'muster.check').at(-1)!;
    await commands.executeCommand(all.command, ...all.arguments!);
    await until('the state above the check', async () => (await titles()).check[1] === '0/2 · 2 unhealthy');
  });

  it('has no lenses when a setting says so', async () => {
    const settings = workspace.getConfiguration('muster', file());
    await settings.update('codeLens', false);
    try {
      assert.deepEqual(await ask<CodeLens[]>('CodeLensProvider', file()), []);
    } finally {
      await settings.update('codeLens', undefined);
    }
  });
});
