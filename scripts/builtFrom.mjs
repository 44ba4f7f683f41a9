// The commit that a build is made from.
import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * The commit of the sources, whether they differ from it, and its day as YYYY-MM-DD. All are null where the folder is not a
 * clone of its own, such as an unpacked archive, or git cannot say.
 */
export async function sourceOf(folder) {
  const git = async (...args) => (await promisify(execFile)('git', ['-C', folder, ...args])).stdout.trim();
  try {
    // An archive that was unpacked within another repository has nothing to do with the commits of that.
    if ((await git('rev-parse', '--show-toplevel')) !== (await realpath(folder)))
      throw new Error('it is part of another clone');
    const [commit, date] = (await git('show', '--no-patch', '--format=%H %cs', 'HEAD')).split(' ');
    return { commit, date, modified: (await git('status', '--porcelain')) !== '' };
  } catch {
    return { commit: null, date: null, modified: null };
  }
}
