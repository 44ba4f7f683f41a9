import { CodeAction, CodeActionKind, type Disposable, l10n, languages, WorkspaceEdit } from 'vscode';
import { Disposables } from '../disposables';
import type { Fleets } from '../fleets/fleets';
import { ProblemDiagnostic } from './problems';

const selector = { language: 'yaml', scheme: 'file' };

/** What helps while an inventory is edited. */
export function offerInventoryLanguage(_fleets: Fleets): Disposable {
  const owned = new Disposables();
  owned.add(
    languages.registerCodeActionsProvider(
      selector,
      {
        provideCodeActions: (document, _range, { diagnostics }) =>
          diagnostics
            .filter((diagnostic) => diagnostic instanceof ProblemDiagnostic)
            .filter(({ suggestion }) => suggestion !== undefined)
            .map((diagnostic) => {
              const suggestion = diagnostic.suggestion!;
              const action = new CodeAction(l10n.t('Change to “{0}”', suggestion), CodeActionKind.QuickFix);
              action.diagnostics = [diagnostic];
              action.isPreferred = true;
              action.edit = new WorkspaceEdit();
              action.edit.replace(document.uri, diagnostic.range, suggestion);
              return action;
            }),
      },
      { providedCodeActionKinds: [CodeActionKind.QuickFix] },
    ),
  );
  return owned;
}
