import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { extractFields } from '../recognise/extractFields';
import { continuesFlag } from './lineIndex';
import type { LogFilter, TextPattern } from '../filter/logFilter';
import { RecordFilter } from '../filter/lineMatcher';
import { type LogDetails, type LogRow, ofAllStreams } from '../logRow';
import type { SinkStream, StreamEvent, StreamPhase } from './logSink';
import { LogStore, type LogStoreOptions } from './logStore';
import type { LogZone } from '../recognise/logZone';
import type { FindState, ViewState } from '../logView';
import type { RowsRead, StoreMethods, StoreNews, StoreNumbers } from './storeMethods';
import { StoreView } from './storeView';

/** Rows that are looked at for one part of a reading. */
const readRows = 4_096;

/** Milliseconds of work in one turn of the event loop, and between two tellings of a state. */
const sliceMs = 8;
const newsMs = 16;
const longestRecord = 1_000;
/** Lines that came and were not read yet for those who look, before sources are held back. */
const mostUnread = 100_000;

/** Store and views of one session with what drives them: the clock of the merge, and slices of work. */
export class StoreHost implements StoreMethods {
  readonly store: LogStore;
  private readonly views = new Map<number, StoreView>();
  private flushTimer: NodeJS.Timeout | undefined;
  private newsTimer: NodeJS.Timeout | undefined;
  private working: NodeJS.Immediate | undefined;
  private readonly waiting = new Set<() => void>();
  /** The filter of the last `read`. */
  private reading: { key: LogFilter; filter: RecordFilter } | undefined;
  private disposed = false;

  constructor(
    options: LogStoreOptions,
    private readonly tell: (news: StoreNews) => void,
  ) {
    this.store = new LogStore(options);
  }

  expect(feed: number): void {
    this.store.expect(feed);
  }

  open(stream: SinkStream): void {
    this.store.open(stream);
  }

  append(stream: number, bytes: Buffer, start: number, end: number): void {
    this.store.append(stream, bytes, start, end);
    this.changed();
  }

  event(stream: number, event: StreamEvent, endsLine?: boolean): void {
    this.store.event(stream, event, endsLine);
    this.changed();
  }

  phase(stream: number, phase: StreamPhase, zone?: LogZone): void {
    this.store.phase(stream, phase, zone);
    this.changed();
  }

  written(stream: number, time: number): void {
    this.store.written(stream, time);
  }

  /** @throws MusterError USAGE */
  openView(view: number, filter: LogFilter): ViewState {
    // What has come before anybody looked is there at once; from now on it is read in slices.
    this.store.read();
    const opened = new StoreView(this.store);
    opened.setFilter(filter);
    this.views.set(view, opened);
    this.work();
    return opened.state;
  }

  closeView(view: number): void {
    this.views.delete(view);
  }

  /** @throws MusterError USAGE */
  setFilter(view: number, filter: LogFilter): ViewState {
    this.viewOf(view).setFilter(filter);
    this.work();
    this.scheduleNews();
    return this.viewOf(view).state;
  }

  /** @throws MusterError USAGE */
  find(view: number, pattern: TextPattern | undefined): FindState {
    this.viewOf(view).find(pattern);
    this.work();
    this.scheduleNews();
    return this.viewOf(view).findState;
  }

  async neighbour(view: number, position: number, direction: 1 | -1) {
    for (;;) {
      const found = this.viewOf(view).neighbour(position, direction);
      if (found !== 'incomplete') return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  rows = (view: number, from: number, to: number) => this.viewOf(view).rows(from, to);
  positionOf = (view: number, seq: number) => this.viewOf(view).positionOf(seq);
  positionAt = (view: number, time: number) => this.viewOf(view).positionAt(time);
  histogram = (view: number, buckets: number, from?: number, to?: number) =>
    this.viewOf(view).histogram(buckets, from, to);
  text = (view: number, from: number, to: number, prefixed: boolean) =>
    this.viewOf(view).text(from, to, prefixed);

  details(seq: number): LogDetails | undefined {
    const { store } = this;
    const { index } = store;
    if (seq < index.first || seq >= index.end) return undefined;
    store.readTo(seq + longestRecord);
    const fullText = store.fullText(seq);
    const format = store.formatOf(index.stream(seq))?.format ?? 'auto';
    const row = store.row(seq);
    const fields = row.kind === 'line' ? { ...extractFields(fullText, format) } : {};
    return { ...row, fullText, fields, record: this.recordOf(seq) };
  }

  /** @throws MusterError USAGE */
  read(filter: LogFilter, from: number): RowsRead {
    const { store } = this;
    if (this.reading?.key !== filter) this.reading = { key: filter, filter: new RecordFilter(store, filter) };
    const begin = Math.max(from, store.firstSeq);
    const end = Math.min(store.endSeq, begin + readRows);
    store.readTo(end);
    const rows: LogRow[] = begin > from ? [gapBetween(from, begin)] : [];
    this.reading.filter.scan(begin, end, (seq) => rows.push(store.row(seq)));
    return { rows, next: end, end: store.endSeq };
  }

  settle(): void {
    this.store.flush(true);
  }

  /** Bytes of a channel that wait to be merged; as many as can be while views are behind what comes. */
  pendingOf(feed: number): number {
    return this.isBehind ? Infinity : this.store.pendingOf(feed);
  }

  /** Whether `pendingOf` may become smaller by itself. */
  get isPending(): boolean {
    return this.isBehind || this.store.pendingBytes > 0;
  }

  private get isBehind(): boolean {
    return this.views.size > 0 && this.store.endSeq - this.store.readSeq > mostUnread;
  }

  get numbers(): StoreNumbers {
    const { lines, bytes, firstSeq, endSeq, late } = this.store;
    return { lines, bytes, firstSeq, endSeq, late };
  }

  /** What is due is merged and told before: nobody can ask afterwards. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    clearTimeout(this.flushTimer);
    clearTimeout(this.newsTimer);
    if (this.flushTimer) this.store.flush();
    if (this.newsTimer) this.tellNews();
    clearImmediate(this.working);
    this.views.clear();
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private recordOf(seq: number): LogDetails['record'] {
    const { index } = this.store;
    const stream = index.stream(seq);
    const continues = (at: number) => (index.meta(at) & continuesFlag) !== 0 && index.stream(at) === stream;
    let first = seq;
    while (first > index.first && seq - first < longestRecord && continues(first)) first--;
    if (index.stream(first) !== stream) first = seq;
    let last = seq;
    while (last + 1 < index.end && last - seq < longestRecord && continues(last + 1)) last++;
    return { first, last };
  }

  private viewOf(view: number): StoreView {
    const found = this.views.get(view);
    if (!found) throw new MusterError('CANCELLED', t('the view of the logs is closed'));
    return found;
  }

  /** Merges what may be merged, and sees that it goes on when more may be. */
  private changed(): void {
    if (this.disposed) return;
    this.scheduleNews();
    if (this.flushTimer) return;
    this.flushTimer = setTimeout(() => this.flush(), 0);
  }

  private flush(): void {
    this.flushTimer = undefined;
    const wait = this.store.flush();
    if (wait !== undefined) this.flushTimer = setTimeout(() => this.flush(), Math.min(Math.max(wait, 5), 50));
    this.scheduleNews();
    this.work();
  }

  /** Goes on with searches in slices. */
  private work(): void {
    if (this.working || this.disposed) return;
    this.working = setImmediate(() => {
      this.working = undefined;
      const deadline = performance.now() + sliceMs;
      let more = false;
      for (const view of this.views.values()) more = view.advance(deadline) || more;
      const woken = [...this.waiting];
      this.waiting.clear();
      for (const wake of woken) wake();
      if (more) this.work();
      this.scheduleNews();
    });
  }

  private scheduleNews(): void {
    if (this.newsTimer || this.disposed) return;
    this.newsTimer = setTimeout(() => this.tellNews(), newsMs);
  }

  private tellNews(): void {
    this.newsTimer = undefined;
    this.tell({ kind: 'numbers', numbers: this.numbers });
    for (const [view, stored] of this.views) {
      this.tell({ kind: 'view', view, state: stored.state });
      this.tell({ kind: 'find', view, state: stored.findState });
    }
  }
}

/** In the place of the last row that was dropped. */
function gapBetween(from: number, to: number): LogRow {
  const lost = to - from;
  const text = t('gap, {0} lost: the memory for lines was full before they were read', lost);
  return {
    ...{ seq: to - 1, stream: ofAllStreams, kind: 'gap', text, lost },
    ...{ time: Date.now(), timeSource: 'event', level: 'none' },
  };
}
