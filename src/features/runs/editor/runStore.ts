import { createWriteStream, type WriteStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../platform/files/makeFolder';
import { largestFile, readRegularText, withRegularFile } from '../../../platform/files/regularFile';
import { isAlive } from '../../../shell/editor/isAlive';
import { type RunEnd, type RunHead, readRun, runLine, type StoredRun } from './storedRun';
import type { RunResult } from '../core/runBatch';

const suffix = '.run.ndjson';
/** Bytes read of each end of a file to list it: the head with thousands of names, and the end. */
const headBytes = 256 * 1024;
const endBytes = 4 * 1024;

export interface StoreLimits {
  count: number;
  bytes: number;
}

/** A run as it is listed, without its results. */
export interface ListedRun {
  head: RunHead;
  end?: RunEnd;
}

/** Writes down what a run receives, as it is received. */
export interface RunJournal {
  result(result: RunResult): void;
  /** Resolves when what came so far has been handed to the operating system, or could not be. */
  flush(): Promise<void>;
  /** Resolves when it is closed; tells whether all of it has been handed to the operating system. */
  end(end: RunEnd | undefined): Promise<boolean>;
}

/**
 * Runs in a folder: a file each, to which every result is appended as it comes. A crash loses nothing but a torn last
 * line; another window's files are never written to. Beyond the limits the oldest that have ended are removed.
 */
export class RunStore {
  constructor(
    private readonly folder: string,
    private readonly limits: () => StoreLimits,
    private readonly onError: (error: unknown) => void,
  ) {}

  async begin(head: RunHead): Promise<RunJournal> {
    await makeFolder(this.folder, 0o700);
    const stream = createWriteStream(this.fileOf(head), { flags: 'wx', mode: 0o600 });
    stream.on('error', this.onError);
    stream.write(runLine({ head }));
    return {
      result: (result) => void (stream.writable && stream.write(runLine({ result }))),
      flush: () => new Promise((resolve) => stream.write('', () => resolve())),
      end: async (end) => {
        if (end && stream.writable) stream.write(runLine({ end }));
        await closed(stream);
        await this.prune();
        return stream.errored === null;
      },
    };
  }

  /** Newest first. Files that make no sense are left out. */
  async list(): Promise<ListedRun[]> {
    const names = (await this.names()).reverse();
    const runs = await Promise.all(
      names.map((name) => listed(join(this.folder, name)).catch(() => undefined)),
    );
    return runs.filter((run) => run !== undefined);
  }

  /** undefined when it is gone or makes no sense. */
  async read(head: Pick<RunHead, 'id' | 'startedAt'>): Promise<StoredRun | undefined> {
    const text = await readRegularText(this.fileOf(head), largestFile.own).catch(() => undefined);
    return text === undefined ? undefined : readRun(text);
  }

  async remove(head: Pick<RunHead, 'id' | 'startedAt'>): Promise<void> {
    await rm(this.fileOf(head), { force: true });
  }

  /** Removes the oldest runs beyond the limits; never one that is under way. */
  async prune(): Promise<void> {
    const { count, bytes } = this.limits();
    let kept = 0;
    let size = 0;
    for (const name of (await this.names()).reverse()) {
      const file = join(this.folder, name);
      size += (await stat(file).catch(() => undefined))?.size ?? 0;
      kept++;
      // The newest is kept however big it is.
      if (kept === 1 || (kept <= count && size <= bytes)) continue;
      const run = await listed(file).catch(() => undefined);
      if (!run || !isUnderWay(run)) await rm(file, { force: true });
    }
  }

  /** Names begin with the time, so that their order is that of the runs. */
  private async names(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => name.endsWith(suffix)).sort();
  }

  private fileOf({ id, startedAt }: Pick<RunHead, 'id' | 'startedAt'>): string {
    return join(this.folder, `${String(startedAt).padStart(15, '0')}-${id.replace(/[^\w-]/g, '')}${suffix}`);
  }
}

/** Whether the process that runs it is still there. */
export function isUnderWay({ head, end }: ListedRun): boolean {
  return !end && isAlive(head.pid);
}

async function listed(path: string): Promise<ListedRun | undefined> {
  return withRegularFile(path, async (file, { size }) => {
    const read = async (position: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.toString('utf8', 0, bytesRead);
    };
    const begin = await read(0, Math.min(size, headBytes));
    const head = readRun(begin.slice(0, begin.indexOf('\n') + 1))?.head;
    if (!head) return undefined;
    const tail = await read(Math.max(0, size - endBytes), Math.min(size, endBytes));
    const last = tail.slice(0, -1).split('\n').at(-1) ?? '';
    const end = tail.endsWith('\n') ? readRun(`${runLine({ head })}${last}\n`)?.end : undefined;
    return { head, ...(end && { end }) };
  });
}

function closed(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve();
    stream.once('close', () => resolve());
    stream.end();
  });
}
