import { Deadline } from '../../../batch/deadline';
import { type MusterError, type Phase, toMusterError, type Whereabouts } from '../../../errors/errors';

/** Somebody who waits for an attempt: a Deadline, or an attempt that needs this one first. */
export interface Waiter {
  readonly reason: MusterError | undefined;
  onAbort(listener: () => void): () => void;
  /** Stops the waiter's clock until the returned function is called. */
  pause(): () => void;
}

/** Somebody for whom a person is asked. */
export interface Asker {
  /** Withdraws the question. */
  readonly signal: AbortSignal;
  /** Runs the question with every clock stopped. */
  paused<R>(question: () => Promise<R>): Promise<R>;
}

/**
 * Work that several wait for. A waiter that gives up is rejected alone; when the last one has left, or when the
 * attempt's own time is over, the work is aborted.
 */
export class SharedAttempt<T> implements Waiter, Asker {
  /** How far the work has come. */
  phase: Phase = 'connect';
  /** Whether the peer has sent anything. */
  isHeard = false;
  /** Settles when the work has ended and released what it held. */
  readonly result: Promise<T>;
  private readonly cancel = new AbortController();
  private readonly deadline: Deadline;
  private readonly waiters = new Set<{ waiter: Waiter; resume?: () => void }>();
  private pauses = 0;
  /** What this one needs first. */
  private awaited: SharedAttempt<unknown> | undefined;

  /** @param limitMs time for the work, in which a person's thinking does not count */
  constructor(
    limitMs: number,
    work: (attempt: SharedAttempt<T>) => Promise<T>,
    private readonly peer?: string,
  ) {
    this.deadline = new Deadline(limitMs, this.cancel.signal);
    this.result = Promise.resolve()
      .then(() => work(this))
      .catch((error: unknown) => {
        // Withdraws what a person is still asked.
        this.abort(error);
        throw error;
      })
      .finally(() => this.deadline.dispose());
    this.result.catch(() => {});
  }

  /** What is waited for now. */
  get whereabouts(): Pick<Whereabouts, 'phase' | 'peer' | 'isSilent'> {
    const { phase, peer, isHeard } = this;
    return this.awaited?.whereabouts ?? { phase, peer, isSilent: !isHeard };
  }

  get reason(): MusterError | undefined {
    return this.deadline.reason;
  }

  get signal(): AbortSignal {
    return this.deadline.signal;
  }

  onAbort(listener: () => void): () => void {
    return this.deadline.onAbort(listener);
  }

  /** @throws MusterError the attempt's, or why this waiter gave up */
  join(waiter: Waiter): Promise<T> {
    return new Promise((resolve, reject) => {
      const place = { waiter, resume: this.pauses > 0 ? waiter.pause() : undefined };
      this.waiters.add(place);
      if (waiter instanceof SharedAttempt) waiter.awaited = this;
      const leave = () => {
        this.waiters.delete(place);
        place.resume?.();
        if (waiter instanceof SharedAttempt) waiter.awaited = undefined;
      };
      const forget = waiter.onAbort(() => {
        const { whereabouts } = this;
        leave();
        if (this.waiters.size === 0) this.abort(waiter.reason);
        reject(toMusterError(waiter.reason, whereabouts));
      });
      const settled = () => {
        forget();
        leave();
      };
      this.result.finally(settled).then(resolve, reject);
    });
  }

  abort(reason: unknown): void {
    this.cancel.abort(reason);
  }

  pause(): () => void {
    if (this.pauses++ === 0) {
      for (const place of this.waiters) place.resume = place.waiter.pause();
    }
    const resume = this.deadline.pause();
    let resumed = false;
    return () => {
      if (resumed) return;
      resumed = true;
      resume();
      if (--this.pauses > 0) return;
      for (const place of this.waiters) place.resume?.();
    };
  }

  /** Runs something that a person is asked, with every clock stopped. */
  async paused<R>(question: () => Promise<R>): Promise<R> {
    const resume = this.pause();
    try {
      return await question();
    } finally {
      resume();
    }
  }
}
