import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import { offerCodeLenses } from './codeLenses';
import { offerCompletion } from './completion';
import { offerHover } from './hoverProvider';
import { InventoryDocuments } from './inventoryDocuments';
import { offerNavigation } from './nameNavigation';
import { offerProblemFixes } from './problemFixes';
import { publishProblems } from './problems';

/** `muster.yaml` as a document: problems and their fixes, completion, hover, names and where they lead, lenses. */
export function inventoryFeature(
  services: Ports<'registry' | 'fleets' | 'hosts' | 'logger' | 'statusBar'>,
): Disposables {
  const { fleets, registry } = services;
  const owned = new Disposables();
  const documents = new InventoryDocuments(fleets);
  owned.add(publishProblems(fleets));
  owned.add(offerProblemFixes());
  owned.add(offerCompletion(documents));
  owned.add(offerHover(documents, services));
  owned.add(offerNavigation(documents));
  owned.add(offerCodeLenses(documents, fleets));
  registry.register({
    'muster.importHosts': async (argument?: unknown) => {
      const { HostImporter } = await import('./importHosts');
      await new HostImporter(services, documents).run(argument);
    },
    'muster.showHosts': async (argument?: unknown) => {
      const { showHosts } = await import('./showHosts');
      await showHosts(services, argument);
    },
  });
  return owned;
}
