import { type KeptStatus, type PastResult } from './resultColumns';

export interface HistoryFigures {
  total: number;
  healthy: number;
  degraded: number;
  unhealthy: number;
  /** Nearest-rank percentiles of the latency of answers, in milliseconds; undefined without any. */
  latency: { p50: number; p95: number; p99: number; max: number } | undefined;
}

/** Failures do not count towards the latency: a refused connection is fast, and no answer. */
export function figuresOf(results: readonly PastResult[]): HistoryFigures {
  const count = (status: KeptStatus) => results.filter((result) => result.status === status).length;
  const answers = results
    .filter(({ status }) => status !== 'unhealthy')
    .map(({ latencyMs }) => latencyMs)
    .sort((a, b) => a - b);
  const rank = (percent: number) => answers[Math.max(0, Math.ceil((percent / 100) * answers.length) - 1)]!;
  return {
    total: results.length,
    healthy: count('healthy'),
    degraded: count('degraded'),
    unhealthy: count('unhealthy'),
    latency:
      answers.length > 0
        ? { p50: rank(50), p95: rank(95), p99: rank(99), max: answers[answers.length - 1]! }
        : undefined,
  };
}

export interface StateChange {
  at: number;
  from: KeptStatus;
  to: KeptStatus;
  /** Milliseconds that `from` is known to have lasted. */
  lastedMs: number;
}

/** Oldest first, as the results are. */
export function stateChangesOf(results: readonly PastResult[]): StateChange[] {
  const changes: StateChange[] = [];
  let since = results[0]?.at ?? 0;
  for (const [index, { at, status }] of results.entries()) {
    const from = results[index - 1]?.status ?? status;
    if (from === status) continue;
    changes.push({ at, from, to: status, lastedMs: at - since });
    since = at;
  }
  return changes;
}

const blocks = '▁▂▃▄▅▆▇█';
const failure = '×';

/** A character for each result, oldest first: the latency between the lowest and the highest, `×` for a failure. */
export function sparkline(results: readonly PastResult[]): string {
  const answers = results.filter(({ status }) => status !== 'unhealthy').map(({ latencyMs }) => latencyMs);
  const lowest = Math.min(...answers);
  const span = Math.max(...answers) - lowest;
  return results
    .map(({ status, latencyMs }) => {
      if (status === 'unhealthy') return failure;
      const share = span > 0 ? (latencyMs - lowest) / span : 0;
      return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))]!;
    })
    .join('');
}
