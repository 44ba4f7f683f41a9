import { createHash } from 'node:crypto';
import { FileError } from '../../../platform/transport/files/fileError';
import { childPath, inParallel } from '../../../platform/transport/files/readFiles';
import { commandOn, type Reached } from './reachedHost';

/** Requests of one file under way, where the host has no command that computes. */
const readsAtOnce = 16;

/** Writes the names of a folder's files, separated by NUL, to whatever computes SHA-256 there. */
const script = `cd -- "$1" 2>/dev/null || exit 97
if command -v sha256sum >/dev/null 2>&1; then set -- sha256sum
elif command -v shasum >/dev/null 2>&1; then set -- shasum -a 256
elif command -v sha256 >/dev/null 2>&1; then set -- sha256 -r
else exit 97; fi
exec xargs -0 "$@"`;

/**
 * SHA-256 of files of a host by their paths below `base`: computed there in one command where that goes, else of what is read.
 * What cannot be read is left out.
 * @throws MusterError
 */
export async function hashesOnHost(
  reached: Reached,
  base: string,
  paths: readonly string[],
): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const known = await computedThere(reached, base, paths).catch((error: unknown) => {
    if (reached.files.isClosed || reached.waiter.reason) throw error;
    return new Map<string, string>();
  });
  const left = paths.filter((path) => !known.has(path));
  await inParallel(left, 4, async (path) => {
    const hash = await readHash(reached, childPath(base, path));
    if (hash !== undefined) known.set(path, hash);
  });
  return known;
}

async function computedThere(
  reached: Reached,
  base: string,
  paths: readonly string[],
): Promise<Map<string, string>> {
  const names = paths.map((path) => `./${path}\0`).join('');
  const command = await commandOn(reached, script, [base], 2 * names.length + 100 * paths.length);
  command.stdin.end(names);
  const { stdout } = await command.end;
  return hashesIn(stdout, new Set(paths));
}

/** `HASH  ./NAME` in each line; names with a line break are written with `\n`, after a backslash. */
export function hashesIn(output: string, asked: ReadonlySet<string>): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [, escaped, hash, name] = /^(\\?)([0-9a-f]{64}) [ *]?\.\/(.+)$/.exec(line) ?? [];
    if (hash === undefined || name === undefined) continue;
    const path = escaped ? name.replace(/\\([\\nr])/g, (_, letter: string) => unescaped[letter]!) : name;
    if (asked.has(path)) hashes.set(path, hash);
  }
  return hashes;
}

const unescaped: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r' };

/** Reads the file itself; undefined where that is refused. */
async function readHash({ files, waiter }: Reached, path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  const size = files.largestChunk;
  try {
    const handle = await files.open(path, 'r', waiter);
    try {
      for (let at = 0; ;) {
        const parts = await Promise.all(
          Array.from({ length: readsAtOnce }, async (_, index) => {
            const buffer = Buffer.allocUnsafe(size);
            const place = { at: at + index * size, length: size, into: 0 };
            return buffer.subarray(0, await files.read(path, handle, buffer, place, waiter));
          }),
        );
        for (const part of parts) {
          hash.update(part);
          at += part.length;
          if (part.length === 0) return hash.digest('hex');
          // A server may give less than it was asked for: what comes after is asked for again.
          if (part.length < size) break;
        }
      }
    } finally {
      files.release(handle);
    }
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
