import { setTimeout as delay } from 'node:timers/promises';
import { MusterError } from '../errors/errors';
import { t } from '../l10n/l10n';

/**
 * A time limit that can be paused while a person is asked something, joined to the batch's cancel.
 * It aborts once, with a TIMEOUT or CANCELLED MusterError as the reason. Dispose it when the work has ended.
 */
export class Deadline {
  /** Why it has aborted, if it has. */
  reason: MusterError | undefined;
  private readonly listeners = new Set<() => void>();
  private controller: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private startedAt = 0;
  private remainingMs: number;
  private pauses = 0;
  private readonly onCancel = () => this.abort(cancelledBy(this.parent));
  private leaveParent = () => {};

  /** `limitMs` of 0 or Infinity means no limit. */
  constructor(
    readonly limitMs: number,
    private readonly parent?: AbortSignal,
  ) {
    this.remainingMs = limitMs > 0 ? limitMs : Infinity;
    if (parent?.aborted) this.onCancel();
    else {
      if (parent) this.leaveParent = whenAborted(parent, this.onCancel);
      this.start();
    }
  }

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  /** For what takes a signal. Made when asked for: thousands of checks a second do without. */
  get signal(): AbortSignal {
    if (!this.controller) {
      const controller = new AbortController();
      this.controller = controller;
      this.onAbort(() => controller.abort(this.reason));
    }
    return this.controller.signal;
  }

  /** Calls `listener` when it aborts, at once if it has, unless the returned function was called before. */
  onAbort(listener: () => void): () => void {
    if (this.aborted) listener();
    else this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Stops the clock until the returned function is called; pauses nest. */
  pause(): () => void {
    if (this.pauses++ === 0 && this.timer) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.remainingMs -= performance.now() - this.startedAt;
    }
    let resumed = false;
    return () => {
      if (resumed) return;
      resumed = true;
      if (--this.pauses === 0 && !this.aborted) this.start();
    };
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.remainingMs = Infinity;
    this.leaveParent();
  }

  private start(): void {
    if (this.remainingMs === Infinity) return;
    this.startedAt = performance.now();
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.remainingMs = 0;
        // What has arrived while this process was busy is heard first.
        setImmediate(() => this.expire());
      },
      Math.max(0, this.remainingMs),
    );
  }

  private expire(): void {
    const isDisposed = this.remainingMs === Infinity;
    if (isDisposed || this.pauses > 0) return;
    this.abort(
      new MusterError('TIMEOUT', t('no result within {0}', limitText(this.limitMs)), {
        hint: t('The host may be down or slow: try a longer timeout.'),
      }),
    );
  }

  private abort(reason: MusterError): void {
    if (this.reason) return;
    this.reason = reason;
    for (const listener of this.listeners) listener();
  }
}

const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal aborts, unless the returned function was called before. All of them are one listener of
 * the signal, whose own cost more the more there are.
 */
function whenAborted(signal: AbortSignal, listener: () => void): () => void {
  let listeners = listenersOf.get(signal);
  if (!listeners) {
    const all = new Set<() => void>();
    signal.addEventListener('abort', () => all.forEach((one) => one()), { once: true });
    listenersOf.set(signal, (listeners = all));
  }
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function limitText(ms: number): string {
  return ms >= 1000 && ms % 100 === 0 ? t('{0} s', ms / 1000) : t('{0} ms', ms);
}

/** The reason of an aborted signal as a CANCELLED error, whatever it was aborted with. */
export function cancelledBy(signal: AbortSignal | undefined): MusterError {
  const reason: unknown = signal?.reason;
  if (reason instanceof MusterError) return reason;
  // What a signal is aborted with by default says nothing beyond that it was aborted.
  const cause = reason instanceof Error && reason.name === 'AbortError' ? undefined : reason;
  return new MusterError('CANCELLED', 'cancelled', { cause });
}

/**
 * What `work` comes to, but no later than `signal` aborts: work on a file that hangs cannot be ended, only left behind.
 * @throws MusterError CANCELLED, and what `work` throws
 */
export async function orCancelled<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) return work();
  if (signal.aborted) throw cancelledBy(signal);
  let onAbort = () => {};
  const cancelled = new Promise<never>((_, reject) => (onAbort = () => reject(cancelledBy(signal))));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), cancelled]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Waits that many milliseconds, or until `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => {});
}
