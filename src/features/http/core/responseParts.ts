import type { Measurement } from '../../../platform/operation/measurement';
import { printable } from '../../../platform/text/printable';
import { bodyKey } from './foldResponses';
import type { HttpResult, KeptResponse } from './httpBatch';

/** What of a request takes time, in its order. */
export const phases = ['ssh', 'connect', 'tls', 'wait', 'body'] as const;

/** Milliseconds of each phase, summed up over redirects. */
export function phaseTimes(measurements: readonly Measurement[]): Partial<Record<string, number>> {
  const times: Partial<Record<string, number>> = {};
  for (const { name, value, attributes } of measurements)
    if (name === 'phase') times[`${attributes?.phase}`] = (times[`${attributes?.phase}`] ?? 0) + value;
  return times;
}

/** The status with its reason, or why there is none. */
export function outcomeOf({ response, error, status }: HttpResult): string {
  if (response) return printable(`${response.status} ${response.statusText}`.trimEnd(), 80);
  return error?.code ?? status;
}

/** Status and headers as HTTP writes them, without secrets. */
export function keptHeadLines({ protocol, status, statusText, headers }: KeptResponse): string[] {
  const first = printable(`${protocol === 'h2' ? 'HTTP/2' : 'HTTP/1'} ${status} ${statusText}`, 200);
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => printable(`${name}: ${value}`, 2_000)),
  );
  return [first, ...lines];
}

/** Results that have the same status, or failed alike. */
export interface OutcomeCount {
  outcome: string;
  results: readonly HttpResult[];
  /** How many different bodies they have. */
  bodies: number;
}

/** How many results came to what, the most frequent first. */
export function countOutcomes(results: readonly HttpResult[]): OutcomeCount[] {
  const byOutcome = new Map<string, HttpResult[]>();
  for (const result of results) {
    const outcome = result.response ? `${result.response.status}` : outcomeOf(result);
    byOutcome.set(outcome, [...(byOutcome.get(outcome) ?? []), result]);
  }
  return [...byOutcome]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([outcome, ofIt]) => ({
      ...{ outcome, results: ofIt },
      bodies: new Set(ofIt.flatMap(({ response }) => (response ? [bodyKey(response)] : []))).size,
    }));
}
