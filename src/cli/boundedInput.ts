import { createReadStream } from 'node:fs';
import path from 'node:path';
import { addAbortSignal } from 'node:stream';
import { cancelledBy } from '../core/deadline';
import { fileFault } from '../core/fileFault';
import type { Cli } from './cli';
import { UsageError } from './exitStatus';
import { t } from './l10n';

/** It is held in memory and sent to every host. */
const limitBytes = 64 * 1024 * 1024;

/** All of a file, or of our standard input if it is `-`. @throws UsageError naming `option`, MusterError CANCELLED */
export async function readBounded(
  file: string,
  option: string,
  { cwd, interruption: { signal } }: Cli,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    const stream = file === '-' ? process.stdin : createReadStream(path.resolve(cwd, file));
    for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limitBytes) throw new Error(t('it is larger than {0} MiB', limitBytes / 1024 ** 2));
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal.aborted) throw cancelledBy(signal);
    throw new UsageError(t('{0}: cannot read {1}: {2}', option, file, fileFault(error)));
  }
  return Buffer.concat(chunks);
}
