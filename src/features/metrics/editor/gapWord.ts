import { l10n } from 'vscode';
import type { Gap } from '../core/rates';

/** Says why a number is missing. */
export function gapWord(gap: Gap): string {
  switch (gap) {
    case 'nan':
      return 'NaN';
    case 'absent':
      return l10n.t('absent');
    case 'stale':
      return l10n.t('stale');
    case 'reset':
      return l10n.t('began again');
    case 'first':
      return l10n.t('first reading');
  }
}
