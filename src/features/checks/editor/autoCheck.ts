/** What the schedule needs of the world. */
export interface AutoCheckPort {
  /** Milliseconds since the epoch. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
  /** Milliseconds between checks; undefined while they are off. */
  interval(): number | undefined;
  /** Whether someone is looking, and the workspace is trusted. */
  mayRun(): boolean;
  /** Whether another check is under way, which this one waits for. */
  isBusy(): boolean;
  check(signal: AbortSignal): Promise<void>;
  failed(error: unknown): void;
}

export type AutoCheckState =
  { kind: 'off' } | { kind: 'paused' } | { kind: 'waiting'; until: number } | { kind: 'checking' };

const busyRetryMs = 5_000;
/** Node's timers overflow after 24 days. */
const longestMs = 86_400_000;

/** Checks on an interval; never two at a time, and at once when one is overdue after a pause. */
export class AutoCheck {
  private timer: NodeJS.Timeout | undefined;
  private due: number | undefined;
  private running: AbortController | undefined;
  private disposed = false;
  private followed: number | undefined;

  constructor(
    private readonly port: AutoCheckPort,
    private readonly changed: () => void = () => {},
  ) {}

  get state(): AutoCheckState {
    if (this.running) return { kind: 'checking' };
    if (this.due === undefined) return { kind: 'off' };
    return this.port.mayRun() ? { kind: 'waiting', until: this.due } : { kind: 'paused' };
  }

  /** To be called when the interval, the focus or the trust may have changed. */
  update(): void {
    if (this.disposed) return;
    clearTimeout(this.timer);
    const interval = this.port.interval();
    if (interval !== this.followed) {
      this.followed = interval;
      this.due =
        interval === undefined ? undefined : this.port.now() + jittered(interval, this.port.random());
      if (interval === undefined) this.running?.abort();
    }
    if (this.due !== undefined && !this.running && this.port.mayRun()) this.arm(this.due - this.port.now());
    this.changed();
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.running?.abort();
  }

  private arm(ms: number): void {
    this.timer = setTimeout(() => void this.run(), Math.min(longestMs, Math.max(0, ms)));
  }

  private async run(): Promise<void> {
    const interval = this.port.interval();
    if (this.disposed || this.running || interval === undefined || !this.port.mayRun()) return;
    if (this.port.isBusy()) return this.arm(jittered(Math.min(busyRetryMs, interval), this.port.random()));
    this.running = new AbortController();
    this.changed();
    try {
      await this.port.check(this.running.signal);
    } catch (error) {
      this.port.failed(error);
    } finally {
      this.running = undefined;
      if (this.due !== undefined) this.due = this.port.now() + jittered(interval, this.port.random());
      this.update();
    }
  }
}

/** The interval a tenth shorter to a tenth longer, so that many windows do not check in step. */
export function jittered(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (0.9 + random * 0.2));
}
