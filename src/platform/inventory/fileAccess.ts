import { cancelledBy, orCancelled } from '../batch/deadline';
import { MusterError } from '../errors/errors';
import { fileFault } from '../files/fileFault';
import { globFiles, globLimits, type Matches } from '../files/fileGlob';
import { listFolder } from '../files/listFolder';
import { largestFile, readRegularText } from '../files/regularFile';
import { t } from '../l10n/l10n';
import type { Problem } from './model';

export interface FileOptions {
  /** Replaces reading from disk, e.g. by the editor's unsaved text. */
  readFile?: (file: string) => Promise<string>;
  /** The names in a folder; replaces reading it from disk. */
  readFolder?: (folder: string) => Promise<string[]>;
  /** Asked before anything is looked at: why a file or a folder is not to be read, if so. */
  refuse?: (path: string, kind: 'file' | 'folder') => Promise<PathRefusal | undefined>;
  signal?: AbortSignal;
}

/** Why a path that a file names is not even looked at. */
export interface PathRefusal {
  /** As it follows “cannot read FILE: ”. */
  reason: string;
  severity: Problem['severity'];
}

/** What one inventory is read from at most: files, and characters in all of them. */
const mostFiles = 20_000;
const mostCharacters = 256 * 1024 ** 2;

/** Reads what an inventory consists of. */
export class FileAccess {
  private files = 0;
  private characters = 0;

  constructor(private readonly options: FileOptions = {}) {}

  /** @throws MusterError INVENTORY when the file cannot be read or is refused, CANCELLED */
  async read(file: string): Promise<string> {
    await this.refuse(file, 'file');
    if (++this.files > mostFiles) throw cannotRead(file, t('more than {0} files are imported', mostFiles));
    const text = await this.attempt(file, () => (this.options.readFile ?? readInventoryText)(file));
    this.characters += text.length;
    if (this.characters > mostCharacters) {
      const why = t('all that is imported is larger than {0} MiB', mostCharacters / 1024 ** 2);
      throw cannotRead(file, why);
    }
    return text;
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

  /** The names in a folder in order; none if there is no such folder. @throws MusterError INVENTORY when it is refused, CANCELLED */
  async list(folder: string, most: number = globLimits.entries): Promise<string[]> {
    await this.refuse(folder, 'folder');
    try {
      const read = this.options.readFolder ?? ((path: string) => listFolder(path, most));
      return (await this.attempt(folder, () => read(folder))).sort();
    } catch (error) {
      if (MusterError.is(error, 'CANCELLED')) throw error;
      return [];
    }
  }

  /** The files that a pattern names, see `globFiles`. */
  glob(pattern: string): Promise<Matches> {
    return globFiles(pattern, (folder, most) => this.list(folder, most));
  }

  private async refuse(path: string, kind: 'file' | 'folder'): Promise<void> {
    const refusal = await this.options.refuse?.(path, kind);
    if (refusal) throw cannotRead(path, refusal.reason, new RefusedPath(refusal));
  }

  private async attempt<T>(target: string, read: () => Promise<T>): Promise<T> {
    const { signal } = this.options;
    try {
      return await orCancelled(signal, read);
    } catch (error) {
      if (signal?.aborted) throw cancelledBy(signal);
      throw cannotRead(target, fileFault(error), error);
    }
  }
}

/** The cause of an error about a path that was not looked at. */
class RefusedPath extends Error {
  constructor(readonly refusal: PathRefusal) {
    super(refusal.reason);
  }
}

/** The refusal that an error is about, undefined for any other error. */
export function refusalOf(error: unknown): PathRefusal | undefined {
  const { cause } = error as { cause?: unknown };
  return cause instanceof RefusedPath ? cause.refusal : undefined;
}

/** A file of an inventory as it is on disk. @throws FileRefusal, and what opening and reading throw */
export function readInventoryText(file: string): Promise<string> {
  return readRegularText(file, largestFile.inventory);
}

function cannotRead(target: string, why: string, cause?: unknown): MusterError {
  return new MusterError('INVENTORY', t('cannot read {0}: {1}', target, why), {
    phase: 'inventory',
    cause,
  });
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code);
}

function isAbsent(error: unknown): boolean {
  const code = codeOf((error as Error).cause);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
