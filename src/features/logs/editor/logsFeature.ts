import {
  type CustomReadonlyEditorProvider,
  Disposable,
  l10n,
  type Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import type { LineAction } from '../protocol/logsPanel';
import { assertTrusted } from '../../../shell/editor/batches';
import { Disposables } from '../../../shell/editor/disposables';
import type { Ports } from '../../../shell/editor/services';
import { logLineScheme } from './lineDocuments';
import type { LogOrder, LogPanelState } from './panel/logOrder';
import type { LogsPanel } from './panel/logsPanel';

const viewType = 'muster.logs';

/** Panels of logs, as many as are wanted. What they do is loaded when the first is opened. */
export function logsFeature(services: Ports<'context' | 'registry' | 'fleets' | 'logger'>): Disposables {
  const { registry, fleets, logger, context } = services;
  const owned = new Disposables();
  const panels = new Set<LogsPanel>();
  owned.add(
    new Disposable(() => {
      for (const panel of panels) panel.dispose();
    }),
  );

  let loading: ReturnType<typeof loadParts> | undefined;
  const loadParts = async () => {
    const { logsParts } = await import('./logsParts');
    const fileWorker = context.asAbsolutePath('dist/fileLog.worker.js');
    return owned.add(logsParts({ fleets, logger, extensionUri: context.extensionUri, fileWorker }));
  };
  const parts = () => (loading ??= loadParts());

  const fill = async (panel: WebviewPanel, state: Pick<LogPanelState, 'order'> & Partial<LogPanelState>) => {
    const made = (await parts()).open(panel, state);
    panels.add(made);
    panel.onDidDispose(() => panels.delete(made));
  };
  const open = async (ask: () => Promise<LogPanelState['order'] | undefined>) => {
    const order = await ask();
    if (order) await fill(window.createWebviewPanel(viewType, '', ViewColumn.Active), { order });
  };

  owned.add(
    window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const state = (await parts()).readState(stored);
        if (state) await fill(panel, state);
        else panel.dispose();
      },
    }),
  );
  owned.add(
    workspace.registerTextDocumentContentProvider(logLineScheme, {
      provideTextDocumentContent: async (uri) => (await parts()).documents.provideTextDocumentContent(uri),
    }),
  );

  const editor: CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
    resolveCustomEditor: ({ uri }, panel) => fill(panel, { order: orderOfFile(uri) }),
  };
  owned.add(
    window.registerCustomEditorProvider('muster.logFile', editor, {
      supportsMultipleEditorsPerDocument: true,
    }),
  );

  /** What an entry of the page's menu, or of the palette, does with the lines that are chosen. */
  const onLines = (action: LineAction) => async (context_?: { musterLogs?: number }) => {
    const number = context_?.musterLogs;
    const panel = [...panels].find((one) =>
      number === undefined ? one.panel.active : one.number === number,
    );
    const chosen = panel?.chosenLines;
    if (panel && chosen) return (await parts()).act(panel, action, chosen);
    void window.showInformationMessage(l10n.t('Choose a line of a log first.'));
  };
  registry.register({
    'muster.followLogs': async (what?: unknown, selected?: unknown) => {
      assertTrusted();
      await open(async () => (await parts()).pick(what, selected));
    },
    'muster.showLogsAt': async (what?: unknown, selected?: unknown) => {
      assertTrusted();
      await open(async () => (await parts()).pickAt(what, selected));
    },
    'muster.openHostLog': async (what?: unknown, selected?: unknown) => {
      assertTrusted();
      await open(async () => (await parts()).pickHostFile(what, selected));
    },
    'muster.downloadHostFile': async (what?: unknown, selected?: unknown) => {
      assertTrusted();
      await (await parts()).download(what, selected);
    },
    'muster.openAsLog': async (uri?: Uri) => {
      const file = uri ?? window.activeTextEditor?.document.uri ?? (await pickLocalFile());
      if (file) await open(() => Promise.resolve(orderOfFile(file)));
    },
    'muster.copyLogLines': onLines('copy'),
    'muster.openLogLines': onLines('openInEditor'),
    'muster.bookmarkLogLine': onLines('bookmark'),
    'muster.pinLogLine': onLines('pin'),
    'muster.onlyLogHost': onLines('onlyHost'),
    'muster.filterLogField': onLines('filterField'),
    'muster.correlateLog': onLines('correlate'),
    'muster.openLogFrame': onLines('openFrame'),
  });
  return owned;
}

async function pickLocalFile(): Promise<Uri | undefined> {
  return (await window.showOpenDialog({ title: l10n.t('Open which file as a log?') }))?.[0];
}

/** @throws MusterError USAGE for what is no file of this machine */
function orderOfFile({ scheme, fsPath }: Uri): LogOrder {
  if (scheme !== 'file')
    throw new MusterError('USAGE', l10n.t('Only files of this machine open as logs.'), {
      hint: l10n.t('For a file on a host there is “Open Log on Host…”.'),
    });
  return {
    ...{ inventory: '', hosts: [], sources: [], origin: undefined, file: fsPath },
    ...{ start: 'beginning', at: undefined },
  };
}
