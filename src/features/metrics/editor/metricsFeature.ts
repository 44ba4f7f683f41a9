import { Disposable, type Memento, ViewColumn, type WebviewPanel, window } from 'vscode';
import { assertTrusted } from '../../../shell/editor/batches';
import { isHostsNode } from '../../../shell/editor/commands/hostChoice';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import type { MetricsState } from '../protocol/metricsPanel';
import { PinnedSeries } from './pins/pinnedSeries';
import { PinRow } from './pins/pinRow';

const viewType = 'muster.metrics';

/** Charts of the sources of metrics. What they do is loaded when the first is opened. */
export function metricsFeature({
  context,
  registry,
  fleets,
  logger,
  hosts,
}: Ports<'context' | 'registry' | 'fleets' | 'logger' | 'hosts'>): Disposables {
  const owned = new Disposables();
  const panels = new Set<Disposable>();
  owned.add(
    new Disposable(() => {
      for (const panel of panels) panel.dispose();
    }),
  );
  const memory: Memento = context.workspaceState;
  const pins = owned.add(new PinnedSeries({ fleets, logger, memory, view: hosts }));
  hosts.tree.addBranch(pins);
  const fill = async (panel: WebviewPanel, state: MetricsState) => {
    const { MetricsPanel } = await import('./panel/metricsPanel');
    const ports = { fleets, logger, memory, pins, extensionUri: context.extensionUri };
    const made = new MetricsPanel(panel, state, ports);
    panels.add(made);
    panel.onDidDispose(() => panels.delete(made));
  };
  owned.add(
    window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const { readMetricsState } = await import('./panel/metricsRequests');
        const state = readMetricsState(stored);
        if (state) await fill(panel, state);
        else panel.dispose();
      },
    }),
  );
  registry.register({
    'muster.showMetrics': async (what?: unknown, selected?: unknown) => {
      assertTrusted();
      const { pickMetrics } = await import('./pickMetrics');
      const state = await pickMetrics(fleets, what, selected);
      if (state) await fill(window.createWebviewPanel(viewType, '', ViewColumn.Active), state);
    },
    'muster.unpinSeries': async (what?: unknown) => {
      const row = isHostsNode(what) && what.kind === 'branch' ? what.row : undefined;
      if (row instanceof PinRow) await pins.unpin(row.pin);
    },
  });
  return owned;
}
