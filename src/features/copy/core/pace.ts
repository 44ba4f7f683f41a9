import { pause } from '../../../platform/batch/deadline';

/** Milliseconds of the allowed rate that may pass at once. */
const burstMs = 100;

/** Bytes that all hosts of a batch together may move in a second. */
export class Pace {
  /** When what was taken so far is paid for. */
  private paidAt = 0;

  constructor(private readonly bytesPerSecond: number | undefined) {}

  /** Resolves when as many bytes may be moved; undefined where they may at once. */
  take(bytes: number, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (this.bytesPerSecond === undefined) return undefined;
    const now = performance.now();
    this.paidAt = Math.max(now, this.paidAt) + (bytes / this.bytesPerSecond) * 1000;
    const waitMs = this.paidAt - now - burstMs;
    return waitMs > 0 ? pause(waitMs, signal) : undefined;
  }
}
