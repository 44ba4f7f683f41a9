import type { PhaseTimings } from './probe';

/** Milliseconds since `start` of `performance.now()`, with two decimals. */
export function elapsedMs(start: number): number {
  return toHundredths(performance.now() - start);
}

/** Adds the time since `start` to a phase; redirects go through the phases again. */
export function addElapsed(phases: PhaseTimings, phase: keyof PhaseTimings, start: number): void {
  phases[phase] = toHundredths((phases[phase] ?? 0) + performance.now() - start);
}

function toHundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
