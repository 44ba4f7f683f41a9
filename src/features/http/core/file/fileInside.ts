import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { MusterError } from '../../../../platform/errors/errors';
import { fileFault } from '../../../../platform/files/fileFault';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';

/**
 * The whole path of a file that a file of requests names. It lies in the folder of that file: others are not its to give
 * away or to use. @throws MusterError USAGE naming the line
 */
export async function fileInside(folder: string, name: string, line: number): Promise<string> {
  const [inside, file] = await Promise.all([realpath(folder), realpath(path.resolve(folder, name))]).catch(
    (error: unknown) => {
      throw inLine(
        new MusterError('USAGE', t('cannot read {0}: {1}', printable(name, 200), fileFault(error))),
        line,
      );
    },
  );
  const way = path.relative(inside, file);
  if (way.split(path.sep)[0] !== '..' && !path.isAbsolute(way)) return file;
  throw inLine(
    new MusterError('USAGE', t('{0} is not in the folder of this file', printable(name, 200))),
    line,
  );
}

/** An error of the command line with the line of the file that it is about. */
export function inLine(error: unknown, line: number): unknown {
  return MusterError.is(error, 'USAGE')
    ? new MusterError('USAGE', t('line {0}: {1}', line, error.message))
    : error;
}
