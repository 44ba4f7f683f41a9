import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'mocha';
import {
  type CodeAction,
  commands,
  type CompletionList,
  type Diagnostic,
  type Hover,
  type MarkdownString,
  languages,
  Position,
  Range,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
} from 'vscode';
import { until } from '../../harness/until';
import { activeMuster, row, rows, rowWhen, type Muster } from '../../harness/editor/muster';

const original = 'hosts:\n  local: { address: 127.0.0.1 }\n';
const file = () => Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');

const writeOutside = (text: string) => workspace.fs.writeFile(file(), new TextEncoder().encode(text));

/** As a user does: in the editor, then saved. */
async function write(text: string): Promise<void> {
  const { document } = await window.showTextDocument(file());
  // VS Code drops a save of what Auto Save is just trying to save.
  await until('the inventory saved', async () => {
    // What an earlier test wrote outside may not have arrived here, and is not saved over.
    await commands.executeCommand('workbench.action.files.revert');
    const edit = new WorkspaceEdit();
    edit.replace(file(), new Range(0, 0, document.lineCount, 0), text);
    await workspace.applyEdit(edit);
    return document.save();
  });
}

const diagnosticsWhen = (is: (diagnostics: Diagnostic[]) => boolean) =>
  until('diagnostics', () => {
    const diagnostics = languages.getDiagnostics(file());
    return is(diagnostics) ? diagnostics : undefined;
  });

async function completionLabels(position: Position): Promise<string[]> {
  const list = await commands.executeCommand<CompletionList>(
    'vscode.executeCompletionItemProvider',
    file(),
    position,
  );
  return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

describe('The inventory', () => {
  let muster: Muster;
  before(async () => {
    muster = await activeMuster();
  });
  afterEach(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await writeOutside(original);
    await rowWhen(muster, ['local'], () => rows(muster).length === 1 && muster.hosts.message === undefined);
    await diagnosticsWhen((diagnostics) => diagnostics.length === 0);
  });

  it('is read again when it is saved: groups, hosts in none, checks', async () => {
    await write(
      'hosts:\n  web-[1:2]: { labels: { role: web } }\n  db: {}\ngroups: { web: { select: role=web } }\nchecks: { port: { type: tcp, port: 22, on: web } }\n',
    );
    await rowWhen(muster, ['Ungrouped', 'db'], () => true);
    assert.deepEqual(
      rows(muster).map(({ label, description }) => [label, description]),
      [
        ['web', '2 hosts'],
        ['Ungrouped', '1 host'],
      ],
    );
    assert.equal(row(muster, 'web', 'web-1', 'port')?.description, 'tcp');
  });

  it('has its mistakes underlined where they are, with the word that was meant as a fix', async () => {
    await write('hosts:\n  local: { adress: 127.0.0.1 }\n');
    const [diagnostic] = await diagnosticsWhen(({ length }) => length === 1);
    assert.deepEqual(
      [
        diagnostic!.source,
        diagnostic!.code,
        diagnostic!.severity,
        diagnostic!.range.start,
        diagnostic!.range.end,
      ],
      ['Muster', 'INVENTORY', 0, new Position(1, 11), new Position(1, 17)],
    );

    const [fix] = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      file(),
      diagnostic!.range,
    );
    assert.equal(fix!.title, 'Change to “address”');
    await workspace.applyEdit(fix!.edit!);
    const { document } = await window.showTextDocument(file());
    assert.match(document.getText(), /local: \{ address: 127/);
    await document.save();
  });

  it('stays on screen, marked stale, when an edit breaks it', async () => {
    await write('hosts:\n  local: { address: [ }\n');
    // While it is written it may be read empty, which is said as well.
    await until('message', () =>
      /^Showing the last good inventory\. muster\.yaml:2: /.test(muster.hosts.message ?? ''),
    );
    assert.deepEqual(
      rows(muster).map(({ label }) => label),
      ['local'],
    );
  });

  it('gives way to nothing when it is deleted, by whomever', async () => {
    await workspace.fs.delete(file());
    await until('empty tree', () => rows(muster).length === 0);
    assert.equal(muster.hosts.message, undefined);
  });

  it('is completed and explained from its schema', async () => {
    await write(
      'hosts:\n  local: { address: 127.0.0.1, labels: { role: web } }\nchecks:\n  up: { type: tcp, port: 22, on:  }\n',
    );
    assert.ok((await completionLabels(new Position(1, 11))).includes('ssh'));
    await until('labels among the completions', async () =>
      (await completionLabels(new Position(3, 33))).includes('role=web'),
    );
    const [hover] = await commands.executeCommand<Hover[]>(
      'vscode.executeHoverProvider',
      file(),
      new Position(1, 13),
    );
    assert.match((hover!.contents[0] as MarkdownString).value, /address/i);
  });

  it('can lie elsewhere, as a setting says', async () => {
    const settings = workspace.getConfiguration('muster', file());
    const other = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'other.yaml');
    await workspace.fs.writeFile(other, new TextEncoder().encode('hosts: { elsewhere: {} }\n'));
    try {
      await settings.update('inventory', 'other.yaml');
      await rowWhen(muster, ['elsewhere'], () => true);
    } finally {
      await settings.update('inventory', undefined);
      await workspace.fs.delete(other);
    }
  });
});
