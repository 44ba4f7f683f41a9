import { readlink, realpath } from 'node:fs/promises';
import path from 'node:path';

/** Links that lead to one another, as the kernel follows them at most. */
const mostLinks = 40;

/** A folder, its own links resolved, and the names that lead on from there. */
interface Place {
  folder: string;
  names: string[];
}

/** Tells what lies in folders. */
export class FolderBounds {
  private resolved: Promise<readonly (readonly [named: string, real: string])[]> | undefined;

  /** @param folders absolute paths */
  constructor(private readonly folders: readonly string[]) {}

  /** Whether the path as it is written begins in one of the folders. */
  holds(target: string): boolean {
    return this.folders.some((folder) => restBelow(folder, path.resolve(target)) !== undefined);
  }

  /**
   * Whether the path lies in one of the folders once its links are resolved. Nothing outside of them is looked at: to
   * look is enough to send credentials to another machine. What is not there lies where it would be.
   */
  async has(target: string): Promise<boolean> {
    let place = await this.placeOf(path.resolve(target));
    let links = 0;
    while (place) {
      const name = place.names.shift();
      if (name === undefined) return true;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        place = await this.placeOf(path.dirname(place.folder), place.names);
        continue;
      }
      const next = path.join(place.folder, name);
      const link = await readlink(next).catch(() => undefined);
      if (link === undefined) place.folder = next;
      else if (++links > mostLinks) return false;
      else if (path.parse(link).root === '') place.names.unshift(...namesOf(link));
      else place = await this.placeOf(link, place.names);
    }
    return false;
  }

  /** Where a path begins, if that is in one of the folders; it is taken name by name, since `..` behind a link leads elsewhere. */
  private async placeOf(target: string, further: readonly string[] = []): Promise<Place | undefined> {
    this.resolved ??= Promise.all(
      this.folders.map(async (folder) => [folder, await realpath(folder).catch(() => folder)] as const),
    );
    for (const [named, real] of await this.resolved) {
      for (const folder of [named, real]) {
        const rest = restBelow(folder, target);
        if (rest !== undefined) return { folder: real, names: [...namesOf(rest), ...further] };
      }
    }
    return undefined;
  }
}

const namesOf = (target: string) => target.split(path.sep === '/' ? '/' : /[\\/]/);

/** What follows the folder in the path; undefined where it begins otherwise. */
function restBelow(folder: string, target: string): string | undefined {
  const [one, other] = [folder, target].map(comparable) as [string, string];
  const start = one.endsWith(path.sep) ? one : one + path.sep;
  if (other === one) return '';
  return other.startsWith(start) ? target.slice(start.length) : undefined;
}

/** Windows does not tell cases and kinds of slashes apart. */
function comparable(target: string): string {
  return path.sep === '/' ? target : target.replaceAll('/', path.sep).toLowerCase();
}
