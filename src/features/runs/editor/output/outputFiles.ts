import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { privateMode, writePrivateFile } from '../../../../platform/files/privateFile';
import type { FoldedGroup } from '../../core/fold';
import type { RunResult } from '../../core/runBatch';
import { FileNames, outcomesFile, outcomeTable, safeName } from '../../core/hostFiles';
import { runMarkdown } from './runMarkdown';
import type { RunHead } from '../storedRun';

/**
 * Writes a file for each host's output as it was received, one for what it said on stderr, a table of how each host
 * ended, and a summary, into a new folder below `parent`. A host on which the command was never started has no file.
 * Nothing that is there is overwritten, and only the user reads it. Returns the folder.
 */
export async function saveOutput(
  parent: string,
  head: RunHead,
  results: readonly RunResult[],
  groups: readonly FoldedGroup[],
): Promise<string> {
  const stamp = new Date(head.startedAt).toISOString().replace(/[-:]|\..*$/g, '');
  const folder = await newFolder(join(parent, `${safeName(head.title).slice(0, 40)}-${stamp}`));
  const names = new FileNames(['summary', 'outcomes']);
  for (const { host, status, stdout, stderr } of results) {
    if (status === 'skipped') continue;
    const name = names.of(host);
    await writePrivateFile(join(folder, `${name}.out`), stdout);
    if (stderr !== '') await writePrivateFile(join(folder, `${name}.err`), stderr);
  }
  await writePrivateFile(join(folder, outcomesFile), outcomeTable(results));
  await writePrivateFile(join(folder, 'summary.md'), `${runMarkdown(head, groups)}\n`);
  return folder;
}

async function newFolder(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = number === 1 ? path : `${path}-${number}`;
    try {
      await mkdir(folder, { mode: privateMode.folder });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
