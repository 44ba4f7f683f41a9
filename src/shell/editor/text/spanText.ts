import { l10n } from 'vscode';

/** Milliseconds as people say them. */
export function spanText(ms: number): string {
  if (ms < 10_000) return l10n.t('{0} s', (ms / 1000).toFixed(1));
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return l10n.t('{0} s', seconds);
  return l10n.t('{0} min {1} s', Math.floor(seconds / 60), seconds % 60);
}
