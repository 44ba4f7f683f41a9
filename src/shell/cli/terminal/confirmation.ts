import { cancelledBy } from '../../../platform/batch/deadline';
import type { Cli } from '../cli';
import { UsageError } from '../exitStatus';
import { t } from '../l10n';
import { askOnTty } from './ttyQuestion';

/**
 * Asks at the terminal whether to do it, and says `declined` if not.
 * @throws UsageError where there is none to ask at, MusterError CANCELLED
 */
export async function confirmed(
  question: string,
  { terminal, interruption }: Cli,
  declined = t('Nothing was written.'),
): Promise<boolean> {
  const { signal } = interruption;
  const answer = await terminal.alone(() =>
    askOnTty(`${question} ${t('[y/N]')} `, {
      ...{ echo: true, signal },
      onInterrupt: () => interruption.onSignal('SIGINT'),
    }),
  );
  if (signal.aborted) throw cancelledBy(signal);
  if (answer === undefined) throw new UsageError(`${question} ${t('There is nobody to ask: give --yes.')}`);
  if (/^(y|yes|是)$/i.test(answer.trim())) return true;
  terminal.note(declined);
  return false;
}
