import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { privateMode, writePrivateFile } from '../../../../platform/files/privateFile';
import type { FoldedGroup } from '../../core/fold';
import type { RunResult } from '../../core/runBatch';
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
  const taken = new Set<string>(['summary', 'outcomes']);
  for (const { host, status, stdout, stderr } of results) {
    if (status === 'skipped') continue;
    const name = freeName(safeName(host), taken);
    await writePrivateFile(join(folder, `${name}.out`), stdout);
    if (stderr !== '') await writePrivateFile(join(folder, `${name}.err`), stderr);
  }
  await writePrivateFile(join(folder, 'outcomes.tsv'), outcomeTable(results));
  await writePrivateFile(join(folder, 'summary.md'), `${runMarkdown(head, groups)}\n`);
  return folder;
}

/** One line for each host, for scripts: names of hosts hold no tab. */
function outcomeTable(results: readonly RunResult[]): string {
  const rows = results.map(({ host, status, exitCode, signal, error, droppedBytes }) =>
    [host, status, exitCode ?? '', signal ?? '', error?.code ?? '', droppedBytes].join('\t'),
  );
  return ['host\tstatus\texitCode\tsignal\terror\tdroppedBytes', ...rows, ''].join('\n');
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

/** A name that no file system takes for a path, a device or a hidden file. */
export function safeName(name: string): string {
  const safe = name
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^[.-]+/, '_')
    .slice(0, 120);
  return safe === '' || /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(safe) ? `_${safe}` : safe;
}

/** File systems may not tell upper from lower case. */
function freeName(name: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}-${number}`;
    if (taken.has(free.toLowerCase())) continue;
    taken.add(free.toLowerCase());
    return free;
  }
}
