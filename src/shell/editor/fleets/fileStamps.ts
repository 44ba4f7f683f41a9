import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Tells files that changed: equal as long as every one has the time, size and inode that it had, or is absent still. */
export async function fileStamps(
  files: readonly string[],
  look: (file: string) => Promise<Stats> = stat,
): Promise<string> {
  const stamps = files.map(async (file) => {
    const found = await look(file).catch(() => undefined);
    return found ? `${file}:${found.mtimeMs}:${found.size}:${found.ino}` : file;
  });
  return (await Promise.all(stamps)).join('\n');
}
