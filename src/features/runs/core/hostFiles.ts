import type { RunResult } from './runBatch';

/** What holds how each host of a run ended, beside the files of their outputs. */
export const outcomesFile = 'outcomes.tsv';

/** Bytes of a name, so that a number and an ending go with it: file systems take 255. */
const mostBytes = 200;

/** A name that no file system takes for a path, a device or a hidden file. */
export function safeName(name: string): string {
  const safe = withinBytes(name.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[.-]+/, '_'));
  return safe === '' || /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(safe) ? `_${safe}` : safe;
}

function withinBytes(name: string): string {
  let bytes = 0;
  let kept = '';
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > mostBytes) break;
    kept += character;
  }
  return kept;
}

/** The names of the hosts' files without their endings: different ones, also to file systems that ignore case. */
export class FileNames {
  private readonly taken: Set<string>;

  constructor(reserved: readonly string[] = []) {
    this.taken = new Set(reserved);
  }

  of(host: string): string {
    const name = safeName(host);
    for (let number = 1; ; number++) {
      const free = number === 1 ? name : `${name}-${number}`;
      const key = free.normalize('NFC').toLowerCase();
      if (this.taken.has(key)) continue;
      this.taken.add(key);
      return free;
    }
  }
}

/** One line for each host, for scripts: names of hosts hold no tab. */
export function outcomeTable(results: readonly RunResult[]): string {
  const rows = results.map(({ host, status, exitCode, signal, error, droppedBytes, durationMs }) =>
    [host, status, exitCode ?? '', signal ?? '', error?.code ?? '', droppedBytes, durationMs].join('\t'),
  );
  return ['host\tstatus\texitCode\tsignal\terror\tdroppedBytes\tdurationMs', ...rows, ''].join('\n');
}
