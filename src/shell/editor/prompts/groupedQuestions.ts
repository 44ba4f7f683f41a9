/** How often the first question waits at most. */
const mostRounds = 8;

/** Questions that arrive together and are answered together, so that 800 unknown hosts are not 800 modals. */
export class GroupedQuestions<Question, Answer> {
  private waiting: { question: Question; answer: (answer: Answer) => void }[] = [];
  private asking = false;

  /**
   * @param ask puts one group to the user
   * @param gatherMs how long questions wait for one more; those that arrive while the user is asked form the next group
   */
  constructor(
    private readonly ask: (questions: readonly Question[]) => Promise<Answer>,
    private readonly gatherMs: number,
  ) {}

  /** Resolves to `otherwise` when the one who asks gives up first. */
  answer(question: Question, signal: AbortSignal, otherwise: Answer): Promise<Answer> {
    if (signal.aborted) return Promise.resolve(otherwise);
    return new Promise((resolve) => {
      const entry = {
        question,
        answer: (answer: Answer) => {
          signal.removeEventListener('abort', giveUp);
          resolve(answer);
        },
      };
      const giveUp = () => {
        this.waiting = this.waiting.filter((other) => other !== entry);
        resolve(otherwise);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(entry);
      if (!this.asking) void this.askAll();
    });
  }

  private async askAll(): Promise<void> {
    this.asking = true;
    try {
      while (this.waiting.length > 0) {
        await this.untilNoneFollows();
        const group = this.waiting;
        this.waiting = [];
        if (group.length === 0) continue;
        const answer = await this.ask(group.map(({ question }) => question));
        for (const entry of group) entry.answer(answer);
      }
    } finally {
      this.asking = false;
    }
  }

  /** Hosts answer at their own pace: as long as more ask, they are waited for, within bounds. */
  private async untilNoneFollows(): Promise<void> {
    for (let round = 0, seen = 0; round < mostRounds && this.waiting.length > seen; round++) {
      seen = this.waiting.length;
      await new Promise((resolve) => setTimeout(resolve, this.gatherMs));
    }
  }
}
