import { cancelledBy } from '../../platform/batch/deadline';
import { fileFault } from '../../platform/files/fileFault';
import { largestFile } from '../../platform/files/regularFile';
import type { Cli } from './cli';
import { UsageError } from './exitStatus';
import { t } from './l10n';
import { readNamedFile } from './namedFile';

/**
 * All of a file that is named on the command line, see `readNamedFile`: it is held in memory and sent to every host.
 * @throws UsageError naming `option`, MusterError CANCELLED
 */
export async function readBounded(file: string, option: string, cli: Cli): Promise<Buffer> {
  const { signal } = cli.interruption;
  try {
    return await readNamedFile(file, largestFile.input, cli);
  } catch (error) {
    if (signal.aborted) throw cancelledBy(signal);
    throw new UsageError(t('{0}: cannot read {1}: {2}', option, file, fileFault(error)));
  }
}
