import { RE2JS } from 're2js';
import { compileExpression } from '../recognise/continuation';
import { meetsConditions } from './fieldMatch';
import { continuesFlag, kindOf, lengthOf, levelOf } from '../store/lineIndex';
import type { FieldCondition, LogFilter, TextPattern } from './logFilter';
import { logLevels } from '../recognise/logLevel';
import type { LogStore } from '../store/logStore';
import { requiredLiteral } from './requiredLiteral';
import { offsetOf } from '../store/slabs';
import { SlabSearch } from '../store/slabSearch';

/** Whether the line of a seq matches. */
export type LineTest = (seq: number) => boolean;

/** Bytes of a line that an expression looks at. */
const mostExpressionBytes = 65_536;

/** @throws MusterError USAGE for a pattern that is no expression */
export function patternTest(store: LogStore, { text, regex, caseSensitive = false }: TextPattern): LineTest {
  const { index, slabs } = store;
  const has = (search: SlabSearch) => (seq: number) =>
    search.has(index.address(seq), lengthOf(index.meta(seq)));
  if (!regex) return has(new SlabSearch(slabs, text, caseSensitive));
  const expression = compileExpression(text, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  const literal = requiredLiteral(text);
  // Beyond ASCII, letters of the other case have other bytes.
  const isCertain = literal !== undefined && (caseSensitive || /^[\0-\x7f]*$/.test(literal));
  // The Kelvin sign is a k, and the long s an s, to an expression without regard to case.
  const search =
    isCertain && (caseSensitive || !/[ks]/i.test(literal))
      ? has(new SlabSearch(slabs, literal, caseSensitive))
      : undefined;
  return (seq) => {
    if (search && !search(seq)) return false;
    return expression.test(lineText(store, seq));
  };
}

function lineText({ index, slabs }: LogStore, seq: number): string {
  const address = index.address(seq);
  const offset = offsetOf(address);
  const length = Math.min(lengthOf(index.meta(seq)), mostExpressionBytes);
  return slabs.buffer(address).toString('utf8', offset, offset + length);
}

function fieldTest(store: LogStore, conditions: readonly FieldCondition[]): LineTest {
  const { index } = store;
  // A field that has to have a value stands in the line with it; text in JSON may be escaped.
  const certain = conditions.filter(({ operator, value }) => operator === '=' && /^[\w.:@-]+$/.test(value));
  const searches = certain.map(({ value }) => new SlabSearch(store.slabs, value, true));
  const names = conditions
    .filter(({ operator, field }) => operator !== '!=' && /^[\w@-]+$/.test(field) && !clfOnly.has(field))
    .map(({ field }) => new SlabSearch(store.slabs, field, true));
  return (seq) => {
    const address = index.address(seq);
    const length = lengthOf(index.meta(seq));
    for (const search of searches) if (!search.has(address, length)) return false;
    for (const search of names) if (!search.has(address, length)) return false;
    const format = store.formatOf(index.stream(seq))?.format ?? 'auto';
    return meetsConditions(lineText(store, seq), format, conditions);
  };
}

/** Fields whose names do not stand in the line. */
const clfOnly = new Set(
  'client ident user time method path protocol status bytes referer agent host program pid'.split(' '),
);

/**
 * Which rows a filter shows. Records of several lines are shown as a whole: it is told of runs of seqs, and finds the
 * records in them.
 */
export class RecordFilter {
  private readonly includes: LineTest[];
  private readonly excludes: LineTest[];
  private readonly fields: LineTest | undefined;
  private readonly hidden: Uint8Array;
  private readonly minLevel: number;
  /** Whether the last record of each stream matched, for lines that come after it apart from it. */
  private readonly lastResults: boolean[] = [];

  /** @throws MusterError USAGE */
  constructor(
    private readonly store: LogStore,
    private readonly filter: LogFilter,
  ) {
    const tests = (patterns: readonly TextPattern[] = []) =>
      patterns.filter(({ text }) => text !== '').map((pattern) => patternTest(store, pattern));
    this.includes = tests(filter.include);
    this.excludes = tests(filter.exclude);
    this.fields = filter.fields?.length ? fieldTest(store, filter.fields) : undefined;
    this.hidden = new Uint8Array(65_536);
    for (const stream of filter.hiddenStreams ?? []) this.hidden[stream] = 1;
    this.minLevel = filter.level === undefined ? 0 : logLevels.indexOf(filter.level);
  }

  /** Whether it lets everything pass. */
  static isOpen(filter: LogFilter): boolean {
    const { include, exclude, level, fields, hiddenStreams, from, to, withoutEvents } = filter;
    const isUsed = (list?: readonly unknown[]) => list !== undefined && list.length > 0;
    return (
      ![include, exclude, fields, hiddenStreams].some(isUsed) &&
      [level, from, to].every((value) => value === undefined) &&
      !withoutEvents
    );
  }

  /** Calls `hit` for the rows from `from` to `to` (exclusive) that are shown. */
  scan(from: number, to: number, hit: (seq: number) => void): void {
    const { index } = this.store;
    for (let seq = from; seq < to;) {
      const meta = index.meta(seq);
      const stream = index.stream(seq);
      let end = seq + 1;
      if (kindOf(meta) === 0)
        while (end < to && (index.meta(end) & continuesFlag) !== 0 && index.stream(end) === stream) end++;
      if (this.matches(seq, end, meta, stream)) for (; seq < end; seq++) hit(seq);
      seq = end;
    }
  }

  private matches(first: number, end: number, meta: number, stream: number): boolean {
    if (this.hidden[stream] === 1) return false;
    if (kindOf(meta) !== 0) return !this.filter.withoutEvents;
    // What came apart from the record that it goes on with is shown with it.
    if ((meta & continuesFlag) !== 0 && this.lastResults[stream] === true) return true;
    return (this.lastResults[stream] = this.recordMatches(first, end, meta));
  }

  private recordMatches(first: number, end: number, meta: number): boolean {
    const { index } = this.store;
    // Without a level it is taken for information.
    if (this.minLevel > 0 && (levelOf(meta) || 3) < this.minLevel) return false;
    const { from, to } = this.filter;
    if (from !== undefined && index.time(first) < from) return false;
    if (to !== undefined && index.time(first) >= to) return false;
    const some = (test: LineTest) => {
      for (let seq = first; seq < end; seq++) if (test(seq)) return true;
      return false;
    };
    return this.includes.every(some) && !this.excludes.some(some) && (!this.fields || some(this.fields));
  }
}
