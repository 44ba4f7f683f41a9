import { Disposables } from '../../../shell/editor/disposables';
import { ReportDocuments } from '../../../shell/editor/documents/reportDocuments';
import type { Ports } from '../../../shell/editor/services';

/** "Copy to Hosts…" and "Fetch from Hosts…". What they are made of is loaded when one is first used. */
export function copyFeature(
  services: Ports<'context' | 'registry' | 'fleets' | 'batches' | 'logger'>,
): Disposables {
  const owned = new Disposables();
  const documents = owned.add(new ReportDocuments('muster-copy'));
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
