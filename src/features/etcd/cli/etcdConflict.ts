import { jsonLine, keyJson, keyValueJson } from '../core/client/etcdJson';
import type { Conflict } from '../core/client/etcdTransaction';
import { t } from '../../../shell/cli/l10n';
import type { Terminal } from '../../../shell/cli/terminal/terminal';
import { shownKey, writeValue } from './etcdOutput';

/** Says that a key was not as its guard expected, and prints what it is now, or only its revision. */
export async function printConflict(
  { key, expected, current }: Conflict,
  asJson: boolean | 'revision',
  terminal: Terminal,
): Promise<void> {
  if (asJson === true) {
    const conflict = { expected, current: current ? keyValueJson(current) : null };
    return terminal.stdout.write(`${jsonLine({ ...keyJson(key), conflict })}\n`);
  }
  terminal.note(conflictText(shownKey(key), expected, current?.modRevision));
  if (current && asJson === false) await writeValue(terminal.stdout, current.value, false);
}

function conflictText(key: string, expected: number, revision: number | undefined): string {
  const nothing = t('Nothing was written.');
  if (revision === undefined) return `${t('muster: conflict: {0} does not exist.', key)} ${nothing}`;
  if (expected === 0)
    return `${t('muster: conflict: {0} exists, at revision {1}.', key, revision)} ${nothing}`;
  return `${t('muster: conflict: {0} is at revision {1}, not {2}.', key, revision, expected)} ${nothing}`;
}
