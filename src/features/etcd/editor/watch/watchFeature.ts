import { Disposable, ViewColumn, type WebviewPanel, window, workspace } from 'vscode';
import type { ConfigNode } from '../config/configNodes';
import { assertTrusted } from '../../../../shell/editor/batches';
import { Disposables } from '../../../../shell/editor/disposables';
import type { Ports } from '../../../../shell/editor/services';
import type { PanelView } from './watchPanel';
import { watchedValueScheme, type WatchStart, type WatchTarget } from './watchTarget';

const viewType = 'muster.watch';

/** Live watch panels, as many as are wanted. What they do is loaded when the first is opened. */
export function watchFeature({
  registry,
  etcd,
  logger,
  context,
}: Ports<'registry' | 'etcd' | 'logger' | 'context'>): Disposables {
  const owned = new Disposables();
  const panels = new Set<Disposable>();
  owned.add(
    new Disposable(() => {
      for (const panel of panels) panel.dispose();
    }),
  );

  const load = async () => {
    const { WatchedValues } = await import('./watchedValues');
    const { WatchPanel } = await import('./watchPanel');
    const { pickStart } = await import('./pickStart');
    const { pickTarget } = await import('./pickTarget');
    const { readPanelState } = await import('./panelState');
    const values = new WatchedValues();
    const ports = { clusters: etcd, values, logger, extensionUri: context.extensionUri };
    return { WatchPanel, pickStart, pickTarget, readPanelState, values, ports };
  };
  let loading: ReturnType<typeof load> | undefined;
  const parts = () => (loading ??= load());

  const fill = async (
    panel: WebviewPanel,
    target: WatchTarget,
    start: WatchStart,
    look?: Partial<PanelView & { changes: number }>,
  ) => {
    const { WatchPanel, ports } = await parts();
    const made = new WatchPanel(panel, target, start, ports, look);
    panels.add(made);
    panel.onDidDispose(() => panels.delete(made));
  };
  const open = async (node: ConfigNode | undefined, start: WatchStart | undefined) => {
    assertTrusted();
    const { pickTarget, pickStart } = await parts();
    const target = await pickTarget(node, etcd);
    if (!target) return;
    const begin = start ?? (await pickStart());
    if (!begin) return;
    await fill(window.createWebviewPanel(viewType, '', ViewColumn.Active), target, begin);
  };

  owned.add(
    window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const state = (await parts()).readPanelState(stored);
        if (!state) {
          panel.dispose();
          return;
        }
        const { fromRevision, changes, filter, isGrouped, prefix, ...target } = state;
        const start: WatchStart =
          fromRevision === undefined ? { kind: 'now' } : { kind: 'revision', revision: fromRevision };
        await fill(panel, { ...target, prefix: Buffer.from(prefix, 'base64') }, start, {
          ...{ filter, isGrouped, changes },
        });
      },
    }),
  );
  owned.add(
    workspace.registerTextDocumentContentProvider(watchedValueScheme, {
      provideTextDocumentContent: async (uri) => (await parts()).values.provideTextDocumentContent(uri),
    }),
  );
  registry.register({
    'muster.watchPrefix': (node?: ConfigNode) => open(node, { kind: 'now' }),
    'muster.watchPrefixFrom': (node?: ConfigNode) => open(node, undefined),
  });
  return owned;
}
