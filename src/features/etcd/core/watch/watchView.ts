import { setImmediate } from 'node:timers/promises';
import { RE2JS } from 're2js';
import { keyOf, type WatchLog, type WatchRow } from './watchLog';

export type ChangeType = 'put' | 'delete' | 'expired';

export interface WatchFilter {
  text: string;
  /** `text` is a regular expression (RE2); else a part of the key in any case. */
  isRegex: boolean;
  types: readonly ChangeType[];
}

export interface ViewedRow {
  /** Its place: `first` is the oldest, `end - 1` the newest. */
  at: number;
  row: WatchRow;
  /** Changes of the key so far, when rows are grouped. */
  count: number | undefined;
}

const everything: WatchFilter = { text: '', isRegex: false, types: ['put', 'delete', 'expired'] };
/** Milliseconds of work before others get their turn. */
const sliceMs = 10;
/** Places of forgotten rows that are kept until they are worth removing. */
const slack = 10_000;

/**
 * Which rows of a log are shown: those that the filter lets through, all or the last of each key. What happened to the
 * watch itself is always among them. It follows the log when `catchUp` is called, except while it is paused.
 */
export class WatchView {
  private filter = everything;
  private matches: (row: WatchRow) => boolean = () => true;
  private isGrouped = false;
  /** Where a paused view ends in the log. */
  private pausedAt: number | undefined;
  /** The next row of the log to look at. */
  private cursor = 0;
  /** `seq` of the rows shown, from the oldest; those before `hidden` are forgotten. */
  private shown: number[] = [];
  private hidden = 0;
  /** The place of `shown[0]`. */
  private base = 0;
  private groups = new Map<string, Group>();
  private groupList: Group[] | undefined;
  /** Grows whenever rows change their places, other than by new ones at the end. */
  generation = 0;

  constructor(private readonly log: WatchLog) {}

  get first(): number {
    return this.isGrouped ? 0 : this.base + this.hidden;
  }

  get end(): number {
    return this.isGrouped ? this.groupsByAge.length : this.base + this.shown.length;
  }

  /** Rows of the log that the view has not looked at: it is paused, or a filter is at work. */
  get behind(): number {
    return this.log.end - Math.max(this.cursor, this.log.first);
  }

  get isPaused(): boolean {
    return this.pausedAt !== undefined;
  }

  get grouped(): boolean {
    return this.isGrouped;
  }

  /** Whether `catchUp` has work. */
  get isBehind(): boolean {
    return this.cursor < Math.min(this.pausedAt ?? Infinity, this.log.end);
  }

  pause(): void {
    this.pausedAt ??= this.log.end;
  }

  resume(): void {
    this.pausedAt = undefined;
  }

  /** @throws RangeError for text that is not a regular expression; the filter stays as it was */
  setFilter(filter: WatchFilter): void {
    this.matches = matcherOf(filter);
    this.filter = filter;
    this.startOver();
  }

  setGrouped(isGrouped: boolean): void {
    if (isGrouped === this.isGrouped) return;
    this.isGrouped = isGrouped;
    this.startOver();
  }

  get activeFilter(): WatchFilter {
    return this.filter;
  }

  /** Looks at what is new in the log, in slices. */
  async catchUp(): Promise<void> {
    let began = performance.now();
    while (this.isBehind) {
      const end = Math.min(this.pausedAt ?? Infinity, this.log.end);
      this.cursor = Math.max(this.cursor, this.log.first);
      for (let steps = 0; steps < 200 && this.cursor < end; steps++) this.take(this.log.at(this.cursor++)!);
      if (performance.now() - began < sliceMs) continue;
      await setImmediate();
      began = performance.now();
    }
    this.forget();
  }

  /** The rows at the places `from` up to, but without, `to`, the newest first. */
  rows(from: number, to: number): ViewedRow[] {
    const found: ViewedRow[] = [];
    for (let at = Math.min(to, this.end) - 1; at >= Math.max(from, this.first); at--) {
      const group = this.isGrouped ? this.groupsByAge[at] : undefined;
      const row = this.log.at(group ? group.seq : this.shown[at - this.base]!);
      if (row) found.push({ at, row, count: group?.count });
    }
    return found;
  }

  private take(row: WatchRow): void {
    if (!this.matches(row)) return;
    if (!this.isGrouped) return void this.shown.push(row.seq);
    const key = keyOf(row);
    const name = key ? `k${key.toString('latin1')}` : `c${row.seq}`;
    const count = (this.groups.get(name)?.count ?? 0) + 1;
    // The map stays in the order of the last changes.
    this.groups.delete(name);
    this.groups.set(name, { seq: row.seq, count });
    this.regroup();
  }

  /** Leaves out what the log has forgotten. */
  forget(): void {
    const { first } = this.log;
    for (const [name, { seq }] of this.groups) {
      if (seq >= first) break;
      this.groups.delete(name);
      this.regroup();
    }
    while (this.hidden < this.shown.length && this.shown[this.hidden]! < first) this.hidden++;
    if (this.hidden < slack) return;
    this.shown = this.shown.slice(this.hidden);
    this.base += this.hidden;
    this.hidden = 0;
  }

  private regroup(): void {
    if (this.groupList) this.generation++;
    this.groupList = undefined;
  }

  private get groupsByAge(): Group[] {
    return (this.groupList ??= [...this.groups.values()]);
  }

  private startOver(): void {
    this.generation++;
    this.cursor = this.log.first;
    this.shown = [];
    this.hidden = 0;
    this.base = 0;
    this.groups.clear();
    this.groupList = undefined;
  }
}

interface Group {
  /** Its last change. */
  seq: number;
  count: number;
}

/** What kind of change a row tells; undefined for what is none. */
export function changeType(row: WatchRow): ChangeType | undefined {
  if (row.kind === 'control') return undefined;
  if (row.kind === 'snapshot') return 'put';
  if (row.kind === 'difference') return row.change.current ? 'put' : 'delete';
  return row.event.type === 'put' ? 'put' : row.event.lease ? 'expired' : 'delete';
}

function matcherOf({ text, isRegex, types }: WatchFilter): (row: WatchRow) => boolean {
  const wanted = new Set(types);
  const matchesText = text === '' ? () => true : isRegex ? regexMatcher(text) : partMatcher(text);
  return (row) => {
    const type = changeType(row);
    return type === undefined || (wanted.has(type) && matchesText(keyOf(row)!.toString()));
  };
}

function partMatcher(text: string): (key: string) => boolean {
  const wanted = text.toLowerCase();
  return (key) => key.toLowerCase().includes(wanted);
}

function regexMatcher(pattern: string): (key: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return (key) => compiled.matcher(key).find();
  } catch (error) {
    throw new RangeError((error as Error).message, { cause: error });
  }
}
