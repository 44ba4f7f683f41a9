import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { printable } from '../../../platform/text/printable';
import type { LocalContent } from './localContent';
import { pieceBytes } from './localContent';
import type { LocalItem } from './localTree';
import type { Pace } from './pace';
import { commandOn, type Reached } from './reachedHost';
import { endOfArchive, fitsTar, padding, tarHeader, type TarEntry } from './tarHeader';
import { noSpace } from './transfer';

/** A folder, or a file with its content, and where it is unpacked below the base. */
export interface Packed {
  path: string;
  item: LocalItem;
}

/** The last entry of the archive: without it the link was cut where one entry ends. */
const lastName = (tag: string) => `.end.muster-${tag}`;

/**
 * Unpacks what comes, and takes away what has come when that ends too early: the link may be gone by then, so that nobody
 * else can. It goes on after a signal, which ends `tar` only. GNU's `tar` writes 10 kB at a time unless it is asked for blocks
 * of 256 kB, and others do not read the variable that asks.
 */
const script = (sameOwner: boolean) => `LC_ALL=C; export LC_ALL
cd -- "$1" 2>/dev/null && command -v tar >/dev/null 2>&1 || exit 97
umask 077
trap : HUP INT TERM
TAR_OPTIONS=-b512 tar -xp${sameOwner ? '' : 'o'}f - && [ -f "$2" ] && rm -f -- "$2" && exit 0
find . -name ".*.muster-$3" -prune -exec rm -rf -- {} +
exit 98`;

export interface PackOptions {
  content: LocalContent;
  /** What the names of all temporary files end with. */
  tag: string;
  owners: boolean;
  pace: Pace;
  onBytes: (bytes: number) => void;
}

/** Whether an archive can say it. */
export function canPack({ path, item }: Packed): boolean {
  return item.kind !== 'link' && fitsTar(entryOf({ path, item }));
}

/**
 * Sends files as one stream to the host's `tar`; false where the host unpacks none, and then nothing is there.
 * @throws FileError noSpace, MusterError
 */
export async function sendPacked(
  reached: Reached,
  base: string,
  packed: readonly Packed[],
  options: PackOptions,
): Promise<boolean> {
  const last = lastName(options.tag);
  const command = await commandOn(reached, script(options.owners), [base, last, options.tag]);
  let ended = false;
  const end = command.end.finally(() => (ended = true));
  end.catch(() => {});
  const output = new PackedOutput(command.stdin, end, () => ended);
  let unpacked: Awaited<typeof end>;
  try {
    for (const entry of packed) {
      if (ended) break;
      await pack(entry, output, options, reached);
    }
    await output.add(tarHeader({ ...nothing, name: last }));
    await output.add(endOfArchive);
    await output.flush();
    command.stdin.end();
    unpacked = await end;
  } catch (error) {
    // What it unpacks still would be left behind: `end` rejects at once when it is cancelled, while the command goes on.
    await command.close();
    throw error;
  }
  const { exitCode, stderr } = unpacked;
  if (reached.waiter.reason) throw reached.waiter.reason;
  if (exitCode === 0) return true;
  if (/no space left|quota exceeded/i.test(stderr))
    throw noSpace(reached.host.name, base, new Error(printable(stderr, 300)));
  return false;
}

const nothing: Omit<TarEntry, 'name'> = { kind: 'file', size: 0, mode: 0o600, mtime: 0, uid: 0, gid: 0 };

function entryOf({ path, item }: Packed): TarEntry {
  const { size, mode, mtime, uid, gid } = item;
  if (item.kind !== 'folder') return { kind: 'file', name: path, size, mode, mtime, uid, gid };
  // Whoever owns a folder must be able to fill it first.
  return { kind: 'folder', name: path, size: 0, mode: mode | 0o700, mtime, uid, gid };
}

async function pack(
  entry: Packed,
  output: PackedOutput,
  { content, pace, onBytes }: PackOptions,
  { options: { deadline } }: Reached,
): Promise<void> {
  const { item } = entry;
  await output.add(tarHeader(entryOf(entry)));
  const give = async (bytes: Buffer) => {
    await pace.take(bytes.length, deadline.signal);
    await output.add(bytes);
    onBytes(bytes.length);
  };
  if (item.kind === 'folder' || item.size === 0) return;
  if (item.size <= pieceBytes) await give(await content.whole(item));
  else
    await content.with(item, async (piece) => {
      for (let index = 0; index * pieceBytes < item.size; index++) await give(await piece(index));
    });
  await output.add(padding(item.size));
}

/** Gathers small buffers, and waits where the host is slower. */
class PackedOutput {
  private waiting: Buffer[] = [];
  private bytes = 0;

  constructor(
    private readonly stdin: Writable,
    private readonly end: Promise<unknown>,
    private readonly hasEnded: () => boolean,
  ) {}

  add(buffer: Buffer): Promise<void> | undefined {
    if (buffer.length === 0) return undefined;
    this.waiting.push(buffer);
    this.bytes += buffer.length;
    return this.bytes < pieceBytes ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    const [first] = this.waiting;
    if (!first || this.hasEnded()) return;
    const buffer = this.waiting.length === 1 ? first : Buffer.concat(this.waiting);
    this.waiting = [];
    this.bytes = 0;
    if (this.stdin.write(buffer)) return;
    const settled = new AbortController();
    const drained = once(this.stdin, 'drain', { signal: settled.signal }).catch(() => {});
    await Promise.race([drained, this.end]);
    settled.abort();
  }
}
