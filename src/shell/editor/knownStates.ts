/** A file as its owner tells: a time (seconds since the epoch, or a revision), and bytes. */
export interface FileState {
  mtime: number;
  size: number;
}

interface Known {
  state: FileState;
  /** What VS Code was told; the time in milliseconds. */
  shown: FileState;
  /** The size that it was told of the content that it has. */
  heldSize: number;
  /** Of the content that VS Code has. */
  digest?: string;
}

/** More files than this in one window are forgotten again, the oldest first. */
const maxKnown = 2_000;

/**
 * The files that VS Code has seen, and what it was told of them. VS Code takes a file for changed only when its time
 * grew and its size is another one (`FileService.validateWriteFile`), but a copy that keeps its time, a second edit
 * within the same second, or `80` that becomes `81`, is a change, too. So VS Code is told a time that grows with every
 * change, and a size one larger than the real one when that alone would not tell.
 */
export class KnownStates {
  private readonly known = new Map<string, Known>();

  get(key: string): Readonly<Known> | undefined {
    return this.known.get(key);
  }

  /** Takes note of what the owner tells, and gives what to show. A digest counts more than time and size. */
  observe(key: string, state: FileState, digest?: string): FileState {
    const before = this.known.get(key);
    const isSame =
      before &&
      (digest !== undefined && before.digest !== undefined
        ? digest === before.digest
        : same(before.state, state));
    if (isSame) {
      this.put(key, { ...before, state });
      return before.shown;
    }
    const mtime = laterThan(before, state);
    const heldSize = before?.heldSize ?? state.size;
    const size = before && state.size === heldSize ? state.size + 1 : state.size;
    // What VS Code has stays what it was read as; a change by others makes its digest worth nothing.
    this.put(key, { state, shown: { mtime, size }, heldSize });
    return { mtime, size };
  }

  /** VS Code has this content now: it has read or saved it. */
  hold(key: string, state: FileState, digest?: string): void {
    const before = this.known.get(key);
    const shown =
      before && same(before.state, state)
        ? before.shown
        : { mtime: laterThan(before, state), size: state.size };
    this.put(key, { state, shown, heldSize: shown.size, ...(digest !== undefined && { digest }) });
  }

  forget(key: string): void {
    this.known.delete(key);
  }

  private put(key: string, known: Known): void {
    this.known.delete(key);
    this.known.set(key, known);
    const [oldest] = this.known.keys();
    if (this.known.size > maxKnown && oldest !== undefined) this.known.delete(oldest);
  }
}

function laterThan(before: Known | undefined, { mtime }: FileState): number {
  return Math.max(mtime * 1000, (before?.shown.mtime ?? 0) + 1);
}

function same(a: FileState, b: FileState): boolean {
  return a.mtime === b.mtime && a.size === b.size;
}
