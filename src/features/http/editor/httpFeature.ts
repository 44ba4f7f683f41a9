import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import type { RequestCommands } from './requestCommands';
import { RequestFiles } from './requestFiles';
import { offerRequestLenses } from './requestLenses';
import { publishRequestProblems } from './requestProblems';
import { ResponseDocuments } from './responseDocuments';

/** Files of requests: lenses over them, what they cannot be read for, and responses as documents. */
export function httpFeature(
  services: Ports<'registry' | 'fleets' | 'batches' | 'credentials' | 'redactor'>,
): Disposables {
  const owned = new Disposables();
  const files = new RequestFiles();
  const documents = owned.add(new ResponseDocuments());
  owned.add(offerRequestLenses(files));
  owned.add(publishRequestProblems(files));
  let made: Promise<RequestCommands> | undefined;
  // One for all: it knows what the user has agreed to.
  const commands = () =>
    (made ??= import('./requestCommands').then(
      ({ RequestCommands: Commands }) => new Commands(services, files, documents),
    ));
  const { registry } = services;
  registry.register({
    'muster.sendRequest': async (place) => (await commands()).send(place),
    'muster.sendRequestFromHosts': async (place) => (await commands()).sendFromHosts(place),
    'muster.saveRequestAsCheck': async (place) => {
      const { saveAsCheck } = await import('./saveAsCheck');
      await saveAsCheck(await files.at(place), services.fleets);
    },
    'muster.copyRequestAsCurl': async (place) => (await commands()).copyAsCurl(place),
    'muster.pasteCurlAsRequest': async () => (await commands()).pasteCurl(),
    'muster.importHar': async () => (await commands()).importHar(),
    'muster.compareResponses': () => documents.compareGroups(),
    'muster.enterRequestSecret': async (place) => (await commands()).enterSecret(place),
    'muster.forgetRequestSecret': async (place) => (await commands()).forgetSecret(place),
  });
  return owned;
}
