import path from 'node:path';
import { exportPrefix } from '../../core/compare/exportPrefix';
import { formatOfFile, type PrefixFileFormat } from '../../core/compare/prefixFile';
import { printable } from '../../../../platform/text/printable';
import { writeFault } from '../../../../platform/files/fileFault';
import { writePrivateFile } from '../../../../platform/files/privateFile';
import type { EtcdWork } from '../etcdWork';
import { type EtcdOptions, readKey, readRevision } from '../etcdOptions';
import { exitStatus, UsageError } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { keyCount } from '../etcdOutput';

export interface ExportOptions extends EtcdOptions {
  output?: string;
  format?: string;
  rev?: string;
}

/** `muster etcd export`: a file is there whole, or not at all, and only its owner reads it. */
export const exportKeys: EtcdWork<ExportOptions> = async ([text], options, session, { terminal, cwd }) => {
  const { output = '-' } = options;
  const format = readFormat(options.format, output);
  const wanted = readRevision(options.rev, '--rev');
  const entry = session.entry(options.cluster);
  const prefix = text === undefined ? Buffer.from(entry.prefix) : readKey(text, options);
  const { etcd, call } = await session.open(entry);
  let keys = 0;
  const { revision, text: parts } = await exportPrefix(etcd, prefix, {
    ...{ format, cluster: entry.name, call, onProgress: (count) => (keys = count) },
    ...(wanted !== undefined && { revision: wanted }),
  });
  if (output === '-') {
    for await (const part of parts) {
      // Whoever read the output may have gone.
      call.signal.throwIfAborted();
      await terminal.stdout.write(part);
    }
    return exitStatus.ok;
  }
  const whole: Buffer[] = [];
  for await (const part of parts) whole.push(Buffer.from(part));
  try {
    await writePrivateFile(path.resolve(cwd, output), Buffer.concat(whole));
  } catch (error) {
    throw new UsageError(t('{0}: cannot write {1}: {2}', '--output', output, writeFault(error)));
  }
  terminal.note(t('{0} at revision {1} written to {2}', keyCount(keys), revision, printable(output)));
  return exitStatus.ok;
};

/** By the suffix of the file unless it is said. @throws UsageError */
function readFormat(format: string | undefined, output: string): PrefixFileFormat {
  if (format === undefined) return formatOfFile(output);
  if (format === 'yaml' || format === 'json') return format;
  throw new UsageError(t('--format: "{0}" is neither yaml nor json', format));
}
