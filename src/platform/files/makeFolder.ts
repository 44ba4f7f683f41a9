import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing; resolves to the first that it has made. As `mkdir` with `recursive`,
 * which never ends where a folder is there and the system finds nothing in it, as below /proc.
 * @throws Error of the file system
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  try {
    await mkdir(path, mode);
    return path;
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) return isThere(path, error);
    const first = await makeFolder(above, mode);
    await mkdir(path, mode).catch((again: unknown) => isThere(path, again));
    return first ?? path;
  }
}

/** Whoever else made it, it is a folder. */
async function isThere(path: string, error: unknown): Promise<undefined> {
  const known = await stat(path).catch(() => undefined);
  if (!known?.isDirectory()) throw error;
}
