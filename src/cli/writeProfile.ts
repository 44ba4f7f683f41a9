import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Profile } from '../core/profiles/profile';
import { toFolded } from '../core/profiles/toFolded';
import { toPprof } from '../core/profiles/toPprof';
import { toSpeedscope } from '../core/profiles/toSpeedscope';
import { printable } from '../core/printable';
import type { Cli } from './cli';
import { UsageError } from './exitStatus';
import { t } from './l10n';
import type { WrittenFormat } from './profileFormats';

export interface Written {
  to: WrittenFormat;
  name: string;
  valueType: number;
  /** A file; standard output if undefined or `-`. */
  output: string | undefined;
}

/** Writes a profile, whose bytes a terminal is never sent. @throws UsageError */
export async function writeProfile(
  profile: Profile,
  { to, name, valueType, output = '-' }: Written,
  { cwd, terminal }: Cli,
): Promise<void> {
  if (output === '-' && to === 'pprof' && process.stdout.isTTY)
    throw new UsageError(t('the format is no text: name a file with --output'));
  const parts = await partsOf(profile, to, name, valueType);
  if (output === '-') {
    for (const part of inChunks(parts)) await terminal.stdout.write(part);
    return;
  }
  try {
    await writeFile(resolve(cwd, output), Readable.from(inChunks(parts)));
  } catch (error) {
    throw new UsageError(
      t('{0}: cannot write {1}: {2}', '--output', printable(output), (error as Error).message),
    );
  }
}

async function partsOf(profile: Profile, to: WrittenFormat, name: string, valueType: number) {
  if (to === 'pprof') return [await toPprof(profile)];
  return to === 'folded' ? toFolded(profile, valueType) : toSpeedscope(profile, name);
}

/** Small parts together. */
function* inChunks(parts: Iterable<string | Uint8Array>): Generator<string | Uint8Array> {
  let text = '';
  for (const part of parts) {
    if (typeof part !== 'string') yield part;
    else if ((text += part).length > 65_536) {
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}
