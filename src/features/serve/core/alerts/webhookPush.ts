import { setTimeout as delay } from 'node:timers/promises';
import { toMusterError } from '../../../../platform/errors/errors';
import type { Logger } from '../../../../platform/host/host';
import { t } from '../../../../platform/l10n/l10n';
import { withoutCredentials } from '../../../../platform/redaction/withoutCredentials';
import { pauseAfter, type PushTimes, pushTimes } from './alertmanagerPush';
import { post, type Recipient, Refusal } from './recipient';

/** What a webhook is told of one change. */
export interface ChangeEvent {
  readonly status: 'firing' | 'resolved';
  readonly host: string;
  readonly check: string;
  /** The judgement that the check has now. */
  readonly verdict: string;
  readonly before?: string | undefined;
  readonly message: string;
  /** ISO 8601. */
  readonly time: string;
}

const most = { waiting: 1_000, atOnce: 100 } as const;

/** Posts changes to a webhook in their order: each once it was taken, the oldest given up when too many wait. */
export class WebhookPush {
  sent = 0;
  failed = 0;
  dropped = 0;
  private waiting: ChangeEvent[] = [];
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;
  private failures = 0;

  constructor(
    private readonly recipient: Recipient,
    private readonly logger: Logger,
    private readonly times: Pick<PushTimes, 'settle' | 'answer' | 'backoff'> = pushTimes,
  ) {}

  send(event: ChangeEvent): void {
    this.waiting.push(event);
    if (this.waiting.length > most.waiting) {
      this.waiting.shift();
      this.dropped++;
    }
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  /** Sends what waits within so many milliseconds; the rest is lost and counted. */
  async stop(limitMs: number): Promise<void> {
    this.closing.abort();
    await this.running;
    const signal = AbortSignal.timeout(limitMs);
    while (this.waiting.length > 0 && !signal.aborted) {
      if (await this.sendSome(signal)) continue;
      this.dropped += this.waiting.length;
      this.waiting = [];
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    // What changes together is sent together.
    await delay(this.times.settle, undefined, { signal }).catch(() => {});
    while (this.waiting.length > 0 && !signal.aborted) {
      if (await this.sendSome(signal)) continue;
      await delay(pauseAfter(this.failures, this.times.backoff), undefined, { signal }).catch(() => {});
    }
  }

  /** Whether there is nothing to wait for before the next ones. */
  private async sendSome(signal: AbortSignal): Promise<boolean> {
    const events = this.waiting.slice(0, most.atOnce);
    try {
      const limits = { signal, limitMs: this.times.answer };
      await post(this.recipient, { version: '1', source: 'muster', events }, limits);
      this.sent += events.length;
      this.failures = 0;
    } catch (error) {
      if (signal.aborted) return false;
      this.failed++;
      if (this.failures++ === 0) {
        const { origin } = new URL(this.recipient.url);
        this.logger.warn(
          t(
            'webhook: {0} did not accept changes: {1}',
            withoutCredentials(origin),
            toMusterError(error).message,
          ),
        );
      }
      if (!(error instanceof Refusal && error.isFinal)) return false;
      this.dropped += events.length;
    }
    const sent = new Set(events);
    this.waiting = this.waiting.filter((event) => !sent.has(event));
    return true;
  }
}
