import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import writeFileAtomic from 'write-file-atomic';
import { makeFolder } from '../../../../platform/files/makeFolder';
import { largestFile, readRegularText } from '../../../../platform/files/regularFile';
import { type CaptureDetails, readCapture, type StoredCapture } from './storedCapture';

const suffix = '.capture.json';
const partial = '.partial';
/** What no capture names is from a crash once it is that old, and of another window before. */
const orphanMs = 60 * 60_000;

export interface CaptureLimits {
  count: number;
  bytes: number;
}

/** The endings by which a profile is opened as a flame graph. */
export type CaptureEnding =
  | '.pb.gz'
  | '.pprof'
  | '.folded'
  | '.perf.txt'
  | '.speedscope.json'
  | '.cpuprofile'
  | '.heapprofile'
  | '.jfr';

/**
 * Captured profiles in a folder: a file each, and beside it what is known of it. The profile is whole before it is
 * listed, so that a crash leaves no half of a capture. Beyond the limits the oldest are removed.
 */
export class CaptureStore {
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly folder: string,
    private readonly limits: () => CaptureLimits,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Tells that captures were added or removed by this window. */
  onDidChange(listener: () => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  /**
   * Stores a profile. What fails, or is cancelled by the end of `content`, leaves nothing behind.
   * @throws Error of the file system
   */
  async add(
    details: CaptureDetails,
    ending: CaptureEnding,
    content: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<StoredCapture> {
    await makeFolder(this.folder, 0o700);
    const id = randomUUID();
    const file = `${nameOf(details, id)}${ending}`;
    const path = join(this.folder, file);
    try {
      const source = content instanceof Uint8Array ? Readable.from([content]) : content;
      await pipeline(source, createWriteStream(path + partial, { flags: 'wx', mode: 0o600 }));
      await rename(path + partial, path);
      const { size } = await stat(path);
      const capture: StoredCapture = { ...details, version: 1, id, file, bytes: size };
      await writeFileAtomic(path + suffix, JSON.stringify(capture), { encoding: 'utf8', mode: 0o600 });
      await this.prune().catch(this.onError);
      this.changed();
      return capture;
    } catch (error) {
      await Promise.all([path, path + partial].map((left) => rm(left, { force: true })));
      throw error;
    }
  }

  /** Newest first. Those without a profile, or that make no sense, are left out. */
  async all(): Promise<StoredCapture[]> {
    const names = new Set(await readdir(this.folder).catch((): string[] => []));
    const captures = await Promise.all(
      [...names]
        .filter((name) => name.endsWith(suffix))
        .map(async (name) =>
          readCapture(await readRegularText(join(this.folder, name), largestFile.own).catch(() => '')),
        ),
    );
    return captures
      .filter((capture) => capture !== undefined)
      .filter(({ file }) => names.has(file))
      .sort((a, b) => b.startedAt - a.startedAt);
  }

  /** The path of the profile. */
  pathOf({ file }: StoredCapture): string {
    return join(this.folder, file);
  }

  async remove(...captures: readonly StoredCapture[]): Promise<void> {
    for (const capture of captures) await this.removeFiles(capture);
    if (captures.length > 0) this.changed();
  }

  private async prune(): Promise<void> {
    const { count, bytes } = this.limits();
    const captures = await this.all();
    let size = 0;
    for (const [index, capture] of captures.entries()) {
      size += capture.bytes;
      // The newest is kept however big it is.
      if (index > 0 && (index >= count || size > bytes)) await this.removeFiles(capture);
    }
    const named = new Set(captures.flatMap(({ file }) => [file, file + suffix]));
    const oldest = Date.now() - orphanMs;
    for (const name of await readdir(this.folder)) {
      if (named.has(name)) continue;
      const path = join(this.folder, name);
      if ((await stat(path)).mtimeMs < oldest) await rm(path, { force: true });
    }
  }

  /** What names it goes first: what is listed is always there. */
  private async removeFiles(capture: StoredCapture): Promise<void> {
    const path = this.pathOf(capture);
    await rm(path + suffix, { force: true });
    await rm(path, { force: true });
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/** Tells people what it is when it is open in a tab. */
function nameOf({ hosts, service, startedAt }: CaptureDetails, id: string): string {
  const time = new Date(startedAt).toISOString().slice(0, 19).replace(/:/g, '-');
  const where = hosts.length === 1 ? hosts[0]! : `${hosts.length}-hosts`;
  const words = [service, where].map((word) => word.replace(/[^\w-]+/g, '_').slice(0, 60));
  return [...words.filter((word) => word !== ''), time, id.slice(0, 8)].join('-');
}
