/** A file as the host tells: seconds since the epoch, and bytes. */
export interface FileState {
  mtime: number;
  size: number;
}

interface Known {
  state: FileState;
  /** The modification time that VS Code was told, in milliseconds. */
  shownMs: number;
  /** Of the content that VS Code has. */
  digest?: string;
}

/** More files than this in one window are forgotten again, the oldest first. */
const maxKnown = 2_000;

/**
 * The files that VS Code has seen, and the times it was told. VS Code takes a file for changed only when its time grew,
 * but a copy that keeps its time, a restored backup or a second edit within the same second does not make it grow. So
 * VS Code is told a time that grows with every change.
 */
export class KnownStates {
  private readonly known = new Map<string, Known>();

  get(key: string): Readonly<Known> | undefined {
    return this.known.get(key);
  }

  /** Takes note of what the host tells, and gives the time to show. A digest counts more than time and size. */
  observe(key: string, state: FileState, digest?: string): number {
    const before = this.known.get(key);
    const isSame =
      before &&
      (digest !== undefined && before.digest !== undefined
        ? digest === before.digest
        : same(before.state, state));
    const shownMs = isSame ? before.shownMs : Math.max(state.mtime * 1000, (before?.shownMs ?? 0) + 1);
    // What VS Code has stays what it was read as; a change by others makes it worth nothing.
    this.put(key, { state, shownMs, ...(isSame && { digest: before.digest }) });
    return shownMs;
  }

  /** VS Code has this content now: it has read or saved it. */
  hold(key: string, state: FileState, digest: string | undefined): void {
    const before = this.known.get(key);
    const shownMs =
      before && same(before.state, state)
        ? before.shownMs
        : Math.max(state.mtime * 1000, (before?.shownMs ?? 0) + 1);
    this.put(key, { state, shownMs, ...(digest !== undefined && { digest }) });
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

function same(a: FileState, b: FileState): boolean {
  return a.mtime === b.mtime && a.size === b.size;
}
