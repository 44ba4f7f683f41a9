import { open, readdir } from 'node:fs/promises';
import { cancelledBy } from '../deadline';
import { MusterError } from '../errors';
import { fileFault } from '../fileFault';
import { globFiles } from '../fileGlob';
import { t } from '../l10n';

export interface FileOptions {
  /** Replaces reading from disk, e.g. by the editor's unsaved text. */
  readFile?: (file: string) => Promise<string>;
  /** The names in a folder; replaces reading it from disk. */
  readFolder?: (folder: string) => Promise<string[]>;
  signal?: AbortSignal;
}

/** A file larger than this is no inventory. */
const maxFileBytes = 32 * 1024 * 1024;

/** Reads what an inventory consists of. */
export class FileAccess {
  constructor(private readonly options: FileOptions = {}) {}

  /** @throws MusterError INVENTORY when the file cannot be read, CANCELLED */
  async read(file: string): Promise<string> {
    return this.attempt(file, () => (this.options.readFile ?? readTextFile)(file));
  }

  /** The text of a file that need not be there. @throws MusterError as `read` for any other failure */
  async readOptional(file: string): Promise<string | undefined> {
    try {
      return await this.read(file);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** The names in a folder in order; none if there is no such folder. */
  async list(folder: string): Promise<string[]> {
    try {
      const names = await this.attempt(folder, () => (this.options.readFolder ?? readdir)(folder));
      return names.sort();
    } catch (error) {
      if (MusterError.is(error, 'CANCELLED')) throw error;
      return [];
    }
  }

  /** The files that a pattern names, see `globFiles`. */
  glob(pattern: string): Promise<string[]> {
    return globFiles(pattern, (folder) => this.list(folder));
  }

  private async attempt<T>(target: string, read: () => Promise<T>): Promise<T> {
    const { signal } = this.options;
    if (signal?.aborted) throw cancelledBy(signal);
    try {
      return await read();
    } catch (error) {
      if (signal?.aborted) throw cancelledBy(signal);
      throw new MusterError('INVENTORY', t('cannot read {0}: {1}', target, fileFault(error)), {
        phase: 'inventory',
        cause: error,
      });
    }
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code);
}

function isAbsent(error: unknown): boolean {
  const code = codeOf((error as Error).cause);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function readTextFile(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > maxFileBytes) throw new RangeError(t('it is larger than {0} MiB', maxFileBytes / 1024 / 1024));
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
