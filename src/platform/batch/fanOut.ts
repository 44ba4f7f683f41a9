import { setMaxListeners } from 'node:events';
import { cancelledBy, Deadline, pause } from './deadline';
import { MusterError } from '../errors/errors';
import { t } from '../l10n/l10n';
import { descriptorRoom, rest } from '../errors/localLimit';
import { Turns } from './turns';

/** A count, or a share of all targets in percent. */
export type Share = { count: number } | { percent: number };

/** One bounded pass over targets, shared by checks and runs. */
export interface FanOut<Target, Result> {
  targets: readonly Target[];
  /** Targets in flight, at least 1; fewer where this process can have fewer connections open. */
  concurrency: number;
  /** Milliseconds for all of the work on one target; 0 means no limit. */
  deadlineMs(target: Target): number;
  /** Its sockets must close when the deadline's signal aborts. */
  work(target: Target, deadline: Deadline): Promise<Result>;
  /** The result of a target whose work threw. */
  failed(target: Target, error: unknown, elapsedMs: number): Result;
  /** The result of a target that was not begun. */
  skipped(target: Target, reason: MusterError): Result;
  isFailure(result: Result): boolean;
  /** Milliseconds after which a target is worked on once more; undefined if this result of so many attempts is its last. */
  again?: (target: Target, result: Result, attempts: number) => number | undefined;
  /**
   * By the number of a target, the groups of targets that must have ended before it begins. They stand before it, and
   * what is said of several targets is one and the same group.
   */
  waitsFor?: ReadonlyMap<number, readonly (readonly number[])[]>;
  /** Stop beginning targets once more than this have failed; what is in flight still ends. */
  maxFailures?: Share;
  /** Sizes of successive batches, the last one repeated; a batch starts when the one before has ended. */
  serial?: readonly Share[];
  /** Milliseconds between two batches, which a cancel ends. */
  pauseMs?: number;
  signal?: AbortSignal;
  /** Called as each target ends, in the order of ending. */
  onResult?: (result: Result, target: Target) => void;
}

/** Milliseconds that the last one in flight waits for what this machine lacks, where its deadline is longer. */
const longestLackMs = 30_000;

/** Work that ignores its deadline holds its slot no longer than this many ms. */
const abandonAfterMs = 1_000;

/** Runs the work on every target and resolves to the results in the order of the targets; never rejects. */
export async function fanOut<Target, Result>(plan: FanOut<Target, Result>): Promise<Result[]> {
  const { targets } = plan;
  const results = new Array<Result>(targets.length);
  const tolerated = plan.maxFailures ? shareOf(plan.maxFailures, targets.length) : Infinity;
  let failures = 0;
  let begun = 0;
  // Each target in flight listens to the cancel of the batch: many listeners are no leak here.
  if (plan.signal) setMaxListeners(0, plan.signal);

  const concurrency = Math.max(1, Math.min(plan.concurrency, descriptorRoom()));

  const record = (index: number, result: Result) => {
    results[index] = result;
    if (plan.isFailure(result)) failures++;
    plan.onResult?.(result, targets[index]!);
    turns.ended(index);
  };
  const mayBegin = () => !plan.signal?.aborted && failures <= tolerated;
  const turns = new Turns(plan.waitsFor);
  /** The last results of those that are to be worked on once more. */
  const attempted = new Map<number, { result: Result; attempts: number }>();
  const take = (index: number, result: Result) => {
    const attempts = (attempted.get(index)?.attempts ?? 0) + 1;
    const waitMs = mayBegin() ? plan.again?.(targets[index]!, result, attempts) : undefined;
    if (waitMs === undefined) return record(index, result);
    attempted.set(index, { result, attempts });
    turns.later(index, waitMs);
  };

  plan.signal?.addEventListener('abort', turns.wake);
  for (const size of batchSizes(targets.length, plan.serial)) {
    if (begun > 0 && mayBegin()) await pause(plan.pauseMs ?? 0, plan.signal);
    if (!mayBegin()) break;
    turns.add(begun, size);
    begun += size;
    let workers = Math.min(concurrency, size);
    const worker = async () => {
      while (mayBegin()) {
        const index = turns.take();
        if (index === undefined) {
          if (!turns.isWaiting) break;
          await turns.change();
          continue;
        }
        const isAlone = workers === 1;
        const lacking = await workOn(plan, targets[index]!, isAlone, (result) => take(index, result));
        if (!lacking) continue;
        // Those in flight give back what this one lacks: it is tried again, with one less beside it.
        turns.again(index);
        if (!isAlone && workers > 1) break;
      }
      workers--;
    };
    await Promise.all(Array.from({ length: workers }, worker));
  }
  plan.signal?.removeEventListener('abort', turns.wake);

  const left = turns.left();
  for (let index = begun; index < targets.length; index++) left.push(index);
  const unbegun = left.filter((index) => !attempted.has(index));
  // What was found before the end came is what is known.
  for (const index of left) if (attempted.has(index)) record(index, attempted.get(index)!.result);
  if (unbegun.length > 0) {
    const reason = plan.signal?.aborted
      ? cancelledBy(plan.signal)
      : new MusterError(
          'CANCELLED',
          t('not begun: {0} of {1} targets had failed', failures, targets.length - unbegun.length),
          { hint: t('Raise --max-failures, or mend the failed targets first.') },
        );
    for (const index of unbegun) record(index, plan.skipped(targets[index]!, reason));
  }
  return results;
}

/**
 * Settles when the work has ended and its slot is free; the result is given as soon as there is one. There is none, and
 * it resolves to true, when this machine lacks what the work needs while others are in flight who will give it back;
 * who is alone waits for it until the deadline.
 */
async function workOn<Target, Result>(
  plan: FanOut<Target, Result>,
  target: Target,
  isAlone: boolean,
  give: (result: Result) => void,
): Promise<boolean> {
  const deadline = new Deadline(plan.deadlineMs(target), plan.signal);
  const startedAt = performance.now();
  let given = false;
  let lacking = false;
  const giveOnce = (result: Result) => {
    if (!given) give(result);
    given = true;
  };
  await new Promise<void>((resolve) => {
    let abandon: NodeJS.Timeout | undefined;
    // The work may keep what it has received, so it is heard first and abandoned only if it does not answer.
    const onAbort = () => {
      abandon = setTimeout(() => {
        giveOnce(plan.failed(target, deadline.reason, performance.now() - startedAt));
        resolve();
      }, abandonAfterMs);
    };
    const unhear = deadline.onAbort(onAbort);
    const work = async (): Promise<Result> => {
      for (;;) {
        try {
          return await plan.work(target, deadline);
        } catch (error) {
          if (!MusterError.is(error, 'LOCAL_LIMIT') || !isAlone) throw error;
          await rest();
          if (deadline.aborted || performance.now() - startedAt > longestLackMs) throw error;
        }
      }
    };
    work()
      .then(giveOnce, (error: unknown) => {
        if (MusterError.is(error, 'LOCAL_LIMIT')) {
          lacking = !isAlone && !given && !plan.signal?.aborted;
          if (!lacking) giveOnce(plan.skipped(target, error));
          return;
        }
        // A socket destroyed by the deadline fails in many ways; the deadline is why.
        const why: unknown = deadline.aborted && !MusterError.is(error) ? deadline.reason : error;
        giveOnce(plan.failed(target, why, performance.now() - startedAt));
      })
      .finally(() => {
        clearTimeout(abandon);
        unhear();
        resolve();
      });
  });
  deadline.dispose();
  return lacking;
}

/** `of` targets cut into batches; the last size repeats until none is left. */
export function batchSizes(of: number, serial: readonly Share[] | undefined): number[] {
  if (!serial || serial.length === 0) return of > 0 ? [of] : [];
  const sizes: number[] = [];
  for (let left = of, step = 0; left > 0; step++) {
    const share = serial[Math.min(step, serial.length - 1)]!;
    const size = Math.min(left, Math.max(1, shareOf(share, of)));
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

/** Which of the batches is under way, from 1, once `ended` targets have ended. */
export function batchAt(ended: number, sizes: readonly number[]): number {
  let end = 0;
  const index = sizes.findIndex((size) => ended < (end += size));
  return index < 0 ? sizes.length : index + 1;
}

function shareOf(share: Share, total: number): number {
  return 'count' in share ? share.count : Math.floor((share.percent / 100) * total);
}

/** Reads `10` or `25%`. @throws MusterError USAGE naming `option` */
export function parseShare(text: string, option: string): Share {
  const match = /^(\d+)(%?)$/.exec(text.trim());
  const value = Number(match?.[1]);
  if (!match || (match[2] && value > 100)) {
    throw new MusterError(
      'USAGE',
      t('{0}: "{1}" is neither a count nor a percentage from 0% to 100%', option, text),
    );
  }
  return match[2] ? { percent: value } : { count: value };
}

/** Reads the sizes of batches: `1,10%,50%`. @throws MusterError USAGE naming `option` */
export function parseSerial(text: string, option: string): Share[] {
  return text.split(',').map((size) => {
    const share = parseShare(size, option);
    // Of a percentage at least one target is taken, however few there are.
    if (('count' in share ? share.count : share.percent) > 0) return share;
    throw new MusterError('USAGE', t('{0}: a batch of "{1}" holds nothing', option, size.trim()));
  });
}
