import { cancelledBy } from '../batch/deadline';

/** Asks a question once for all who need its answer at the same time; it is withdrawn when nobody waits for it. */
export class SharedQuestions<Answer> {
  private readonly open = new Map<
    string,
    { answer: Promise<Answer>; askers: number; withdraw: AbortController }
  >();

  /** @throws MusterError CANCELLED or whatever `signal` was aborted with */
  async ask(
    key: string,
    signal: AbortSignal,
    question: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    if (signal.aborted) throw cancelledBy(signal);
    let shared = this.open.get(key);
    if (!shared) {
      const withdraw = new AbortController();
      const answer = question(withdraw.signal).finally(() => this.forget(key, withdraw));
      answer.catch(() => {});
      this.open.set(key, (shared = { answer, askers: 0, withdraw }));
    }
    const { answer, withdraw } = shared;
    shared.askers++;
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(cancelledBy(signal));
      // Asking may have had this effect already.
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([answer, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      if (--shared.askers === 0) {
        this.forget(key, withdraw);
        withdraw.abort();
      }
    }
  }

  private forget(key: string, withdraw: AbortController): void {
    if (this.open.get(key)?.withdraw === withdraw) this.open.delete(key);
  }
}
