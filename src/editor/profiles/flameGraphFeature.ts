import { type CustomReadonlyEditorProvider, window } from 'vscode';
import { Disposables } from '../disposables';
import type { Services } from '../services';

/** The default editor of its own files, and one to choose for those of others. */
const viewTypes = ['muster.flameGraph', 'muster.flameGraph.option'];

/** Profiles as flame graphs. What shows them is loaded with the first. */
export function flameGraphFeature({ context, logger, profiles }: Services): Disposables {
  const owned = new Disposables();
  const provider: CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
    resolveCustomEditor: async ({ uri }, panel) => {
      const { FlameGraphEditor } = await import('./flameGraphEditor');
      await FlameGraphEditor.open(uri, panel, { extensionUri: context.extensionUri, logger, profiles });
    },
  };
  for (const viewType of viewTypes)
    owned.add(
      window.registerCustomEditorProvider(viewType, provider, { supportsMultipleEditorsPerDocument: true }),
    );
  return owned;
}
