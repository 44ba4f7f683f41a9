import { Disposables } from '../../../../shell/editor/disposables';
import { ReportDocuments } from '../../../../shell/editor/documents/reportDocuments';
import { RunDocuments } from '../output/runDocuments';
import type { Ports } from '../../../../shell/editor/services';
import { RunCommands } from './runCommands';

/** "Run Command…" in all its forms. */
export function runCommandFeature({
  context,
  registry,
  fleets,
  runs,
}: Ports<'context' | 'registry' | 'fleets' | 'runs'>): Disposables {
  const owned = new Disposables();
  const documents = owned.add(new RunDocuments());
  const plans = owned.add(new ReportDocuments('muster-plan'));
  const commands = new RunCommands(fleets, runs, documents, plans, context.workspaceState);
  registry.register({
    'muster.run': commands.run,
    'muster.runScript': commands.runScript,
    'muster.runSelection': commands.runSelection,
  });
  return owned;
}
