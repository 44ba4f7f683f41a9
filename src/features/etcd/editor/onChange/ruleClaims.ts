import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../../platform/files/makeFolder';
import { largestFile, readRegularText } from '../../../../platform/files/regularFile';
import { isAlive } from '../../../../shell/editor/isAlive';

/** Which window runs the command of a rule by itself: the first that would have, until it closes. */
export class RuleClaims {
  constructor(private readonly folder: string) {}

  /** Whether it is this process's from now on. */
  async take(id: string): Promise<boolean> {
    const file = join(this.folder, id);
    await makeFolder(this.folder, 0o700);
    for (;;) {
      try {
        await writeFile(file, String(process.pid), { flag: 'wx', mode: 0o600 });
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = Number(await readRegularText(file, largestFile.own).catch(() => ''));
      if (owner === process.pid) return true;
      if (owner > 0 && isAlive(owner)) return false;
      await rm(file, { force: true });
    }
  }
}
