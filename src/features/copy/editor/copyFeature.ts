import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import { TransferDocuments } from './transferDocuments';

/** "Copy to Hosts…" and "Fetch from Hosts…". What they are made of is loaded when one is first used. */
export function copyFeature(
  services: Ports<'context' | 'registry' | 'fleets' | 'batches' | 'logger'>,
): Disposables {
  const owned = new Disposables();
  const documents = owned.add(new TransferDocuments());
  const { registry } = services;
  registry.register({
    'muster.copyToHosts': async (...given: unknown[]) => {
      const { CopyToHosts } = await import('./copyToHosts');
      return new CopyToHosts(services, documents).copy(...given);
    },
    'muster.fetchFromHosts': async (...given: unknown[]) => {
      const { FetchFromHosts } = await import('./fetchFromHosts');
      return new FetchFromHosts(services, documents).fetch(...given);
    },
  });
  return owned;
}
