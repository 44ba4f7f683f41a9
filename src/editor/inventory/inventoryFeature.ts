import { Disposables } from '../disposables';
import type { Services } from '../services';
import { offerCodeLenses } from './codeLenses';
import { offerCompletion } from './completion';
import { offerHover } from './hoverProvider';
import { HostImporter } from './importHosts';
import { InventoryDocuments } from './inventoryDocuments';
import { offerNavigation } from './nameNavigation';
import { offerProblemFixes } from './problemFixes';
import { publishProblems } from './problems';
import { showHosts } from './showHosts';

/** `muster.yaml` as a document: problems and their fixes, completion, hover, names and where they lead, lenses. */
export function inventoryFeature(services: Services): Disposables {
  const { fleets, registry } = services;
  const owned = new Disposables();
  const documents = new InventoryDocuments(fleets);
  owned.add(publishProblems(fleets));
  owned.add(offerProblemFixes());
  owned.add(offerCompletion(documents));
  owned.add(offerHover(documents, services));
  owned.add(offerNavigation(documents));
  owned.add(offerCodeLenses(documents, fleets));
  const importer = new HostImporter(services, documents);
  registry.register({
    'muster.importHosts': importer.run,
    'muster.showHosts': (argument?: unknown) => showHosts(services, argument),
  });
  return owned;
}
