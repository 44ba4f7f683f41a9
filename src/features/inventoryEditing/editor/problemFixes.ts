import {
  CodeAction,
  CodeActionKind,
  type CodeActionProvider,
  type Disposable,
  l10n,
  languages,
  Range,
  type TextDocument,
  WorkspaceEdit,
} from 'vscode';
import { linkTo } from '../../../shell/editor/commands/musterCommands';
import type { TextChange, Update } from '../../../platform/inventory/importing/editDocument';
import type { ProblemFix } from '../../../platform/inventory/model';
import { ProblemDiagnostic } from './problems';

/** Mends a problem: with the word that was probably meant, or with what is missing. The edit is made when chosen. */
class FixAction extends CodeAction {
  constructor(
    title: string,
    diagnostic: ProblemDiagnostic,
    readonly document: TextDocument,
    readonly change: () => Promise<readonly TextChange[]>,
  ) {
    super(title, CodeActionKind.QuickFix);
    this.diagnostics = [diagnostic];
  }
}

const provider: CodeActionProvider = {
  provideCodeActions: (document, _range, { diagnostics }) =>
    diagnostics
      .filter((diagnostic) => diagnostic instanceof ProblemDiagnostic)
      .flatMap((diagnostic) => [
        ...(diagnostic.suggestion === undefined
          ? []
          : [suggestionOf(document, diagnostic, diagnostic.suggestion)]),
        ...diagnostic.fixes.flatMap((fix) => actionsFor(fix, document, diagnostic)),
      ]),
  async resolveCodeAction(action) {
    if (!(action instanceof FixAction)) return action;
    const edit = new WorkspaceEdit();
    for (const { start, end, text } of await action.change()) {
      const range = new Range(action.document.positionAt(start), action.document.positionAt(end));
      edit.replace(action.document.uri, range, text);
    }
    action.edit = edit;
    return action;
  },
};

export function offerProblemFixes(): Disposable {
  return languages.registerCodeActionsProvider({ scheme: 'file' }, provider, {
    providedCodeActionKinds: [CodeActionKind.QuickFix],
  });
}

function suggestionOf(document: TextDocument, diagnostic: ProblemDiagnostic, suggestion: string): CodeAction {
  const action = new CodeAction(l10n.t('Change to “{0}”', suggestion), CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.isPreferred = true;
  action.edit = new WorkspaceEdit();
  action.edit.replace(document.uri, diagnostic.range, suggestion);
  return action;
}

function actionsFor(fix: ProblemFix, document: TextDocument, diagnostic: ProblemDiagnostic): CodeAction[] {
  const action = (title: string, change: () => Promise<readonly TextChange[]>) =>
    new FixAction(title, diagnostic, document, change);
  switch (fix.kind) {
    case 'create': {
      const { section, name } = fix;
      const title =
        section === 'groups' ? l10n.t('Create group “{0}”', name) : l10n.t('Add host “{0}”', name);
      // A new host is reached by its name; a new group has a place for its members.
      const value = section === 'groups' ? { hosts: [] } : null;
      return [action(title, () => addition(document, section, name, value))];
    }
    case 'setType':
      return fix.types.map((type) =>
        action(l10n.t('Set type: {0}', type), () =>
          update(document, fix.section, fix.name, (entry) => entry.set(['type'], type)),
        ),
      );
    case 'movePort':
      return [
        action(l10n.t('Move the port to ssh.port'), () =>
          update(document, 'hosts', fix.host, (entry) => {
            entry.set(['address'], fix.address);
            entry.set(['ssh', 'port'], fix.port);
          }),
        ),
      ];
    case 'import': {
      const title = l10n.t('Import Hosts…');
      const command = new CodeAction(title, CodeActionKind.QuickFix);
      command.diagnostics = [diagnostic];
      command.command = linkTo('muster.importHosts', title);
      return [command];
    }
  }
}

async function addition(
  document: TextDocument,
  section: string,
  key: string,
  value: unknown,
): Promise<TextChange[]> {
  const { additions } = await import('../../../platform/inventory/importing/editDocument');
  return [additions(document.getText(), section, [{ key, value }])];
}

async function update(
  document: TextDocument,
  section: string,
  key: string,
  change: Update,
): Promise<TextChange[]> {
  const { updateEntry } = await import('../../../platform/inventory/importing/editDocument');
  return updateEntry(document.getText(), section, key, change);
}
