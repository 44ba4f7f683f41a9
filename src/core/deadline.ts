import { MusterError } from './errors';

/**
 * A time limit that can be paused while a person is asked something, joined to the batch's cancel.
 * `signal` aborts with a TIMEOUT or CANCELLED MusterError as its reason. Dispose it when the work has ended.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private startedAt = 0;
  private remainingMs: number;
  private pauses = 0;
  private readonly onCancel: () => void;

  /** `limitMs` of 0 or Infinity means no limit. */
  constructor(
    readonly limitMs: number,
    private readonly parent?: AbortSignal,
  ) {
    this.remainingMs = limitMs > 0 ? limitMs : Infinity;
    this.onCancel = () => this.controller.abort(cancelledBy(parent));
    if (parent?.aborted) this.onCancel();
    else {
      parent?.addEventListener('abort', this.onCancel, { once: true });
      this.start();
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Stops the clock until the returned function is called; pauses nest. */
  pause(): () => void {
    if (this.pauses++ === 0 && this.timer) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.remainingMs -= performance.now() - this.startedAt;
    }
    let resumed = false;
    return () => {
      if (resumed) return;
      resumed = true;
      if (--this.pauses === 0 && !this.signal.aborted) this.start();
    };
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.remainingMs = Infinity;
    this.parent?.removeEventListener('abort', this.onCancel);
  }

  private start(): void {
    if (this.remainingMs === Infinity) return;
    this.startedAt = performance.now();
    this.timer = setTimeout(
      () => {
        this.controller.abort(
          new MusterError('TIMEOUT', `no result within ${this.limitMs} ms`, {
            hint: 'The host may be down or slow: try a longer timeout.',
          }),
        );
      },
      Math.max(0, this.remainingMs),
    );
  }
}

/** The reason of an aborted signal as a CANCELLED error, whatever it was aborted with. */
export function cancelledBy(signal: AbortSignal | undefined): MusterError {
  const reason: unknown = signal?.reason;
  return reason instanceof MusterError
    ? reason
    : new MusterError('CANCELLED', 'cancelled', { cause: reason });
}
