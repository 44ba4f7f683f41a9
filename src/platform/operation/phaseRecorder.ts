import { roundMs } from './measurement';
import type { Operation } from './operation';

/** The phases of work that follow one another: each is measured when the next one is entered, or at the end. */
export class PhaseRecorder {
  private startedAt: number | undefined;
  private entered: { phase: string; at: number } | undefined;

  constructor(private readonly operation: Operation) {}

  /** Entering the present phase goes on with it. */
  enter(phase: string): void {
    if (phase === this.entered?.phase) return;
    const at = performance.now();
    this.end(at);
    this.startedAt ??= at;
    this.entered = { phase, at };
  }

  end(now = performance.now()): void {
    if (!this.entered) return;
    const { phase, at } = this.entered;
    this.entered = undefined;
    this.operation.record({
      ...{ name: 'phase', value: roundMs(now - at), unit: 'ms' },
      attributes: { phase, offsetMs: roundMs(at - this.startedAt!) },
    });
  }
}
