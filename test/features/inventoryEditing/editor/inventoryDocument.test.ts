import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import {
  type CodeAction,
  type CodeLens,
  commands,
  type CompletionList,
  ConfigurationTarget,
  type DocumentHighlight,
  type DocumentSymbol,
  type Hover,
  languages,
  type Location,
  type MarkdownString,
  Position,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
} from 'vscode';
import { until } from '../../../harness/until';
import { activeMuster, rows, rowWhen, type Muster } from '../../../harness/editor/muster';

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
  let muster: Muster;
  before(async () => {
    muster = await activeMuster();
    // In a browser VS Code saves by itself after a second, and then there is nothing to revert to.
    await autoSave('off');
    await writeOutside(file('hosts.ini'), '[data]\ndb-1 ansible_host=127.0.0.1\n');
    await writeOutside(file(), text);
    await rowWhen(muster, ['data'], () => true);
    const { document } = await window.showTextDocument(file());
    // An earlier suite may have left it open: what is written outside arrives there later than in the view.
    await until('the document', () => document.getText() === text);
  });
  afterEach(() => commands.executeCommand('workbench.action.files.revert'));
  // The other suites find the workspace as it was.
  after(async () => {
    await autoSave(undefined);
    await commands.executeCommand('workbench.action.closeAllEditors');
    await workspace.fs.delete(file('hosts.ini'));
    await writeOutside(file(), original);
    await rowWhen(muster, ['local'], () => rows(muster).length === 1);
  });

  const autoSave = (value: 'off' | undefined) =>
    workspace.getConfiguration('files').update('autoSave', value, ConfigurationTarget.Global);
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
      /is not a name/,
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
    assert.deepEqual(check, ['Check', 'Run…', 'Terminal', '2 hosts']);
    const [run] = offered.filter(({ command }) => command === 'muster.run');
    assert.deepEqual(run!.arguments, [{ selector: 'bastion', inventory: file().fsPath }]);

    const all = offered.filter(({ command }) => command === 'muster.check').at(-1)!;
    await commands.executeCommand(all.command, ...all.arguments!);
    await until(
      'the state above the check',
      async () => (await titles()).check.at(-1) === '0/2 · 2 unhealthy',
    );
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

  it('creates the group that a check is meant for, as a quick fix', async () => {
    const { document } = window.activeTextEditor!;
    const edged = text.replace('on: "@web"', 'on: "@edge"');
    await writeOutside(file(), edged);
    await until('the document', () => document.getText() === edged);
    const diagnostic = await until('a problem', () =>
      languages.getDiagnostics(file()).find(({ message }) => message.includes('no group “edge”')),
    );
    const actions = await ask<CodeAction[]>('CodeActionProvider', file(), diagnostic.range, undefined, 10);
    const create = actions.find(({ title }) => title === 'Create group “edge”')!;
    assert.ok(await workspace.applyEdit(create.edit!));
    assert.match(document.getText(), /hosts: \[db-1\] \}\n {2}edge: \{ hosts: \[\] \}\nchecks:/);
    await commands.executeCommand('workbench.action.files.revert');
    await writeOutside(file(), text);
    await until('no problem', () => languages.getDiagnostics(file()).length === 0);
    await until('the document as it was', () => document.getText() === text);
  });

  describe('with "Import Hosts from…"', () => {
    const { showQuickPick, showWarningMessage, showInformationMessage } = window;
    const messages: string[] = [];
    /** Takes the item with each label in turn. */
    const answer = (...labels: string[]) =>
      Object.assign(window, {
        showQuickPick: (items: { label: string }[]) => {
          const label = labels.shift()!;
          return Promise.resolve(items.find((item) => item.label.includes(label)));
        },
        showWarningMessage: (message: string) => Promise.resolve(void messages.push(message)),
        showInformationMessage: (message: string) => Promise.resolve(void messages.push(message)),
      });
    afterEach(() => {
      Object.assign(window, { showQuickPick, showWarningMessage, showInformationMessage });
      messages.length = 0;
    });
    const current = () => window.activeTextEditor!.document;

    it('takes a list: new hosts are added, one that is there is left alone, what is wrong is told', async () => {
      answer('Skip Them');
      await commands.executeCommand('muster.importHosts', {
        source: 'list',
        text: 'ops@web-3 # new\nweb-1\nnot a host\n',
      });
      assert.equal(
        current().getText(),
        text.replace('groups:\n', '  web-3: { ssh: { user: ops } }\ngroups:\n'),
      );
      assert.equal(current().isDirty, true);
      assert.deepEqual(messages, [
        'Imported from the list: 1 host added, 1 skipped, 1 refused. Nothing is saved yet.',
      ]);
      await commands.executeCommand('undo');
      assert.equal(current().getText(), text);
    });

    it('updates hosts that are there, if it is told to', async () => {
      answer('Update Them');
      await commands.executeCommand('muster.importHosts', {
        source: 'csv',
        text: 'name,ip,user\nbastion,10.0.0.9,root\n',
      });
      assert.match(current().getText(), /bastion: \{ address: 10\.0\.0\.9, ssh: \{ user: root \} \}/);
    });

    it('adds one line for an Ansible inventory that is to stay in sync, once', async () => {
      await writeOutside(file('more.ini'), '[x]\ny\n');
      answer('Add an Import', 'Add an Import');
      const path = file('more.ini').fsPath;
      await commands.executeCommand('muster.importHosts', { source: 'ansible', file: path });
      assert.equal(current().getText(), `${text}  - { ansible: ./more.ini }\n`);
      await commands.executeCommand('muster.importHosts', { source: 'ansible', file: path });
      assert.equal(messages[1], './more.ini is imported already.');
      await workspace.fs.delete(file('more.ini'));
    });

    it('copies hosts and groups of an Ansible inventory, those that are imported left out', async () => {
      await writeOutside(file('more.ini'), '[x]\ny ansible_port=2200\ndb-1\n');
      answer('Copy Its Hosts');
      await commands.executeCommand('muster.importHosts', {
        source: 'ansible',
        file: file('more.ini').fsPath,
      });
      assert.match(
        current().getText(),
        / {2}y: \{ ssh: \{ port: 2200 \} \}\ngroups:\n[^]*\n {2}x: \{ hosts: \[ y, db-1 \] \}\nchecks:/,
      );
      assert.match(messages[0]!, /1 host added, 1 group, 1 refused/);
      await workspace.fs.delete(file('more.ini'));
    });
  });
});
