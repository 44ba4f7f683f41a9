import {
  Diagnostic,
  DiagnosticSeverity,
  type Disposable,
  languages,
  type TextDocument,
  workspace,
} from 'vscode';
import { Throttle } from '../../../platform/batch/throttle';
import { Disposables } from '../../../shell/editor/disposables';
import { isRequestFile, type RequestFiles } from './requestFiles';
import { requestLanguage } from './requestScheme';

const most = 1000;
const redrawMs = 300;

/** Shows what of open files cannot be read. A warning: what Muster does not send another extension may. */
export function publishRequestProblems(files: RequestFiles): Disposable {
  const owned = new Disposables();
  const shown = owned.add(languages.createDiagnosticCollection('muster-http'));
  const waiting = new Set<TextDocument>();
  const show = async (document: TextDocument): Promise<void> => {
    if (!isRequestFile(document)) return;
    const { version } = document;
    const { problems } = await files.of(document);
    if (document.isClosed || document.version !== version) return;
    const diagnostics = problems.slice(0, most).map(({ line, message }) => {
      const { range } = document.lineAt(Math.min(Math.max(line, 1), document.lineCount) - 1);
      const diagnostic = new Diagnostic(range, message, DiagnosticSeverity.Warning);
      diagnostic.source = 'Muster';
      return diagnostic;
    });
    shown.set(document.uri, diagnostics);
  };
  const redraw = new Throttle(() => {
    for (const document of waiting) void show(document);
    waiting.clear();
  }, redrawMs);
  owned.add({
    dispose: () => {
      waiting.clear();
      redraw.flush();
    },
  });
  const soon = (document: TextDocument) => {
    if (document.languageId !== requestLanguage) return;
    waiting.add(document);
    redraw.request();
  };
  owned.add(workspace.onDidOpenTextDocument(soon));
  owned.add(workspace.onDidChangeTextDocument(({ document }) => soon(document)));
  owned.add(workspace.onDidCloseTextDocument(({ uri }) => shown.delete(uri)));
  for (const document of workspace.textDocuments) soon(document);
  return owned;
}
