import { stat } from 'node:fs/promises';
import path from 'node:path';
import { MusterError } from '../../../platform/errors/errors';
import { fileFault } from '../../../platform/files/fileFault';
import { printable } from '../../../platform/text/printable';
import type { Cli } from '../cli';
import { UsageError } from '../exitStatus';
import { t } from '../l10n';
import { readNamedFile } from '../namedFile';

/** A directory's passwords are shorter. */
const mostBytes = 4096;

/**
 * The first line of a file that only its owner reads, or of a pipe.
 * @throws UsageError naming `option`, MusterError CANCELLED
 */
export async function readPasswordFile(file: string, option: string, cli: Cli): Promise<string> {
  const fail = (why: string) => new UsageError(`${option}: ${why}`);
  if (file === '-')
    throw fail(t('standard input is that of the commands: name a file or a descriptor (/dev/fd/3)'));
  let bytes: Buffer;
  try {
    const status = await stat(path.resolve(cli.cwd, file));
    if (process.platform !== 'win32' && status.isFile() && (status.mode & 0o077) !== 0)
      throw fail(t('others can read {0}: chmod 600 it', printable(file)));
    bytes = await readNamedFile(file, mostBytes, cli);
  } catch (error) {
    if (error instanceof UsageError || MusterError.is(error)) throw error;
    throw fail(t('cannot read {0}: {1}', printable(file), fileFault(error)));
  }
  const [line = ''] = bytes.toString().split(/\r?\n/, 1);
  if (line === '') throw fail(t('the first line of {0} is empty', printable(file)));
  return line;
}
