import { pause } from '../../../platform/batch/deadline';
import { nextTick } from '../../../platform/batch/nextTick';
import { MusterError } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import type { Traced } from '../../../platform/batch/conduct';
import type { BatchControl } from '../../../shell/cli/batch';
import { hostCount, t } from '../../../shell/cli/l10n';
import type { Colors } from '../../../shell/cli/output/outputStream';
import { paintStatus } from '../../../shell/cli/output/status';
import type { Check } from '../core/check';
import { type CheckReport, type CheckResult, summarise } from '../core/checkBatch';
import { Steadiness } from '../core/steadiness';
import { foldChecks } from './checkReport';

type Result = Traced<CheckResult>;

/** One pass over the targets. */
export type Pass = (signal: AbortSignal, onResult: (result: Result) => void) => Promise<CheckReport>;

/** Between two passes of --wait. */
const betweenPassesMs = 1_000;

/** Makes passes until one is healthy all over, or for no longer than that; what was found last of each check is kept. */
export async function untilHealthy(
  pass: Pass,
  control: BatchControl<Result>,
  { waitMs, note }: { waitMs: number; note: (line: string) => void },
): Promise<CheckReport> {
  const startedAt = performance.now();
  const timeUp = new AbortController();
  const timer = setTimeout(
    () => timeUp.abort(new MusterError('CANCELLED', t('the time of --wait was up'))),
    waitMs,
  );
  const signal = AbortSignal.any([control.signal, timeUp.signal]);
  let last: CheckReport | undefined;
  let said = '';
  for (;;) {
    control.beginPass();
    const report = await pass(signal, control.count);
    const results = report.results.map((result, index) => lastVerdict(result, last?.results[index]));
    last = { ...report, results, summary: summarise(results, performance.now() - startedAt) };
    const { healthy, total } = last.summary;
    if (healthy === total || signal.aborted) break;
    const line = t('{0} of {1} healthy, checking again', healthy, total);
    if (line !== said) note((said = line));
    await pause(betweenPassesMs, signal);
    if (signal.aborted) break;
  }
  clearTimeout(timer);
  last.results.forEach(control.emit);
  return last;
}

/** What a pass did not come to does not take back what the one before has found. */
function lastVerdict(result: Result, before: Result | undefined): Result {
  return before && isCancelled(result) ? before : result;
}

function isCancelled({ status, error }: CheckResult): boolean {
  return status === 'skipped' && error?.code === 'CANCELLED';
}

/** A result of one of many passes. */
export interface RepeatedResult extends Result {
  /** When it was found. */
  time: string;
  /** Whether the state of the check is another one than before, or there was none. */
  changed: boolean;
}

export interface Repetition {
  report: CheckReport;
  passes: number;
  changes: number;
}

/** Makes passes at the beginning and every so many milliseconds from there, until it is stopped. */
export async function everyInterval(
  pass: Pass,
  control: BatchControl<Result>,
  {
    intervalMs,
    stop,
    checks,
    onPass,
  }: {
    intervalMs: number;
    stop: AbortSignal;
    checks: ReadonlyMap<string, Check>;
    /** `changed` is what has another state than in the pass before; all of it is new in the first one. */
    onPass: (report: CheckReport, changed: readonly RepeatedResult[]) => Promise<void>;
  },
): Promise<Repetition> {
  const startedAt = performance.now();
  const signal = AbortSignal.any([control.signal, stop]);
  const steadiness = new Steadiness();
  const states = new Map<string, RepeatedResult>();
  let [passes, changes, tick] = [0, 0, 0];
  for (;;) {
    const changed: RepeatedResult[] = [];
    const hold = (found: Result) => {
      if (isCancelled(found)) return;
      const key = `${found.host}\0${found.check}`;
      const held = steadiness.hold(found, checks.get(found.check)!);
      const isChange = stateOf(held) !== stateOf(states.get(key));
      const result = { ...held, time: new Date().toISOString(), changed: isChange };
      if (isChange) changed.push(result);
      states.set(key, result);
      control.emit(result);
    };
    const { results: found, ...report } = await pass(signal, hold);
    const results = found.map((result) => states.get(`${result.host}\0${result.check}`) ?? result);
    const held = { ...report, results, summary: summarise(results, report.summary.durationMs) };
    if (passes > 0) changes += changed.length;
    passes++;
    await onPass(held, changed);
    tick = nextTick(tick, performance.now() - startedAt, intervalMs);
    await pause(startedAt + tick * intervalMs - performance.now(), signal);
    if (signal.aborted) return { report: held, passes, changes };
  }
}

function stateOf(result: CheckResult | undefined): string {
  return result ? `${result.status} ${result.turning?.to ?? ''}` : '';
}

/** A line for each change, hosts with the same one folded. */
export function changesText(changed: readonly RepeatedResult[], colors: Colors): string {
  const groups = new Map<string, RepeatedResult[]>();
  for (const result of changed) {
    const state = stateOf(result);
    groups.set(state, [...(groups.get(state) ?? []), result]);
  }
  return [...groups.values()]
    .flatMap((group) => foldChecks(group))
    .map(({ hostSet, count, result }) => {
      const { status, check, turning, message, error } = result;
      const time = changed[0]!.time.replace(/\.\d+/, '');
      const word = paintStatus(colors, status, t(status).padEnd(9));
      const hosts = count > 1 ? ` (${hostCount(count)})` : '';
      const code = error && error.code !== 'EXPECTATION' ? `${error.code}: ` : '';
      return [
        `${colors.dim(time)}  ${word}  ${colors.bold(hostSet)}${hosts}  ${check}  `,
        turning ? `${turningText(turning)}: ` : '',
        `${code}${printable(message, 300)}\n`,
      ].join('');
    })
    .join('');
}

function turningText({ to, count, of }: NonNullable<CheckResult['turning']>): string {
  return t('{0} {1} of {2} times', t(to), count, of);
}
