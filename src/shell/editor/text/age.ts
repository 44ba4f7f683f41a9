import { l10n } from 'vscode';

const minuteMs = 60_000;

/** How long ago something was, coarse enough to change seldom: `just now`, `20 min ago`, `2 h ago`, `3 d ago`. */
export function age(ms: number): string {
  const minutes = Math.floor(ms / minuteMs);
  if (minutes < 1) return l10n.t('just now');
  if (minutes < 60) return l10n.t('{0} min ago', minutes < 5 ? minutes : Math.floor(minutes / 5) * 5);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? l10n.t('{0} h ago', hours) : l10n.t('{0} d ago', Math.floor(hours / 24));
}

/** How long something lasted: `45 s`, `12 min`, `2 h 5 min`, `3 d 4 h`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return l10n.t('{0} s', seconds);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return l10n.t('{0} min', minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return l10n.t('{0} h {1} min', hours, minutes % 60);
  return l10n.t('{0} d {1} h', Math.floor(hours / 24), hours % 24);
}
