import { roundMs } from './measurement';
import type { Operation } from './operation';

/** The phases of work that follow one another: each is measured when the next one is entered, or at the end. */
export class PhaseRecorder {
  private readonly startedAt = performance.now();
  private phase: string | undefined;
  private enteredAt = 0;

  constructor(private readonly operation: Operation) {}

  /** Entering the present phase goes on with it. */
  enter(phase: string): void {
    if (phase === this.phase) return;
    this.end();
    this.phase = phase;
    this.enteredAt = performance.now();
  }

  end(): void {
    if (this.phase === undefined) return;
    const { phase, enteredAt, startedAt } = this;
    this.phase = undefined;
    this.operation.record({
      ...{ name: 'phase', value: roundMs(performance.now() - enteredAt), unit: 'ms' },
      attributes: { phase, offsetMs: roundMs(enteredAt - startedAt) },
    });
  }
}
