import type { Attributes, Measurement, Unit } from '../../../platform/operation/measurement';
import type { PhaseTimings } from './probe';

/** What one probe measures from its beginning on: its phases, and the numbers that it finds. */
export class ProbeMeasurements {
  readonly phases: PhaseTimings = {};
  readonly measurements: Measurement[] = [];
  private readonly startedAt = performance.now();

  /** A phase that began at `start` of `performance.now()` has ended; redirects go through the phases again. */
  phase(phase: Exclude<keyof PhaseTimings, 'total'>, start: number): void {
    const ms = performance.now() - start;
    this.phases[phase] = toHundredths((this.phases[phase] ?? 0) + ms);
    this.record('phase', toHundredths(ms), 'ms', { phase, offsetMs: toHundredths(start - this.startedAt) });
  }

  /** What is judged has happened: the milliseconds until now. */
  total(): number {
    const ms = toHundredths(performance.now() - this.startedAt);
    this.phases.total = ms;
    this.record('duration', ms, 'ms');
    return ms;
  }

  record(name: string, value: number, unit: Unit, attributes?: Attributes): void {
    // A certificate may have a date that makes no sense.
    if (Number.isFinite(value))
      this.measurements.push({ name, value, unit, ...(attributes && { attributes }) });
  }

  /** For a finding. */
  get found(): { phases: PhaseTimings; measurements: Measurement[] } {
    const { phases, measurements } = this;
    return { phases, measurements };
  }
}

function toHundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
