import { setImmediate } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import type { CheckResult } from '../core/checkBatch';
import { errorCodes, type ErrorReport } from '../../../platform/errors/errors';
import type { CheckHistory } from './checkHistory';
import { type KeptStatus, type PastResult, resultLimit } from './resultColumns';

/**
 * The file: a line that names format and version, then a line for each check on each host,
 * `[last result, states, seconds, tenths of milliseconds, messages]`. Seconds are differences to the result before;
 * each message stands once in its line, and the results refer to it by number.
 */
const head = JSON.stringify({ format: 'muster-check-history', version: 1 });
const letters = { h: 'healthy', d: 'degraded', u: 'unhealthy' } as const;
/** Checks in one step: the extension host belongs to others, too. */
const step = 200;

type Line = [CheckResult, string, number[], number[], (string | number)[]];

export async function encodeHistory(history: CheckHistory): Promise<string> {
  const lines = [head];
  for (const [index, { host, check }] of history.keys().entries()) {
    const last = history.last(host, check);
    if (last) lines.push(JSON.stringify(lineOf(last, history.results(host, check))));
    if (index % step === step - 1) await setImmediate();
  }
  return `${lines.join('\n')}\n`;
}

/** Writes the file as a whole or not at all; only its owner may read it. */
export async function writeHistory(file: string, history: CheckHistory): Promise<void> {
  await writeFileAtomic(file, await encodeHistory(history), { encoding: 'utf8', mode: 0o600 });
}

/**
 * Adds what a file holds to a history; resolves to the number of lines that make no sense.
 * @throws RangeError when the file is of another format or version
 */
export async function decodeHistory(text: string, history: CheckHistory): Promise<number> {
  let end = text.indexOf('\n');
  if (text.slice(0, Math.max(0, end)) !== head) throw new RangeError('not a check history of version 1');
  let broken = 0;
  for (let index = 1; end >= 0 && end + 1 < text.length; index++) {
    const start = end + 1;
    end = text.indexOf('\n', start);
    const line = parseLine(text.slice(start, end < 0 ? undefined : end));
    if (line) history.restore(line.last, line.results);
    else broken++;
    if (index % step === 0) await setImmediate();
  }
  return broken;
}

function lineOf(last: CheckResult, results: readonly PastResult[]): Line {
  const texts: string[] = [];
  const messages = results.map(({ message }) => {
    const known = texts.indexOf(message);
    return known >= 0 ? known : (texts.push(message), message);
  });
  return [
    last,
    results.map(({ status }) => status[0]).join(''),
    results.map(({ at }, index) => (at - (results[index - 1]?.at ?? 0)) / 1000),
    results.map(({ latencyMs }) => Math.round(latencyMs * 10)),
    messages,
  ];
}

function parseLine(text: string): { last: CheckResult; results: PastResult[] } | undefined {
  try {
    const [last, states, seconds, tenths, messages] = JSON.parse(text) as Line;
    if (!isResult(last) || typeof states !== 'string' || states.length > resultLimit) return undefined;
    let at = 0;
    const texts: string[] = [];
    const results = [...states].map((letter, index): PastResult => {
      at += numberOf(seconds[index]) * 1000;
      const message = messages[index]!;
      if (typeof message === 'string') texts.push(message);
      const status = letters[letter as keyof typeof letters] as KeptStatus | undefined;
      if (!status) throw new RangeError(letter);
      return {
        at,
        status,
        latencyMs: numberOf(tenths[index]) / 10,
        message: textOf(typeof message === 'string' ? message : texts[message]),
      };
    });
    return results.length > 0 ? { last, results } : undefined;
  } catch {
    return undefined;
  }
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new RangeError(typeof value);
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new RangeError(typeof value);
  return value;
}

function isResult(value: CheckResult | undefined): value is CheckResult {
  return (
    typeof value === 'object' &&
    [value.host, value.check, value.message].every(
      (text) => typeof text === 'string' && !text.includes('\0'),
    ) &&
    Object.values(letters).includes(value.status as KeptStatus) &&
    Number.isFinite(value.latencyMs) &&
    (value.warning === undefined || typeof value.warning === 'string') &&
    (value.error === undefined || isError(value.error))
  );
}

function isError(value: ErrorReport): boolean {
  return (
    errorCodes.includes(value.code) &&
    typeof value.message === 'string' &&
    Array.isArray(value.causes) &&
    value.causes.every((cause) => typeof cause === 'string') &&
    (value.hint === undefined || typeof value.hint === 'string')
  );
}
