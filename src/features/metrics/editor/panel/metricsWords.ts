import { l10n } from 'vscode';
import { type MetricsWords, ranges } from '../../protocol/metricsPanel';

/** The words of the panel that do not change. */
export function metricsWords(): MetricsWords {
  return {
    ranges: ranges.map((ms) => l10n.t('{0} min', ms / 60_000)),
    range: l10n.t('Time shown'),
    addChart: l10n.t('Add Chart…'),
    removeChart: l10n.t('Remove Chart'),
    exportCsv: l10n.t('Export as CSV…'),
    exportPng: l10n.t('Save as PNG…'),
    resetZoom: l10n.t('Reset Zoom'),
    lines: l10n.t('A line for each host'),
    band: l10n.t('Band over hosts'),
    mode: l10n.t('Draw'),
    rate: l10n.t('Rate per second'),
    counter: l10n.t('Total count'),
    logs: l10n.t('Open Logs at This Time'),
    capture: l10n.t('Capture Profile Now'),
    pin: l10n.t('Pin Series'),
    unpin: l10n.t('Unpin Series'),
    columns: {
      series: l10n.t('Series'),
      value: l10n.t('Value'),
      note: l10n.t('Note'),
      actions: l10n.t('Actions'),
    },
    keyboard: l10n.t(
      'Left and right arrow keys move the crosshair of all charts, Home and End move it to the ends, Enter and the arrows with Shift choose a range to zoom into, Escape resets the zoom.',
    ),
    at: l10n.t('At {0}', '{0}'),
    failures: l10n.t('Sources that could not be read'),
  };
}
