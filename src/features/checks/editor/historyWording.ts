import { l10n } from 'vscode';
import { latency, statusWord } from '../../../shell/editor/hosts/wording';
import { figuresOf, type HistoryFigures } from './historyFigures';
import type { KeptStatus, PastResult } from './resultColumns';

/** `last 50: 47 healthy, 3 unhealthy`: what the sparkline shows, for those who listen. */
export function countsText(figures: HistoryFigures): string {
  const counts = (['healthy', 'degraded', 'unhealthy'] as const satisfies readonly KeptStatus[])
    .filter((status) => figures[status] > 0)
    .map((status) => `${figures[status]} ${statusWord(status)}`);
  return l10n.t('last {0}: {1}', figures.total, counts.join(', '));
}

/** `p50 12 ms · p95 40 ms · p99 51 ms`; empty when nothing answered. */
export function latencyText({ latency: figures }: HistoryFigures): string {
  if (!figures) return '';
  return `p50 ${latency(figures.p50)} · p95 ${latency(figures.p95)} · p99 ${latency(figures.p99)}`;
}

/** Both in one line. */
export function figuresText(results: readonly PastResult[]): string {
  const figures = figuresOf(results);
  return [countsText(figures), latencyText(figures)].filter(Boolean).join(' · ');
}
