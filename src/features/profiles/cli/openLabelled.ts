import { groupedByLabel } from '../core/analysis/groupedByLabel';
import type { LabelFilter } from '../core/analysis/labelFilter';
import { labelledProfile } from '../core/model/labelledProfile';
import type { Profile } from '../core/model/profile';
import { printable } from '../../../platform/text/printable';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import { openProfile } from './openProfile';

export interface LabelOptions {
  /** `key`, `key=value` or `key=~pattern`; all of them hold. */
  label?: readonly string[];
  byLabel?: string;
}

/** Reads a file, and of it what the options select. @throws UsageError, MusterError FORMAT, TOO_LARGE */
export async function openLabelled(
  file: string,
  { label = [], byLabel }: LabelOptions,
  cli: Cli,
): Promise<Profile> {
  const filters = label.map(readFilter);
  const whole = await openProfile(file, cli);
  const selected = labelledProfile(whole, filters);
  if (filters.length > 0 && !selected.labels?.node.length)
    throw new UsageError(
      t('--label: no sample of {0} has {1}; {2}', printable(file), printable(label.join(' ')), keysOf(whole)),
    );
  if (byLabel === undefined) return selected;
  if (!labelKeys(selected).has(byLabel))
    throw new UsageError(
      t('--by-label: no sample of {0} has {1}; {2}', printable(file), printable(byLabel), keysOf(whole)),
    );
  return groupedByLabel(selected, byLabel);
}

/** @throws UsageError */
function readFilter(text: string): LabelFilter {
  const [, key = '', operator, value = ''] = /^([^=]*)(?:(=~?)(.*))?$/s.exec(text)!;
  if (key === '')
    throw new UsageError(t('--label: "{0}" is not KEY, KEY=VALUE or KEY=~PATTERN', printable(text)));
  if (operator !== '=~') return { key, ...(operator === '=' && { value }) };
  try {
    new RegExp(value, 'u');
  } catch (error) {
    throw new UsageError(`--label: ${printable((error as Error).message)}`);
  }
  return { key, pattern: value };
}

/** The keys of the labels that samples have. */
const labelKeys = ({ labels }: Profile) =>
  new Set([...new Set(labels?.set)].flatMap((set) => labels!.sets[set]!.map(({ key }) => key)));

function keysOf(profile: Profile): string {
  const keys = [...labelKeys(profile)].sort();
  return keys.length === 0
    ? t('the profile has no labels')
    : t('there are {0}', keys.map((key) => printable(key, 60)).join(', '));
}
