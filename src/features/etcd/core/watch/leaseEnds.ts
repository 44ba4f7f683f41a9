import type { WatchEvent } from './etcdWatchRecord';

/** Leases that are asked for in one batch of events at most, and at the same time. */
const maxQuestions = 256;
const questionsAtOnce = 16;
/** Leases that are known to have ended; they never come back. */
const maxRemembered = 10_000;

/** Finds out which keys went because their lease ended: etcd's events do not say. */
export class LeaseEnds {
  private readonly ended = new Set<string>();

  constructor(private readonly ask: (lease: string) => Promise<{ ttl: number | undefined }>) {}

  /** Sets `lease` of the deletions in `events`. Only what was changed after the revision `since` is seen in time. */
  async mark(events: readonly WatchEvent[], since: number): Promise<void> {
    const deletions = events.filter(
      ({ type, previous }) => type === 'delete' && previous?.lease !== undefined,
    );
    if (deletions.length === 0) return;
    const leases = [...new Set(deletions.map(({ previous }) => previous!.lease!))];
    const answers = new Map<string, 'ended' | 'lives'>();
    const questions = leases.filter((lease) => !this.ended.has(lease)).slice(0, maxQuestions);
    const worker = async () => {
      for (let lease = questions.pop(); lease !== undefined; lease = questions.pop()) {
        const name = lease;
        await this.ask(name).then(
          ({ ttl }) => answers.set(name, ttl === undefined ? 'ended' : 'lives'),
          () => {},
        );
      }
    };
    await Promise.all(Array.from({ length: questionsAtOnce }, worker));
    for (const event of deletions) {
      const lease = event.previous!.lease!;
      const remembered = this.ended.has(lease);
      const answer = remembered ? 'ended' : answers.get(lease);
      if (answer === 'ended') event.lease = event.revision > since ? 'expired' : 'maybe';
      else if (answer === undefined) event.lease = 'maybe';
    }
    for (const [lease, answer] of answers) if (answer === 'ended') this.remember(lease);
  }

  private remember(lease: string): void {
    if (this.ended.size >= maxRemembered) this.ended.clear();
    this.ended.add(lease);
  }
}
