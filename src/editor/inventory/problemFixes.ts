import {
  CodeAction,
  CodeActionKind,
  type CodeActionProvider,
  type Disposable,
  l10n,
  languages,
  type TextDocument,
  WorkspaceEdit,
} from 'vscode';
import { ProblemDiagnostic } from './problems';

/** Puts what was probably meant in place of what was written. */
const provider: CodeActionProvider = {
  provideCodeActions: (document, _range, { diagnostics }) =>
    diagnostics.flatMap((diagnostic) =>
      diagnostic instanceof ProblemDiagnostic && diagnostic.suggestion !== undefined
        ? [fixOf(document, diagnostic, diagnostic.suggestion)]
        : [],
    ),
};

export function offerProblemFixes(): Disposable {
  return languages.registerCodeActionsProvider({ scheme: 'file' }, provider, {
    providedCodeActionKinds: [CodeActionKind.QuickFix],
  });
}

function fixOf(document: TextDocument, diagnostic: ProblemDiagnostic, suggestion: string): CodeAction {
  const action = new CodeAction(l10n.t('Change to “{0}”', suggestion), CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.isPreferred = true;
  action.edit = new WorkspaceEdit();
  action.edit.replace(document.uri, diagnostic.range, suggestion);
  return action;
}
