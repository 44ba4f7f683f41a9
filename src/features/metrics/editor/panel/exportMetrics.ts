import { l10n, Uri, window, workspace } from 'vscode';
import { writeChosenFile } from '../../../../shell/editor/documents/writeChosenFile';
import { csvHead, csvLine } from '../../core/recordedRows';
import type { SeriesStore } from '../../core/seriesStore';
import type { ChartLayout } from '../../protocol/metricsPanel';

/** The points of charts as lines of CSV, all of them and not only those that are drawn. */
export function* csvOf(
  store: SeriesStore,
  charts: readonly ChartLayout[],
  { from, to }: { from: number; to: number },
): Generator<string> {
  yield csvHead;
  for (const chart of charts)
    for (const series of store.all()) {
      if (series.source !== chart.source || series.name !== chart.name) continue;
      const { host, source, name, kind, unit, isRate } = series;
      const labels = Object.fromEntries(series.labels.map((label) => [label.name, label.value]));
      const lines: string[] = [];
      store.visit(series.id, from, chart.asCounter, (at, value, gap) => {
        if (at > to) return;
        const figure = gap ? (gap === 'nan' ? 'NaN' : gap) : finite(value);
        const time = new Date(at).toISOString();
        const figures = isRate && !chart.asCounter ? { value: '', rate: figure } : { value: figure };
        lines.push(
          csvLine({
            time,
            host,
            source,
            name,
            labels,
            kind,
            ...figures,
            ...(unit !== undefined && { unit }),
          }),
        );
      });
      yield lines.join('');
    }
}

const finite = (value: number) => (Number.isFinite(value) ? value : value > 0 ? '+Inf' : '-Inf');

export async function saveAs(
  title: string,
  fileName: string,
  filters: Record<string, string[]>,
  content: Uint8Array | Iterable<string>,
): Promise<void> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const uri = await window.showSaveDialog({
    ...{ title, filters },
    ...(folder && { defaultUri: Uri.joinPath(folder, fileName) }),
  });
  if (!uri) return;
  await writeChosenFile(uri, content);
  void window.showInformationMessage(l10n.t('{0} was written.', uri.fsPath));
}
