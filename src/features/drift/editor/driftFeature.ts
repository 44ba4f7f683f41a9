import { languages, workspace } from 'vscode';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import { DriftDocuments } from './driftDocuments';
import { driftScheme } from './driftScheme';

/** “Compare Facts of Hosts…”: what hosts should have in common and do not, as a document. */
export function driftFeature(services: Ports<'registry' | 'fleets' | 'batches'>): Disposables {
  const owned = new Disposables();
  const documents = owned.add(new DriftDocuments());
  owned.add(workspace.registerTextDocumentContentProvider(driftScheme, documents));
  owned.add(languages.registerDocumentSymbolProvider({ scheme: driftScheme }, documents));
  const commands = async () => {
    const { DriftCommands } = await import('./driftCommands');
    return new DriftCommands(services, documents);
  };
  const { registry } = services;
  registry.register({
    'muster.showDrift': async (what, selected) => (await commands()).show(what, selected),
    'muster.compareDriftGroups': async () => (await commands()).compareGroups(),
    'muster.refreshDrift': async () => (await commands()).refresh(),
  });
  return owned;
}
