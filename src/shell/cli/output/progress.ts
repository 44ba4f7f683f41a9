import type { LiveLine, Terminal } from '../terminal/terminal';
import { t } from '../l10n';
import type { Colors, OutputStream } from './outputStream';
import { paintStatus, type Status } from './status';

/** Milliseconds between two drawings. */
const interval = 100;
/** A batch that ends sooner shows no progress. */
const quietFor = 200;

/** How much a batch is. */
export interface BatchSize {
  total: number;
  /** Milliseconds that the work on each target lasts by itself, if that is known. */
  lastsMs?: number | undefined;
  /** How far it is beside the targets that have ended. */
  live?: (() => string) | undefined;
}

/** A line that is drawn over itself. */
interface DrawnLine {
  draw(text: string): void;
  clear(): void;
  done(): void;
}

/** One of a carriage return and spaces. */
class PlainLine implements DrawnLine {
  constructor(private readonly output: OutputStream) {}

  draw(text: string): void {
    // Half of it, since each character may be two columns wide; a line that is full would go on in the next one.
    const room = (this.output.columns || 80) - 1;
    const fits = /^[\x20-\x7e·]*$/.test(text) ? room : Math.floor(room / 2);
    this.clear();
    void this.output.write(text.slice(0, fits));
  }

  clear(): void {
    void this.output.write(`\r${' '.repeat((this.output.columns || 80) - 1)}\r`);
  }

  done(): void {}
}

/** How far a batch is, as a live line on the terminal; none where stderr is none. */
export class Progress implements LiveLine {
  private readonly counts = new Map<Status, number>();
  private startedAt = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private line: DrawnLine | undefined;
  private visible = false;

  private constructor(
    private readonly terminal: Terminal,
    private readonly batch: BatchSize,
  ) {}

  static start(terminal: Terminal, batch: BatchSize, shown: boolean): Progress {
    const progress = new Progress(terminal, batch);
    if (shown && terminal.stderr.isTTY && process.env.TERM !== 'dumb') {
      progress.timer = setTimeout(() => void progress.begin(), quietFor);
      progress.timer.unref();
    }
    return progress;
  }

  count(status: Status): void {
    this.counts.set(status, (this.counts.get(status) ?? 0) + 1);
  }

  /** Another pass over the same targets begins. */
  restart(): void {
    this.counts.clear();
    this.startedAt = performance.now();
  }

  show(): void {
    this.visible = true;
    this.draw();
  }

  hide(): void {
    this.visible = false;
    this.line?.clear();
  }

  /** Takes the line away for good. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.terminal.setLive(undefined);
    this.line?.done();
  }

  private async begin(): Promise<void> {
    this.line = await this.newLine();
    if (!this.timer) return;
    this.timer = setInterval(() => this.draw(), interval);
    this.timer.unref();
    this.terminal.setLive(this);
  }

  /** Who wants no colours gets no other escape sequences either. */
  private async newLine(): Promise<DrawnLine> {
    const { stderr } = this.terminal;
    if (!stderr.colors.isColorSupported) return new PlainLine(stderr);
    const update = (await import('log-update')).createLogUpdate(process.stderr);
    return { draw: update, clear: () => update.clear(), done: () => update.done() };
  }

  private draw(): void {
    if (!this.visible) return;
    const elapsedMs = performance.now() - this.startedAt;
    this.line?.draw(formatProgress(this.counts, this.batch, elapsedMs, this.terminal.stderr.colors));
  }
}

/** e.g. `37/1000 · 35 healthy · 2 unhealthy · 412/s · 3 s`, or `0/3 · 7 s left` */
export function formatProgress(
  counts: ReadonlyMap<Status, number>,
  { total, lastsMs, live }: BatchSize,
  elapsedMs: number,
  colors: Colors,
): string {
  const done = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const perSecond = Math.round(done / Math.max(0.001, elapsedMs / 1000));
  return [
    colors.bold(`${done}/${total}`),
    ...[...counts].map(([status, count]) => paintStatus(colors, status, `${count} ${t(status)}`)),
    ...(live
      ? [colors.dim(live())]
      : lastsMs === undefined
        ? [colors.dim(`${perSecond}/s`), colors.dim(`${Math.floor(elapsedMs / 1000)} s`)]
        : [colors.dim(t('{0} s left', Math.max(0, Math.ceil((lastsMs - elapsedMs) / 1000))))]),
  ].join(' · ');
}
