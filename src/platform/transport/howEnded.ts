import { t } from '../l10n/l10n';

/** The end of a command as the server told it; neither of them when it told nothing. */
export interface CommandEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** How a command ended, in words that follow it. */
export function howEnded({ exitCode, signal }: CommandEnd): string {
  if (signal !== null) return t('ended by signal {0}', signal);
  return exitCode === null ? t('ended without an exit status') : t('exit status {0}', exitCode);
}
