import { setTimeout as delay } from 'node:timers/promises';
import { type MusterError, toMusterError } from '../../../platform/errors/errors';
import type { Logger } from '../../../platform/host/host';
import { fingerprintOf } from '../../etcd/core/client/etcdClusters';
import { clusterEntries } from '../../etcd/core/section/clusterEntry';
import type { Fragment } from '../../../platform/inventory/fragment';
import type { Inventory } from '../../../platform/inventory/model';
import type { InventorySource, SourceAnswer } from '../../../platform/inventory/sources/inventorySource';
import { answeredFragment } from './answeredFragment';
import { discoveries, type Discovery } from './discovery';
import { openSource, type SourcePorts } from './openSource';

export interface FollowPorts extends SourcePorts {
  logger: Logger;
  /** What `fragments` gives has changed. */
  changed: () => void;
}

/** Milliseconds after which an answer without a time of its own is asked for again. */
const usualMs = 60_000;
/** Milliseconds between attempts after failures. */
const backoff = { first: 500, most: 60_000 };
/** Milliseconds after which a source that fails did not fail at once. */
const steadyMs = 10_000;

/** Keeps the answers of live sources current; of one that no longer answers, the last good answer stays. */
export class FollowedSources {
  private followed = new Map<string, FollowedSource>();

  constructor(private readonly ports: FollowPorts) {}

  /** Follows those of this inventory and no others; what an edit did not change goes on. */
  follow(inventory: Inventory): void {
    const before = this.followed;
    this.followed = new Map();
    for (const discovery of inventory.section(discoveries).values()) {
      const id = contentOf(discovery, inventory);
      const known = before.get(id);
      before.delete(id);
      if (known) known.discovery = discovery;
      this.followed.set(id, known ?? new FollowedSource(discovery, this.ports));
    }
    for (const gone of before.values()) gone.stop();
  }

  /** Asks at once those that do not answer. */
  retry(): void {
    for (const source of this.followed.values()) source.retry();
  }

  get fragments(): Fragment[] {
    return [...this.followed.values()].map((source) => source.fragment);
  }

  stop(): void {
    for (const source of this.followed.values()) source.stop();
    this.followed = new Map();
  }
}

class FollowedSource {
  private readonly closing = new AbortController();
  private readonly source: InventorySource;
  private answer: SourceAnswer | undefined;
  private answeredAt: number | undefined;
  private error: MusterError | undefined;
  /** Ends the rest before the next attempt. */
  private wake = () => {};

  constructor(
    /** Its place in the file may change. */
    public discovery: Discovery,
    private readonly ports: FollowPorts,
  ) {
    this.source = openSource(discovery, ports);
    void this.run();
  }

  get fragment(): Fragment {
    const { answer, answeredAt, error, discovery } = this;
    const [found] = answer?.fragments() ?? [];
    return answeredFragment(discovery, {
      ...(found && { found }),
      ...(answeredAt !== undefined && { answeredAt }),
      ...(error && { error }),
    });
  }

  stop(): void {
    this.closing.abort();
    this.wake();
  }

  retry(): void {
    if (this.error) this.wake();
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted;) {
      const startedAt = performance.now();
      try {
        const answer = await this.source.load(signal);
        if (signal.aborted) return;
        this.take(answer);
        if (!this.source.onDidChange) await this.rest(answer.validMs ?? usualMs);
        else await this.source.onDidChange((news) => this.hear(news), signal);
        failures = 0;
      } catch (thrown) {
        if (signal.aborted) return;
        this.lose(toMusterError(thrown));
        failures = performance.now() - startedAt > steadyMs ? 1 : failures + 1;
        await this.rest(Math.min(backoff.first * 2 ** failures, backoff.most) * (0.5 + Math.random() / 2));
      }
    }
  }

  private hear(news: Parameters<Parameters<NonNullable<InventorySource['onDidChange']>>[0]>[0]): void {
    if (this.closing.signal.aborted) return;
    if (news.kind === 'answer') this.take(news.answer);
    else if (news.kind === 'still') this.confirm();
    else this.lose(news.error);
  }

  private take(answer: SourceAnswer): void {
    this.answer = answer;
    this.answeredAt = Date.now();
    this.error = undefined;
    this.ports.changed();
  }

  /** Nothing else is to be seen than that it answers again. */
  private confirm(): void {
    this.answeredAt = Date.now();
    if (!this.error) return;
    this.error = undefined;
    this.ports.changed();
  }

  private lose(error: MusterError): void {
    const isNews = this.error?.message !== error.message;
    this.error = error;
    if (!isNews) return;
    this.ports.logger.warn(`${this.source.describe()}: ${error.code}: ${error.message}`);
    this.ports.changed();
  }

  private async rest(ms: number): Promise<void> {
    const resting = new AbortController();
    this.wake = () => resting.abort();
    await delay(ms, undefined, { signal: resting.signal }).catch(() => {});
  }
}

/** All but the place, which lines above it may move; and what its cluster is reached with. */
function contentOf({ source: _, ...content }: Discovery, { section, hosts }: Inventory): string {
  const { registry } = content;
  const cluster = registry.kind === 'etcd' ? section(clusterEntries).get(registry.cluster) : undefined;
  return JSON.stringify([content, cluster && fingerprintOf(cluster, hosts.get(cluster.through ?? ''))]);
}
