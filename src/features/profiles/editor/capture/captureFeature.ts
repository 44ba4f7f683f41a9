import { Disposables } from '../../../../shell/editor/disposables';
import type { Ports } from '../../../../shell/editor/services';
import { captureStoreOf } from './captureStoreOf';

/** "Capture Profile…". What carries it out is loaded with the first. */
export function captureFeature(
  services: Ports<'context' | 'registry' | 'fleets' | 'batches' | 'logger'>,
): Disposables {
  const owned = new Disposables();
  const commands = async () => {
    const { CaptureCommands } = await import('./captureCommands');
    return new CaptureCommands({
      ...services,
      store: captureStoreOf(services),
      worker: services.context.asAbsolutePath('dist/capture.worker.js'),
    });
  };
  const { registry } = services;
  registry.register({
    'muster.captureProfile': async (what?: unknown, selected?: unknown) =>
      (await commands()).capture(what, selected),
  });
  return owned;
}
