import { pause } from '../../../platform/batch/deadline';
import { FileError } from '../../../platform/transport/files/fileError';
import type { FileSession, Giver } from '../../../platform/transport/files/fileSession';
import { childPath, inParallel, readEntries } from '../../../platform/transport/files/readFiles';
import { lstatIfThere } from '../../../platform/transport/files/saveFile';

/** Requests under way at a time. */
const atOnce = 64;

/**
 * Removes what a copy has made and not put into place, folders with all that is in them. What is gone is taken out of the set;
 * what is left in it could not be removed.
 * @throws MusterError when the connection is lost
 */
export async function removeTemporary(files: FileSession, paths: Set<string>, waiter: Giver): Promise<void> {
  await inParallel([...paths], atOnce, async (path) => {
    if (await remove(files, path, waiter)) paths.delete(path);
  });
}

/** What unpacks an archive may be ending while its files are removed. */
const attempts = { most: 5, pauseMs: 100 };

async function remove(files: FileSession, path: string, waiter: Giver): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      const there = await lstatIfThere(files, path, waiter);
      if (!there) return true;
      if (there.isDirectory()) await removeFolder(files, path, waiter);
      else await files.removeFile(path, waiter);
      return true;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      if (attempt === attempts.most) return false;
      await pause(attempts.pauseMs, undefined);
    }
  }
}

/** Links in it are removed and not followed. */
async function removeFolder(files: FileSession, folder: string, waiter: Giver): Promise<void> {
  const { found } = await readEntries(files, folder, waiter);
  await inParallel(found, atOnce, ({ name, stats }) =>
    stats.isDirectory()
      ? removeFolder(files, childPath(folder, name), waiter)
      : files.removeFile(childPath(folder, name), waiter),
  );
  await files.removeFolder(folder, waiter);
}
