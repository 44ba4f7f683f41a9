import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { FileError } from '../../../platform/transport/files/fileError';
import type { Reached } from './reachedHost';
import { lstatIfThere } from '../../../platform/transport/files/saveFile';
import { patient } from './transfer';

/**
 * Renames what was made on the host into its place, which has either the old or the new at any moment.
 * @param how whether something stood there when it was looked at, and the name that it is kept under
 * @throws MusterError; FileError `exists` where something appeared meanwhile
 */
export async function putIntoPlace(
  reached: Reached,
  from: string,
  to: string,
  how: { replaces: boolean; backup?: string },
): Promise<void> {
  const { files, waiter } = reached;
  const isTaken = how.replaces && (how.backup === undefined || (await backUp(reached, to, how.backup)));
  if (!isTaken) await moveTo(reached, from, to);
  else if (files.canReplace) await files.replace(from, to, waiter);
  else await exchange(reached, from, to);
}

/** Where nothing was when it was looked at. */
async function moveTo({ files, waiter, host }: Reached, from: string, to: string): Promise<void> {
  try {
    await files.rename(from, to, waiter);
  } catch (error) {
    if (!FileError.of(error, 'failed', 'exists') || !(await lstatIfThere(files, to, waiter))) throw error;
    throw new FileError('exists', t('{0} appeared while the copy was under way', printable(to, 300)), {
      ...{ host: host.name, cause: error },
      hint: t(
        'It was not replaced: copy again. Where hosts share a file system, a copy to one of them is enough.',
      ),
    });
  }
}

/** Whether what is backed up is still in its place. */
async function backUp({ files, waiter }: Reached, path: string, backup: string): Promise<boolean> {
  try {
    if (await files.hardLink(path, backup, waiter)) return true;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
  await files.rename(path, backup, waiter);
  return false;
}

/** For servers that replace nothing: the old one is moved aside, and back if the new one cannot take its place. */
async function exchange({ files, waiter }: Reached, from: string, to: string): Promise<void> {
  const aside = `${from}-old`;
  await files.rename(to, aside, waiter);
  try {
    await files.rename(from, to, waiter);
  } catch (error) {
    await files.rename(aside, to, patient);
    throw error;
  }
  await files.removeFile(aside, waiter);
}
