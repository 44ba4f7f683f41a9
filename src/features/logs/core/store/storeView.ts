import { arrivedFlag, continuesFlag, kindOf, levelOf } from './lineIndex';
import { patternTest, RecordFilter } from '../filter/lineMatcher';
import type { LogFilter, TextPattern } from '../filter/logFilter';
import { logLevels } from '../recognise/logLevel';
import type { LogRow } from '../logRow';
import type { LogStore } from './logStore';
import type { FindState, Histogram, ViewState } from '../logView';
import { MatchIndex, type RowSource } from '../filter/matchIndex';

/** Rows that are given at once. */
const mostRows = 2_000;
const mostBuckets = 2_000;
/** UTF-16 units of text that are given at once. */
const textLength = 65_536;
/** Rows that a record is looked back for. */
const longestRecord = 1_000;

/** Where a match was found. */
export interface FoundMatch {
  position: number;
  ordinal: number;
}

/** A view in the thread of the store; `advance` does what takes time, in slices. */
export class StoreView {
  generation = 0;
  private index: MatchIndex | undefined;
  private found: MatchIndex | undefined;
  /** All rows, by their seqs. */
  private readonly seqs: RowSource;

  constructor(private readonly store: LogStore) {
    this.seqs = {
      get first() {
        return store.firstSeq;
      },
      get end() {
        return store.readSeq;
      },
    };
  }

  get state(): ViewState {
    const { first, end } = this.rowSource;
    const { store, generation, index } = this;
    return { generation, first, end, total: store.endSeq - store.firstSeq, scanned: index?.scanned ?? 1 };
  }

  get findState(): FindState {
    const { found } = this;
    return { count: found ? found.end - found.first : 0, scanned: found?.scanned ?? 1 };
  }

  /** @throws MusterError USAGE */
  setFilter(filter: LogFilter): void {
    const { store } = this;
    if (RecordFilter.isOpen(filter)) this.index = undefined;
    else {
      const records = new RecordFilter(store, filter);
      this.index = new MatchIndex(
        this.seqs,
        (from, to, hit) => records.scan(from, to, hit),
        (seq) => this.recordStart(seq),
      );
    }
    this.generation++;
    this.found = undefined;
  }

  /** @throws MusterError USAGE */
  find(pattern: TextPattern | undefined): void {
    if (pattern === undefined || pattern.text === '') {
      this.found = undefined;
      return;
    }
    const { store } = this;
    const matches = patternTest(store, pattern);
    const rows = this.rowSource;
    this.found = new MatchIndex(rows, (from, to, hit) => {
      for (let position = from; position < to; position++) {
        const seq = this.seqAt(position);
        if (kindOf(store.index.meta(seq)) === 0 && matches(seq)) hit(position);
      }
    });
  }

  /** Goes on with what takes time until `deadline`, of performance.now; whether there is more. */
  advance(deadline: number): boolean {
    let more = this.store.read(deadline);
    for (const matches of [this.index, this.found]) more = matches?.advance(deadline) || more;
    return more;
  }

  rows(from: number, to: number): LogRow[] {
    const { first, end } = this.rowSource;
    const rows: LogRow[] = [];
    const last = Math.min(to, end, Math.max(from, first) + mostRows);
    for (let position = Math.max(from, first); position < last; position++) {
      const seq = this.seqAt(position);
      if (seq >= this.store.firstSeq) rows.push(this.store.row(seq));
    }
    return rows;
  }

  positionOf(seq: number): number {
    if (this.index) return this.index.from(seq);
    return Math.max(this.seqs.first, Math.min(seq, this.seqs.end));
  }

  /** Times rise but for late lines, which are few. */
  positionAt(time: number): number {
    let { first: low, end: high } = this.rowSource;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.store.index.time(this.seqAt(middle)) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What is found next to `position`; `incomplete` if what has not been looked through may hold it. */
  neighbour(position: number, direction: 1 | -1): FoundMatch | 'incomplete' | undefined {
    const { found } = this;
    if (!found) return undefined;
    const after = found.from(direction === 1 ? position + 1 : position);
    const at = direction === 1 ? after : after - 1;
    const isThere = at >= found.first && at < found.end;
    // Newer rows have been looked through before older ones.
    if (!isThere && !found.isComplete) return 'incomplete';
    if (found.end === found.first) return undefined;
    const wrapped = isThere ? at : direction === 1 ? found.first : found.end - 1;
    return { position: found.at(wrapped), ordinal: wrapped - found.first + 1 };
  }

  histogram(buckets: number, from?: number, to?: number): Histogram {
    const { index } = this.store;
    const { first, end } = this.rowSource;
    const count = Math.max(1, Math.min(mostBuckets, Math.floor(buckets)));
    const [begin, stop] = from === undefined || to === undefined ? this.timeRange() : [from, to];
    const step = Math.max(1, (stop - begin) / count);
    const levels = logLevels.length;
    const counts = new Uint32Array(count * levels);
    for (let position = first; position < end; position++) {
      const seq = this.seqAt(position);
      if (seq < this.store.firstSeq) continue;
      const meta = index.meta(seq);
      const bucket = Math.floor((index.time(seq) - begin) / step);
      // When a line arrived says nothing of when it was written.
      if (kindOf(meta) === 0 && (meta & arrivedFlag) === 0 && bucket >= 0 && bucket < count)
        counts[bucket * levels + levelOf(meta)]!++;
    }
    return { from: begin, step, counts };
  }

  /** Rows as text from `from` on, and where to go on. */
  text(from: number, to: number, prefixed: boolean): { text: string; next: number } {
    const { first, end } = this.rowSource;
    const last = Math.min(to, end);
    let text = '';
    let position = Math.max(from, first);
    for (; position < last && text.length < textLength; position++) {
      const seq = this.seqAt(position);
      if (seq >= this.store.firstSeq)
        text += `${prefixed ? this.prefix(seq) : ''}${this.store.fullText(seq)}\n`;
    }
    return { text, next: position };
  }

  private prefix(seq: number): string {
    const { index } = this.store;
    const isTimed = (index.meta(seq) & arrivedFlag) === 0;
    return `${isTimed ? new Date(index.time(seq)).toISOString() : '-'} ${this.store.prefixOf(index.stream(seq))} `;
  }

  /** From the earliest to the latest time of a line. */
  private timeRange(): [number, number] {
    const { index, firstSeq } = this.store;
    const { first, end } = this.rowSource;
    let earliest = Infinity;
    let latest = -Infinity;
    for (let position = first; position < end; position++) {
      const seq = this.seqAt(position);
      if (seq < firstSeq) continue;
      const meta = index.meta(seq);
      if (kindOf(meta) !== 0 || (meta & arrivedFlag) !== 0) continue;
      const time = index.time(seq);
      if (time < earliest) earliest = time;
      if (time > latest) latest = time;
    }
    return earliest <= latest ? [earliest, latest + 1] : [0, 1];
  }

  private get rowSource(): RowSource {
    return this.index ?? this.seqs;
  }

  private seqAt(position: number): number {
    return this.index ? this.index.at(position) : position;
  }

  private recordStart(seq: number): number {
    const { index, firstSeq } = this.store;
    const limit = Math.max(firstSeq, seq - longestRecord);
    let start = seq;
    while (start > limit && start < index.end && (index.meta(start) & continuesFlag) !== 0) start--;
    return start;
  }
}
