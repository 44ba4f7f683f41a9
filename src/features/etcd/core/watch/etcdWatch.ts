import { setMaxListeners } from 'node:events';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { etcdError, watchRefusal } from '../client/etcdError';
import { decodeRange, type EventMessage, type WatchMessage } from '../client/etcdMessages';
import { type KeyRange, singleKey } from '../client/etcdModel';
import type { WatchEvent, WatchOptions, WatchRecord } from './etcdWatchRecord';
import { LeaseEnds } from './leaseEnds';
import { readPrevious } from './readPrevious';
import { TrackedKeys } from './trackedKeys';
import { WatchConnection } from './watchConnection';
import type { WatchedCluster } from './watchedCluster';
import { compactedAt, differencesOf, type Gap } from './watchGap';
import {
  lastWay,
  manyKeys,
  massDeletionWay,
  ordinaryWay,
  otherWays,
  type WatchWay,
  wayForMany,
} from './watchWays';

const defaultTrackedKeys = 200_000;
const defaultIdleMs = 1_000;
/** Milliseconds after which a connection that fails did not fail at once. */
const steadyMs = 10_000;
/** Milliseconds between attempts to come back: the first follows at once. */
const backoff = { first: 100, most: 5_000 };
/** Events of one record at most. */
const eventsAtOnce = 1_000;

const rangeMethod = { service: 'KV', name: 'Range', decode: decodeRange } as const;

/**
 * Tells the changes of a range: every revision exactly once and in order, or that it is unknown. Iterate it once; what
 * is not taken is not read from etcd either. It ends when it is closed, and throws MusterError when the first connection
 * fails, or later when the user lost the permission (AUTH).
 */
export class EtcdWatch implements AsyncIterable<WatchRecord>, AsyncDisposable {
  private readonly closing = new AbortController();
  private readonly signal: AbortSignal;
  /** Everything up to this revision was told. */
  private told = 0;
  /** The revision of events that were read and are told next. */
  private untold: number | undefined;
  /** Events of the next revision that were told already, when it came in parts. */
  private part = { revision: 0, events: 0 };
  private clusterId: bigint | undefined;
  /** How what comes up to a revision is asked for, because it did not come in the ordinary way. */
  private detour: Detour | undefined;
  private keys: TrackedKeys;
  /** The keys are read once this has caught up with the present: until then it would only slow that down. */
  private catchingUp = false;
  /** The keys are being read while changes come in. */
  private reading: Promise<void> | undefined;
  /** Keys in the range at `told`, as far as that is known. */
  private held = 0;
  private readonly leases: LeaseEnds;
  /** The revision that the cluster was at. */
  private connectedAt = 0;
  private readonly running: AsyncGenerator<WatchRecord, void, undefined>;

  constructor(
    private readonly cluster: WatchedCluster,
    private readonly range: KeyRange,
    private readonly options: WatchOptions = {},
  ) {
    this.signal = options.signal
      ? AbortSignal.any([options.signal, this.closing.signal])
      : this.closing.signal;
    // Every call that is under way listens to it: Node.js would warn of a leak at eleven.
    setMaxListeners(0, this.signal);
    this.keys = new TrackedKeys(options.maxTrackedKeys ?? defaultTrackedKeys);
    this.leases = new LeaseEnds((id) => cluster.lease(id, { signal: this.signal, timeoutMs: 2_000 }));
    this.running = this.run();
  }

  [Symbol.asyncIterator](): AsyncIterator<WatchRecord, void, undefined> {
    return this.running;
  }

  /** Every change up to this revision was told, or is a part of a gap that was told. */
  get complete(): number {
    return this.untold === undefined ? this.told : Math.min(this.told, this.untold - 1);
  }

  /**
   * Changes up to this revision were made before the watch was connected as it is now: when, is unknown, but before they
   * were told.
   */
  get pastUntil(): number {
    return this.connectedAt;
  }

  /** Ends the watch: a record that is waited for is the end. */
  close(): void {
    this.closing.abort(new MusterError('CANCELLED', t('the watch was closed')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.running.return();
  }

  private async *run(): AsyncGenerator<WatchRecord, void, undefined> {
    try {
      yield* this.begin();
      yield* this.follow();
    } catch (error) {
      if (!this.signal.aborted) throw error;
    }
  }

  /** Reads what the first event follows. */
  private async *begin(): AsyncGenerator<WatchRecord, void, undefined> {
    const { fromRevision, snapshot } = this.options;
    if (fromRevision !== undefined) {
      this.told = fromRevision - 1;
      if (this.told < 1) return;
      this.catchingUp = this.keys.known;
      this.keys.forget();
      try {
        this.held = await this.countAt(this.told);
      } catch (error) {
        // A compacted or a future revision.
        if (!MusterError.is(error, 'COMPACTED', 'EXPECTATION')) throw error;
      }
      return;
    }
    const limits = { keysOnly: snapshot !== 'values', signal: this.signal };
    for await (const { revision, kvs, remaining } of this.cluster.list(this.range, limits)) {
      this.told = revision;
      this.held += kvs.length;
      for (const kv of kvs) this.keys.put(kv);
      if (snapshot) yield { type: 'snapshot', revision, kvs, last: remaining === 0 };
      else if (!this.keys.known || remaining > (this.options.maxTrackedKeys ?? defaultTrackedKeys)) {
        this.held += remaining;
        this.keys.forget();
        return;
      }
    }
  }

  /** Reads the keys as they are at `told`. What follows is reported meanwhile, and counts for more. */
  private async readKeys(): Promise<void> {
    const { range, told: revision, signal } = this;
    const keys = new TrackedKeys(this.options.maxTrackedKeys ?? defaultTrackedKeys);
    this.keys = keys;
    keys.beginBefore();
    try {
      for await (const { kvs } of this.cluster.list(range, { keysOnly: true, revision, signal })) {
        for (const kv of kvs) keys.putBefore(kv);
        if (!keys.known) return;
        await turn();
      }
      keys.endBefore();
    } catch {
      // Compacted meanwhile, in the future, or out of reach: the watch itself reports what is wrong.
      keys.forget();
    }
  }

  /** Connects, tells what comes, and connects again. */
  private async *follow(): AsyncGenerator<WatchRecord, void, undefined> {
    let lostAt: number | undefined;
    let failures = 0;
    let refusals = 0;
    let fruitless = 0;
    let begun = false;
    while (!this.signal.aborted) {
      let connection: WatchConnection | undefined;
      let pending = 0;
      const { position } = this;
      const openedAt = performance.now();
      try {
        const opened = await this.open();
        connection = opened.connection;
        this.connectedAt = opened.created.revision;
        const { endpoint } = connection;
        const gap = await this.gapAt(opened.created);
        if (gap) {
          yield* this.bridge(gap);
          continue;
        }
        refusals = 0;
        if (!begun) yield { type: 'connected', endpoint, revision: this.told };
        else if (lostAt !== undefined)
          yield { type: 'resumed', endpoint, revision: this.told, awayMs: performance.now() - lostAt };
        begun = true;
        lostAt = undefined;
        pending = opened.created.revision > this.told ? opened.created.revision : 0;
        if (pending > 0 && !this.detour && connection.isSplit && (await this.isMassDeletion())) {
          yield this.take(massDeletionWay, pending, endpoint, 0);
          continue;
        }
        const end = yield* this.tell(connection, opened.created.revision);
        if (end.type === 'compacted') yield* this.bridge({ to: end.revision, reason: 'compacted' });
      } catch (thrown) {
        const error = etcdError(thrown);
        if (this.signal.aborted) return;
        const { transport } = this.cluster;
        const endpoint = connection?.endpoint ?? error.host ?? transport.preferred;
        // etcd 3.4 refuses a watch with an outdated token as if the permission were missing.
        if (error.code === 'AUTH' && !transport.renewToken(++refusals)) throw error;
        if (!begun && ++failures >= transport.addresses.length) throw error;
        await transport.moveOn(endpoint, error, error.code === 'TIMEOUT');
        if (!begun) continue;
        if (lostAt === undefined) {
          lostAt = performance.now();
          yield { type: 'disconnected', endpoint, error, revision: this.told };
        }
        if (this.position !== position || performance.now() - openedAt > steadyMs) failures = 0;
        if (this.position !== position) fruitless = 0;
        else if (pending > 0 && ++fruitless > 1) {
          // It began twice, and failed before it told anything of what there is to tell.
          fruitless = 0;
          const next = this.nextWay(error.code === 'TOO_LARGE');
          if (next) yield this.take(next, pending, endpoint, performance.now() - openedAt);
        }
        if (failures++ > 0) await this.rest(failures);
      } finally {
        connection?.close();
      }
    }
  }

  /** How far it has come, within a revision too. */
  private get position(): string {
    return `${this.told} ${this.part.revision} ${this.part.events}`;
  }

  /** The one after the present way of asking, if there is any. */
  private nextWay(tooLarge = false): WatchWay | undefined {
    const { way } = this.detour ?? {};
    if (way === lastWay) return undefined;
    if (tooLarge) return lastWay;
    const next = otherWays[way ? otherWays.indexOf(way) + 1 : 0];
    // Without the values before, which nobody wants, it would be the same again.
    return next?.previous || this.wantsPrevious ? next : undefined;
  }

  private take(way: WatchWay, until: number, endpoint: string, silentMs: number): DetourRecord {
    this.detour = { way, until: Math.max(until, this.detour?.until ?? 0) };
    const change = way === massDeletionWay && !this.wantsPrevious ? 'unsplit' : way.change;
    return { type: 'detour', endpoint, revision: this.told, change, silentMs };
  }

  private get wantsPrevious(): boolean {
    return this.options.previous ?? true;
  }

  /** Whether what is to be told deletes more keys than etcd can get across in the ordinary way. */
  private async isMassDeletion(): Promise<boolean> {
    if (this.told < 1) return false;
    const [before, now] = await Promise.all([this.countAt(this.told), this.countAt()]);
    return before - now >= manyKeys;
  }

  private countAt(revision?: number): Promise<number> {
    return this.cluster.count(this.range, { revision, signal: this.signal });
  }

  private open() {
    const { idleMs = defaultIdleMs } = this.options;
    const { range, signal } = this;
    const wanted = <Way extends { previous: boolean }>(way: Way) => {
      return { ...way, previous: way.previous && this.wantsPrevious };
    };
    const { detour } = this;
    const forMany = !detour && this.held >= manyKeys;
    return WatchConnection.open(this.cluster.transport, {
      // From the last one again, which is left out then: etcd 3.6 gives no sign of life to a watch that begins after
      // its own revision.
      ...{ range, fromRevision: Math.max(1, this.told), idleMs, signal, forMany },
      way: (member) => wanted(detour?.way ?? (forMany && member ? wayForMany(member) : ordinaryWay)),
    });
  }

  /** Whether what follows `told` is gone, found out before anything of it is told. */
  private async gapAt(created: WatchMessage): Promise<Gap | undefined> {
    if (created.compactRevision > this.told) return { to: created.compactRevision, reason: 'compacted' };
    const { signal } = this;
    const other = this.clusterId !== undefined && this.clusterId !== created.clusterId;
    this.clusterId = created.clusterId;
    const key = singleKey(this.range.start);
    // A member that lags behind knows fewer revisions than most members do.
    if (other || created.revision < this.told) {
      const { revision } = await this.cluster.range(key, { keysOnly: true, signal });
      // A watch may begin in the future.
      if (other || (revision < this.told && this.told >= (this.options.fromRevision ?? 0)))
        return { to: revision, reason: 'rewritten' };
    }
    if (this.told < 1 || created.revision <= this.told) return undefined;
    const isCompacted = (revision: number) => compactedAt(this.cluster, this.range, revision, signal);
    if (!(await isCompacted(this.told))) return undefined;
    // etcd accepts a watch from the compacted revision itself, whose deletions it may have dropped.
    const next = this.told + 1;
    return { to: (await isCompacted(next)) ? await this.compactRevision() : next, reason: 'compacted' };
  }

  /** The revision of the last compaction, which etcd tells to a watch that it overtook only. */
  private async compactRevision(): Promise<number> {
    const { connection, created } = await this.open();
    try {
      if (created.compactRevision > 0) return created.compactRevision;
      for (;;) {
        const messages = await connection.messages();
        const found = messages.find(({ compactRevision }) => compactRevision > 0);
        if (found) return found.compactRevision;
      }
    } finally {
      connection.close();
    }
  }

  /** Tells what comes until the connection fails, is overtaken by a compaction, or is to be replaced. */
  private async *tell(
    connection: WatchConnection,
    since: number,
  ): AsyncGenerator<WatchRecord, EndOfTelling, undefined> {
    let seen = 0;
    for (;;) {
      const events: WatchEvent[] = [];
      let progress: number | undefined;
      let compacted: number | undefined;
      let refused: MusterError | undefined;
      const messages = await connection.messages();
      if (messages.length === 0) {
        const change = await this.overdue(connection);
        if (change) yield change;
        if (change && change.change !== 'patience') return { type: 'replaced' };
        continue;
      }
      for (const message of messages) {
        if (message.canceled) {
          if (message.compactRevision > 0) compacted = message.compactRevision;
          else refused = watchRefusal(message.cancelReason, connection.endpoint);
          break;
        }
        for (const event of message.events) {
          const { modRevision } = event.kv;
          if (modRevision <= this.told) continue;
          if (modRevision !== this.part.revision) {
            // The one before is complete.
            this.told = Math.max(this.told, this.part.revision);
            this.part = { revision: modRevision, events: 0 };
            seen = 0;
          }
          if (++seen <= this.part.events) continue;
          this.part.events = seen;
          events.push(this.eventOf(event));
        }
        if (message.events.length > 0) {
          const last = message.events.at(-1)!.kv.modRevision;
          if (!message.fragment) this.told = Math.max(this.told, last);
        } else {
          this.told = Math.max(this.told, connection.provenBy(message) ?? 0);
          progress = this.told;
        }
      }
      if (events.length > 0) {
        if (this.wantsPrevious && !connection.looksUpPrevious)
          await readPrevious(this.cluster, events, this.signal);
        await this.leases.mark(events, since);
        for (let begin = 0; begin < events.length; begin += eventsAtOnce) {
          this.untold = events[begin + eventsAtOnce]?.revision;
          yield { type: 'events', events: events.slice(begin, begin + eventsAtOnce) };
          await connection.letOthers();
        }
      }
      if (this.catchingUp && this.told >= since) {
        this.catchingUp = false;
        this.reading = this.readKeys();
      }
      if (refused) throw refused;
      if (compacted !== undefined) return { type: 'compacted', revision: compacted };
      if (progress !== undefined && events.length === 0) yield { type: 'progress', revision: progress };
      if (this.detour && this.told >= this.detour.until) {
        this.detour = undefined;
        return { type: 'replaced' };
      }
      // Before one revision deletes them all.
      if (!this.detour && !connection.forMany && this.held >= manyKeys) return { type: 'replaced' };
    }
  }

  /**
   * etcd does not answer on the watch, though its pings are answered. Gives what is changed, if it has something to tell.
   * @throws MusterError when the member answers no other request either
   */
  private async overdue(connection: WatchConnection): Promise<DetourRecord | undefined> {
    const { signal } = this;
    const { endpoint, index, silentMs } = connection;
    const request = { key: this.range.start, keys_only: true };
    const { revision } = await this.cluster.transport
      .ask(index, rangeMethod, request, { signal })
      .catch((error: unknown) => {
        // The pings may find out first, while this waits: the loss is the same.
        throw MusterError.is(error) ? connection.silenced(error) : error;
      });
    const { way } = this.detour ?? {};
    const mass = revision > this.told && way?.split !== false && (await this.isMassDeletion());
    const next = revision > this.told ? (mass ? massDeletionWay : this.nextWay()) : undefined;
    // It is asked no more than that: a member that answers pings and requests has its reasons.
    if (!next) connection.waitOn(revision > this.told ? Infinity : 1);
    else if (next.change === 'patience') connection.waitOn(next.patience);
    return next && this.take(next, revision, endpoint, silentMs);
  }

  private eventOf({ type, kv, previous }: EventMessage): WatchEvent {
    const { key, modRevision: revision } = kv;
    if (type === 'put') this.keys.put(kv);
    else this.keys.delete(key);
    const created = type === 'put' && kv.version === 1;
    if (type === 'delete') this.held--;
    else if (created) this.held++;
    const current = type === 'put' ? kv : undefined;
    return { type, key, revision, current, previous, previousUnknown: !previous && !created };
  }

  /** Reports a gap and the difference that it made; what follows it can be watched again. */
  private async *bridge(gap: Gap): AsyncGenerator<WatchRecord, void, undefined> {
    const from = this.told + 1;
    yield { type: 'gap', from, ...gap };
    this.catchingUp = false;
    await this.reading;
    const keys = new TrackedKeys(this.options.maxTrackedKeys ?? defaultTrackedKeys);
    const between = { ...gap, from, before: this.keys, after: keys };
    const held = yield* differencesOf(this.cluster, this.range, between, this.signal);
    // Overtaken by a compaction once more: the next connection finds the longer gap.
    if (held === undefined) return;
    this.keys = keys;
    this.held = held;
    this.told = gap.to;
    this.part = { revision: 0, events: 0 };
  }

  /** Waits before the next attempt, for longer each time. */
  private async rest(failures: number): Promise<void> {
    const longest = Math.min(backoff.first * 2 ** failures, backoff.most);
    await delay(longest * (0.5 + Math.random() / 2), undefined, { signal: this.signal }).catch(() => {});
  }
}

interface Detour {
  way: WatchWay;
  /** What follows this revision is asked for in the ordinary way again. */
  until: number;
}

type EndOfTelling = { type: 'compacted'; revision: number } | { type: 'replaced' };
type DetourRecord = Extract<WatchRecord, { type: 'detour' }>;
