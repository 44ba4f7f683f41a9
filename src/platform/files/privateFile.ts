import { randomUUID } from 'node:crypto';
// eslint-disable-next-line no-restricted-syntax -- what is opened is written, into a file made here
import { access, constants, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FileContent, writeInPlace } from './writeInPlace';

/** Mode of files with what may be secret, and of folders for them. */
export const privateMode = { file: 0o600, folder: 0o700 } as const;

/**
 * Writes a file that may hold secrets: only its owner reads it, also where a file that others could read was there
 * before. It is there whole, or as it was. A device, a pipe and what is open here are not replaced but written into.
 * @throws Error of the file system
 */
export async function writePrivateFile(file: string, content: FileContent): Promise<void> {
  if (await writeInPlace(file, content)) return;
  const target = await realpath(file).catch(() => file);
  const known = await stat(target).catch(() => undefined);
  // A file that is not to be written could still be replaced by whoever owns its folder.
  if (known) await access(target, constants.W_OK);
  const beside = join(dirname(target), `.${randomUUID()}.muster`);
  try {
    const handle = await open(beside, 'wx', privateMode.file);
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
