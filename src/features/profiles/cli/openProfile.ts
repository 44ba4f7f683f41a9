import { basename } from 'node:path';
import { cancelledBy } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import { fileFault } from '../../../platform/files/fileFault';
import { FileRefusal, largestFile } from '../../../platform/files/regularFile';
import { printable } from '../../../platform/text/printable';
import type { Profile } from '../core/model/profile';
import { readProfile } from '../core/formats/readProfile';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import { readNamedFile } from '../../../shell/cli/namedFile';

/** Reads a file, or standard input for `-`, and says what was left out. @throws UsageError, MusterError FORMAT, TOO_LARGE */
export async function openProfile(name: string, cli: Cli): Promise<Profile> {
  const profile = await readFileProfile(name, cli);
  for (const note of profile.notes) cli.terminal.note(`muster: ${printable(name)}: ${printable(note, 500)}`);
  return profile;
}

/** The same without a word: what was left out is in its notes. @throws UsageError, MusterError FORMAT, TOO_LARGE */
export async function readFileProfile(name: string, cli: Cli): Promise<Profile> {
  return readProfile(await contentOf(name, cli), name === '-' ? '-' : basename(name));
}

async function contentOf(name: string, cli: Cli): Promise<Uint8Array> {
  const { signal } = cli.interruption;
  try {
    return await readNamedFile(name, largestFile.profile, cli);
  } catch (error) {
    if (signal.aborted) throw cancelledBy(signal);
    if (error instanceof FileRefusal && error.code === 'TOO_LARGE')
      throw new MusterError('TOO_LARGE', `${name}: files of more than 2 GiB are not read`);
    throw new UsageError(t('cannot read {0}: {1}', printable(name), fileFault(error)));
  }
}

/** The number of the type with that name, or of the one that people look at first. @throws UsageError */
export function readValueType({ valueTypes, defaultValueType }: Profile, name: string | undefined): number {
  if (name === undefined) return defaultValueType;
  const found = valueTypes.findIndex((type) => type.name === name);
  if (found >= 0) return found;
  const names = valueTypes.map((type) => printable(type.name)).join(', ');
  throw new UsageError(t('--value-type: there is no {0}, but {1}', printable(name), names));
}

/** Rows to print; Infinity for all. @throws UsageError */
export function readNumber(text = '30'): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(t('--number: "{0}" is not a number', printable(text)));
  return Number(text) || Infinity;
}
