import { commands, type CustomReadonlyEditorProvider, type Uri, window } from 'vscode';
import type { ShownFrame, ShownLabel } from '../../protocol/flameGraph';
import { Disposables } from '../../../../shell/editor/disposables';
import type { Ports } from '../../../../shell/editor/services';
import type { FlameGraphEditor } from './flameGraphEditor';

/** The default editor of its own files, and one to choose for those of others. */
const viewTypes = ['muster.flameGraph', 'muster.flameGraph.option'];

/** Profiles as flame graphs. What shows them is loaded with the first. */
export function flameGraphFeature({
  context,
  logger,
  profiles,
  registry,
}: Ports<'context' | 'logger' | 'profiles' | 'registry'>): Disposables {
  const owned = new Disposables();
  const editors = new Map<string, FlameGraphEditor>();
  let active: FlameGraphEditor | undefined;
  const provider: CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
    resolveCustomEditor: async ({ uri }, panel) => {
      const { FlameGraphEditor } = await import('./flameGraphEditor');
      const ports = { extensionUri: context.extensionUri, logger, profiles };
      const editor = await FlameGraphEditor.open(uri, panel, ports);
      const key = uri.toString();
      const follow = () => {
        if (panel.active) active = editor;
        else if (active === editor) active = undefined;
        if (panel.active) editors.set(key, editor);
      };
      editors.set(key, editor);
      follow();
      panel.onDidChangeViewState(follow);
      panel.onDidDispose(() => {
        if (active === editor) active = undefined;
        if (editors.get(key) === editor) editors.delete(key);
      });
    },
  };
  for (const viewType of viewTypes)
    owned.add(
      window.registerCustomEditorProvider(viewType, provider, {
        supportsMultipleEditorsPerDocument: true,
        // The place that is looked at, and what is selected, are speedscope's own.
        webviewOptions: { retainContextWhenHidden: true },
      }),
    );
  registry.register({
    'muster.openSelectedFrame': () => active?.withSelected('openSelected'),
    'muster.expandSelectedFrame': () => active?.withSelected('expandSelected'),
    'muster.drawWholeProfile': () => active?.drawWhole(),
    'muster.revealFrame': async (uri: Uri, frame: ShownFrame | undefined, label?: ShownLabel) => {
      if (!editors.has(uri.toString())) await commands.executeCommand('vscode.openWith', uri, viewTypes[1]);
      await editors.get(uri.toString())?.reveal(frame, label);
    },
  });
  return owned;
}
