import { setMaxListeners } from 'node:events';
import { pause } from '../../../../platform/batch/deadline';
import { type ErrorReport, errorReport, MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { resolveShellLine } from '../../../../platform/inventory/shell/shellLine';
import { t } from '../../../../platform/l10n/l10n';
import { withoutCredentials } from '../../../../platform/redaction/withoutCredentials';
import type { HostCommands } from '../../../../platform/transport/hostTransport';
import { Throttle } from '../../../../platform/batch/throttle';
import { Gate } from './followChannel';
import { FollowedCommand } from './followCommand';
import type { Followed } from './followed';
import { FollowedFiles } from './followFiles';
import { type FollowContext, followHost } from './followHost';
import { FollowedJournal } from './followJournal';
import type { LogFilter } from '../filter/logFilter';
import type { LogRow } from '../logRow';
import type { LogRequest, LogSession, LogStart, LogStats, LogTarget } from '../logSession';
import type { LogOrigin } from '../logSource';
import type { LogStream, StreamState } from '../logStream';
import type { LogView } from '../logView';
import { Listeners, SessionView } from './sessionView';
import type { StoreClient } from './storeClient';
import type { StoreNews, StoreNumbers } from '../store/storeMethods';
import { StreamBook } from './streamBook';

/** Where the files of a target begin that are to be read from a time on. */
export type FindStart = (
  target: LogTarget,
  path: string,
  time: number,
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, { inode: string; offset: number }>>;

export interface SessionContext {
  readonly transport: HostCommands;
  readonly findStart: FindStart;
  /** Makes the store, which tells its news. */
  client(tell: (news: StoreNews) => void): StoreClient;
  disposed(session: LogSession): void;
}

/** Milliseconds between two looks of a reading that has read all. */
const readMs = 15;
/** Rows that wait to be read before sources are held back. */
const mostUnread = 100_000;

/** Milliseconds between two tellings of streams and figures. */
const tellMs = 100;

/** Followers on many hosts, one store. */
export class FollowedSession implements LogSession {
  stats: LogStats = {
    ...{ lines: 0, bytes: 0, rate: 0, retained: 0, firstSeq: 0, endSeq: 0, dropped: 0, late: 0 },
    throttled: false,
  };
  readonly ended: Promise<void>;
  readonly client: StoreClient;
  private readonly streamListeners = new Listeners<readonly LogStream[]>();
  private readonly statListeners = new Listeners<LogStats>();
  readonly onStreams = this.streamListeners.listen;
  readonly onStats = this.statListeners.listen;
  /** The store's, which takes no more while those who read are behind. */
  private readonly sink: FollowContext['sink'];
  private readonly controller = new AbortController();
  private readonly gate = new Gate();
  private readonly book: StreamBook;
  private readonly views = new Map<number, SessionView>();
  private readonly following = new Set<Promise<void>>();
  private readonly targets = new Set<string>();
  /** Readings under way, and how far the last one has come. */
  private readers = 0;
  private taken = 0;
  /** Told when those who read have caught up: the store may be empty by then, and has nothing to tell. */
  private readonly held = new Set<() => void>();
  private lastView = 0;
  private readonly streamsTold = new Throttle(() => this.streamListeners.tell(this.streams), tellMs);
  private readonly statTimer: NodeJS.Timeout;
  private numbers: StoreNumbers = { lines: 0, bytes: 0, firstSeq: 0, endSeq: 0, late: 0 };
  /** Lines received at the ends of the last tenths of a second. */
  private readonly recent: number[] = [];
  private resolveEnded!: () => void;

  constructor(private readonly context: SessionContext) {
    // Everything that is followed listens to it: Node.js would warn of a leak at eleven.
    setMaxListeners(0, this.controller.signal);
    this.client = context.client((news) => this.heard(news));
    const { sink } = this.client;
    this.sink = {
      pendingOf: (feed) => (this.isBehind ? Infinity : sink.pendingOf(feed)),
      onDrain: (listener) => {
        const unhear = sink.onDrain(listener);
        this.held.add(listener);
        return () => {
          unhear();
          this.held.delete(listener);
        };
      },
    };
    this.book = new StreamBook(this.client.sink, () => this.streamsTold.request());
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
    this.client.lost((why) => {
      this.book.fail(errorReport(why));
      this.controller.abort(why);
    });
    this.statTimer = setInterval(() => this.tellStats(), tellMs).unref();
  }

  get streams(): readonly LogStream[] {
    return this.book.streams;
  }

  add({ targets, start = 'recent', follow = true }: LogRequest): void {
    for (const target of targets) {
      const key = JSON.stringify([target.host?.name, target.source.origin]);
      if (this.targets.has(key)) continue;
      this.targets.add(key);
      const work = this.followTarget(target, start, follow).finally(() => {
        this.following.delete(work);
        if (this.following.size === 0) this.end();
      });
      this.following.add(work);
    }
    if (this.following.size === 0) this.end();
  }

  async view(filter: LogFilter = {}): Promise<LogView> {
    const id = ++this.lastView;
    const state = await this.client.calls.openView(id, filter);
    const view = new SessionView(this.client, id, state, () => this.views.delete(id));
    this.views.set(id, view);
    return view;
  }

  async *read(filter: LogFilter, signal: AbortSignal): AsyncGenerator<readonly LogRow[]> {
    let isOver = false;
    // A store that is gone has nothing to merge: the next `read` says so to whom it still concerns.
    const over = () => (isOver = true);
    void this.ended.then(() => this.client.calls.settle()).then(over, over);
    let position = this.numbers.firstSeq;
    this.readers++;
    try {
      while (!signal.aborted) {
        const wasOver = isOver;
        const { rows, next, end } = await this.client.calls.read(filter, position);
        const wasBehind = this.isBehind;
        this.taken = position = next;
        if (wasBehind && !this.isBehind) this.caughtUp();
        if (rows.length > 0) yield rows;
        if (next < end) continue;
        if (wasOver) return;
        await pause(readMs, signal);
      }
    } finally {
      this.readers--;
      this.caughtUp();
    }
  }

  private get isBehind(): boolean {
    return this.readers > 0 && this.numbers.endSeq - this.taken > mostUnread;
  }

  private caughtUp(): void {
    for (const listener of this.held) listener();
  }

  details(seq: number) {
    return this.client.calls.details(seq);
  }

  async dispose(): Promise<void> {
    this.controller.abort(new MusterError('CANCELLED', t('the logs are no longer followed')));
    clearInterval(this.statTimer);
    for (const view of [...this.views.values()]) view.dispose();
    await Promise.all(this.following);
    await this.client.dispose();
    this.tellStats();
    this.end();
    this.context.disposed(this);
  }

  private async followTarget(target: LogTarget, start: LogStart, follow: boolean): Promise<void> {
    const { host, source } = target;
    const { transport, findStart } = this.context;
    const { signal } = this.controller;
    const feed = this.book.nextFeed();
    const openStream = (label: string) =>
      this.book.open({
        ...{ host: host?.name ?? '', source: source.name, label, feed, format: source.format },
        ...{ multiline: source.multiline, fields: source.fields },
      });
    let { origin } = source;
    try {
      if (host) origin = resolved(origin, host);
    } catch (error) {
      openStream(labelOf(origin)).state('failed', errorReport(error));
      return;
    }
    const context = {
      transport,
      sink: this.sink,
      gate: this.gate,
      signal,
      follow,
      become: source.become,
      holdBack: (isHeld: boolean) => this.book.holdBack(feed, isHeld),
    };
    let followed: Followed;
    if (origin.kind === 'file') {
      const atTime = typeof start === 'object';
      const positions = atTime
        ? await this.gate
            .through(() => findStart(target, origin.path, start.time, signal))
            .catch(() => undefined)
        : undefined;
      if (signal.aborted) return;
      const begin = atTime ? 'beginning' : start;
      followed = new FollowedFiles(origin.path, begin, follow, openStream, positions);
    } else if (origin.kind === 'journal') {
      followed = new FollowedJournal(origin.unit, start, follow, openStream(labelOf(origin)));
    } else followed = new FollowedCommand(origin.command, openStream(labelOf(origin)));
    // Until the files are known, what is wrong with the host is told by a stream of its own.
    const failed = (state: StreamState, error: ErrorReport) => {
      if (followed.streams.length > 0 || !(followed instanceof FollowedFiles)) return;
      followed.placeholder().state(state, error);
    };
    await followHost(host, feed, followed, failed, context);
  }

  private heard(news: StoreNews): void {
    if (news.kind === 'numbers') this.numbers = news.numbers;
    else if (news.kind === 'view') this.views.get(news.view)?.tellState(news.state);
    else this.views.get(news.view)?.tellFind(news.state);
  }

  /** How the last streams ended is reported before anybody who waits for the end goes on. */
  private end(): void {
    this.streamsTold.flush();
    this.resolveEnded();
  }

  private tellStats(): void {
    const { lines, bytes, firstSeq, endSeq, late } = this.numbers;
    this.recent.push(lines);
    if (this.recent.length > 11) this.recent.shift();
    const seconds = Math.max(1, this.recent.length - 1) * (tellMs / 1000);
    const rate = Math.round((lines - this.recent[0]!) / seconds);
    const isChanged = lines !== this.stats.lines || rate !== this.stats.rate || endSeq !== this.stats.endSeq;
    this.stats = {
      ...{ lines, bytes, rate, retained: endSeq - firstSeq, firstSeq, endSeq, dropped: firstSeq, late },
      throttled: this.book.throttled,
    };
    if (isChanged) this.statListeners.tell(this.stats);
  }
}

function labelOf(origin: LogOrigin): string {
  if (origin.kind === 'file') return origin.path;
  return origin.kind === 'journal' ? (origin.unit ?? 'journal') : withoutCredentials(origin.command);
}

function resolved(origin: LogOrigin, host: Host): LogOrigin {
  if (origin.kind === 'file') return { kind: 'file', path: resolvePlaceholders(origin.path, host) };
  if (origin.kind === 'command') return { kind: 'command', command: resolveShellLine(origin.command, host) };
  return origin.unit === undefined
    ? origin
    : { kind: 'journal', unit: resolvePlaceholders(origin.unit, host) };
}
