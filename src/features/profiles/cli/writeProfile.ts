import { resolve } from 'node:path';
import type { Profile } from '../core/model/profile';
import type { WrittenFormat } from '../core/formats/profileFormats';
import { lossIn, writtenProfile } from '../core/formats/writtenProfile';
import { printable } from '../../../platform/text/printable';
import { writeFault } from '../../../platform/files/fileFault';
import { writePrivateFile } from '../../../platform/files/privateFile';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';

export interface Written {
  to: WrittenFormat;
  name: string;
  valueType: number;
  /** A file; standard output if undefined or `-`. */
  output: string | undefined;
}

/** Writes a profile, whose bytes a terminal is never sent, and says what the format cannot hold. @throws UsageError */
export async function writeProfile(
  profile: Profile,
  { to, name, valueType, output = '-' }: Written,
  { cwd, terminal }: Cli,
): Promise<void> {
  if (output === '-' && to === 'pprof' && process.stdout.isTTY)
    throw new UsageError(t('the format is not text: name a file with --output'));
  for (const loss of lossIn(to, profile, valueType)) terminal.note(`muster: ${printable(loss, 500)}`);
  const parts = await writtenProfile(profile, to, name, valueType);
  if (output === '-') {
    for (const part of parts) await terminal.stdout.write(part);
    return;
  }
  try {
    await writePrivateFile(resolve(cwd, output), parts);
  } catch (error) {
    throw new UsageError(t('{0}: cannot write {1}: {2}', '--output', printable(output), writeFault(error)));
  }
}
