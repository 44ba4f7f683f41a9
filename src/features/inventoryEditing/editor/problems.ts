import { Diagnostic, DiagnosticSeverity, type Disposable, languages, Uri } from 'vscode';
import type { Problem, ProblemFix } from '../../../platform/inventory/model';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { editorRange } from '../../../shell/editor/fleets/sourceRange';

export const problemSource = 'Muster';

/** What the word at a diagnostic's range was probably meant to be. */
export class ProblemDiagnostic extends Diagnostic {
  readonly suggestion: string | undefined;
  readonly fixes: readonly ProblemFix[];

  constructor(problem: Problem) {
    super(
      editorRange(problem.range),
      problem.message,
      problem.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    );
    this.source = problemSource;
    this.code = 'INVENTORY';
    this.suggestion = problem.suggestion;
    this.fixes = problem.fixes ?? [];
  }
}

/** Shows the problems of every inventory in the files that they are in, imported ones too. */
export function publishProblems(fleets: Fleets): Disposable {
  const owned = new Disposables();
  const collection = owned.add(languages.createDiagnosticCollection('muster'));
  const update = () => {
    const byFile = new Map<string, ProblemDiagnostic[]>();
    for (const problem of fleets.all.flatMap((fleet) => fleet.problems)) {
      const diagnostics = byFile.get(problem.range.file) ?? [];
      diagnostics.push(new ProblemDiagnostic(problem));
      byFile.set(problem.range.file, diagnostics);
    }
    collection.clear();
    collection.set([...byFile].map(([file, diagnostics]) => [Uri.file(file), diagnostics]));
  };
  owned.add(fleets.onDidChange(update));
  update();
  return owned;
}
