import { setTimeout as delay } from 'node:timers/promises';
import { toMusterError } from '../../../../platform/errors/errors';
import type { Logger } from '../../../../platform/host/host';
import { t } from '../../../../platform/l10n/l10n';
import { withoutCredentials } from '../../../../platform/redaction/withoutCredentials';
import type { Alert } from './alert';
import { post, type Recipient } from './recipient';

/** Milliseconds. */
export interface PushTimes {
  readonly settle: number;
  readonly resend: number;
  /** For how long an end is told again: who took it may have been restarted right after. */
  readonly resolved: number;
  /** For how long an answer is waited for. */
  readonly answer: number;
  readonly backoff: { readonly first: number; readonly most: number };
}
export const pushTimes: PushTimes = {
  ...{ settle: 500, resend: 60_000, resolved: 900_000, answer: 10_000 },
  backoff: { first: 1_000, most: 60_000 },
};
/** Milliseconds until the next attempt, after so many that failed: twice as long each time. */
export function pauseAfter(failures: number, { first, most: longest }: PushTimes['backoff']): number {
  return Math.min(first * 2 ** (failures - 1), longest);
}

/** An alert that is not sent again ends by itself after so many resends, as those of Prometheus do. */
const lastingResends = 4;
/** Alerts of one request, and ends that are remembered at most. */
const most = { atOnce: 256, resolved: 10_000 } as const;

/** An alert as API v2 takes it. */
interface Posted extends Omit<Alert, 'startsAt'> {
  startsAt: string;
  endsAt: string;
  generatorURL?: string;
}

export interface AlertmanagerPorts {
  /** What is firing now. */
  readonly firing: () => Iterable<Alert>;
  readonly logger: Logger;
  /** Where people find this service. */
  readonly externalUrl?: string | undefined;
  readonly times?: PushTimes;
}

/**
 * Keeps one Alertmanager up to date: what is firing is sent when it changes and again every minute, what ended until it was
 * taken. There is no queue of messages: each attempt sends what is so then, so that a silence of hours costs nothing.
 */
export class AlertmanagerPush {
  sent = 0;
  failed = 0;
  /** Ends that were forgotten, because too many had not been taken. */
  dropped = 0;
  private readonly url: string;
  private readonly resolved = new Map<string, { alert: Alert; endedAt: number; isTaken: boolean }>();
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;
  private readonly times;
  private isChanged = true;
  private wake = () => {};
  private failures = 0;

  constructor(
    private readonly recipient: Recipient,
    private readonly ports: AlertmanagerPorts,
  ) {
    this.times = ports.times ?? pushTimes;
    this.url = `${recipient.url.replace(/\/+$/, '')}/api/v2/alerts`;
    this.running = this.run();
  }

  /** To be called when an alert begins or changes; with what has ended, when it ends. */
  changed(ended?: Alert): void {
    if (ended) {
      if (this.resolved.size >= most.resolved) this.forgetOldest();
      this.resolved.set(idOf(ended), { alert: ended, endedAt: Date.now(), isTaken: false });
    }
    this.isChanged = true;
    this.wake();
  }

  /** An end that was taken once is no loss. */
  private forgetOldest(): void {
    const [oldest] = this.resolved;
    this.resolved.delete(oldest![0]);
    if (!oldest![1].isTaken) this.dropped++;
  }

  /** Sends what was not sent yet within so many milliseconds. What is firing is not ended by that: nobody knows. */
  async stop(limitMs: number): Promise<void> {
    this.closing.abort();
    await this.running;
    if (!this.isChanged) return;
    await this.push(AbortSignal.timeout(limitMs)).catch((error: unknown) => this.note(error));
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await this.push(signal);
        if (this.failures > 0) this.ports.logger.info(t('alerts: {0} accepts them again', this.name));
        this.failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        this.note(error);
      }
      await this.rest(signal);
    }
  }

  /** Until something changes or it is time again; after failures for longer and longer. */
  private async rest(signal: AbortSignal): Promise<void> {
    const { settle, resend, backoff } = this.times;
    const waitMs = this.failures > 0 ? pauseAfter(this.failures, backoff) : resend;
    const woken = new AbortController();
    this.wake = () => this.failures === 0 && woken.abort();
    if (this.isChanged) this.wake();
    await delay(waitMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {});
    this.wake = () => {};
    // Many checks often change within a moment.
    if (woken.signal.aborted) await delay(settle, undefined, { signal }).catch(() => {});
  }

  private async push(signal: AbortSignal): Promise<void> {
    this.isChanged = false;
    const now = Date.now();
    const firing = new Map([...this.ports.firing()].map((alert) => [idOf(alert), alert]));
    // What began anew has not ended.
    for (const id of firing.keys()) this.resolved.delete(id);
    const ended = [...this.resolved];
    const lasting = now + lastingResends * this.times.resend;
    const all = [
      ...[...firing.values()].map((alert) => this.posted(alert, lasting)),
      ...ended.map(([, { alert, endedAt }]) => this.posted(alert, endedAt)),
    ];
    try {
      for (let at = 0; at < all.length; at += most.atOnce) {
        const some = all.slice(at, at + most.atOnce);
        await post({ ...this.recipient, url: this.url }, some, { signal, limitMs: this.times.answer });
        this.sent += some.length;
      }
    } catch (error) {
      this.isChanged = true;
      throw error;
    }
    for (const [id, end] of ended) {
      end.isTaken = true;
      if (this.resolved.get(id) === end && now - end.endedAt > this.times.resolved) this.resolved.delete(id);
    }
  }

  private posted({ labels, annotations, startsAt }: Alert, endsAt: number): Posted {
    const { externalUrl } = this.ports;
    return {
      ...{ labels, annotations },
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      ...(externalUrl !== undefined && { generatorURL: externalUrl }),
    };
  }

  private note(error: unknown): void {
    this.failed++;
    if (this.failures++ > 0) return;
    this.ports.logger.warn(
      t('alerts: {0} did not accept them, trying again: {1}', this.name, toMusterError(error).message),
    );
  }

  private get name(): string {
    return withoutCredentials(new URL(this.url).origin);
  }
}

function idOf({ labels }: Alert): string {
  return JSON.stringify(labels);
}
