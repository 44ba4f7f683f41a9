import { stat } from 'node:fs/promises';
import { readRegularText } from '../../../files/regularFile';
import { whenDescriptorsAreFree } from '../../../errors/localLimit';

/** For how many milliseconds a file is taken as unchanged: a fan-out looks at the same ones for every host. */
const freshMs = 200;

interface CachedFile<Content> {
  version: string;
  checkedAt: number;
  /** Undefined if there is no such file. */
  content: Promise<Content | undefined>;
}

/** Files that are read once, and again when they change. */
export class FileCache<Content> {
  private readonly files = new Map<string, CachedFile<Content>>();
  private readonly checks = new Map<string, Promise<Content | undefined>>();

  /** Files of more than `maxBytes` are not read. */
  constructor(
    private readonly maxBytes: number,
    private readonly parse: (path: string, text: string) => Content | Promise<Content>,
    /** In place of reading from disk; it may refuse. */
    private readonly readText: (path: string, maxBytes: number) => Promise<string> = readRegularText,
  ) {}

  /** Resolves to undefined if there is no such file. @throws what reading or parsing throws */
  load(path: string): Promise<Content | undefined> {
    const cached = this.files.get(path);
    if (cached && performance.now() - cached.checkedAt < freshMs) return cached.content;
    let check = this.checks.get(path);
    if (!check) {
      const isExpired = () => this.checks.get(path) !== check;
      check = this.check(path, isExpired).finally(() => {
        if (!isExpired()) this.checks.delete(path);
      });
      this.checks.set(path, check);
    }
    return check;
  }

  /** Has the file looked at the next time; of a look that is under way nothing is kept. */
  expire(path: string): void {
    this.files.delete(path);
    this.checks.delete(path);
  }

  private async check(path: string, isExpired: () => boolean): Promise<Content | undefined> {
    try {
      const version = await versionOf(path);
      let cached = this.files.get(path);
      if (cached?.version !== version) {
        const content = version === '' ? Promise.resolve(undefined) : this.read(path);
        cached = { version, checkedAt: 0, content };
        if (!isExpired()) this.files.set(path, cached);
      }
      cached.checkedAt = performance.now();
      return await cached.content;
    } catch (error) {
      this.files.delete(path);
      throw error;
    }
  }

  private async read(path: string): Promise<Content> {
    const text = await whenDescriptorsAreFree(() => this.readText(path, this.maxBytes));
    return this.parse(path, text);
  }
}

/** Changes when the file does; empty if there is none. */
async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs}:${size}:${ino}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw error;
  }
}
