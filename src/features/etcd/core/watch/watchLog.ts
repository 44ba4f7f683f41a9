import type { MusterError } from '../../../../platform/errors/errors';
import type { Key, KeyValue } from '../client/etcdModel';
import type { KeyDifference, WatchEvent, WatchRecord } from './etcdWatchRecord';

/** What happened to the watch itself, in its place among the changes. */
export type WatchControl =
  | Extract<WatchRecord, { type: 'connected' | 'disconnected' | 'resumed' | 'detour' | 'gap' }>
  /** All net differences of a gap were told. */
  | { type: 'converged'; revision: number; deletionsKnown: boolean }
  /** What an earlier log held, changes up to `revision`, is lost. */
  | { type: 'lost'; revision: number; changes: number }
  | { type: 'ended'; error: MusterError };

/**
 * One line of a watch. `seq` counts from 0 without gaps; `time` is when this machine saw it, ms since the epoch. A change
 * that `isPast` was made before, at a time that is unknown.
 */
export type WatchRow = {
  seq: number;
  time: number;
} & (
  | { kind: 'control'; control: WatchControl }
  | ({ kind: 'event'; event: WatchEvent; isPast: boolean } & Values)
  /** A net difference over a gap: no event. */
  | ({ kind: 'difference'; revision: number; change: KeyDifference } & Values)
  /** There when the watch began. */
  | ({ kind: 'snapshot'; revision: number; kv: KeyValue } & Values)
);

export type KeyRow = Exclude<WatchRow, { kind: 'control' }>;

interface Values {
  /** Bytes of the value before and after; undefined where there is none or it is unknown. */
  sizes: { before: number | undefined; after: number | undefined };
  /** The values were dropped for want of room; the sizes are still true. */
  valuesForgotten: boolean;
}

export interface WatchLogLimits {
  rows: number;
  /** Bytes of values; beyond it the oldest are dropped and their rows stay. */
  valueBytes: number;
  /** Bytes of keys; beyond it the oldest rows are dropped. */
  keyBytes: number;
}

const defaultLimits: WatchLogLimits = {
  rows: 100_000,
  valueBytes: 64 * 1024 * 1024,
  keyBytes: 32 * 1024 * 1024,
};
const none = Buffer.alloc(0);

/** The newest rows of a watch, within bounds; it counts what it had to forget. */
export class WatchLog {
  private readonly limits: WatchLogLimits;
  /** A ring: the row of `seq` is at `seq % limits.rows`. */
  private readonly ring: WatchRow[] = [];
  /** The oldest row that is kept, and the one after the newest. */
  first = 0;
  end = 0;
  /** The oldest row that still has its values. */
  private withValues = 0;
  private valueBytes = 0;
  private keyBytes = 0;
  /** Rows that are gone, and the last revision among them. */
  readonly forgotten = { rows: 0, revision: 0 };
  /** Rows that lost their values, those that are gone not counted. */
  get rowsWithoutValues(): number {
    return Math.max(0, this.withValues - this.first);
  }
  /** Changes told so far, forgotten ones included. */
  events = 0;
  /** Every change up to this revision was told or is a part of a gap that was told. */
  complete = 0;
  /** When the last sign of life came, ms since the epoch. */
  aliveAt: number | undefined;

  constructor(limits: Partial<WatchLogLimits> = {}) {
    this.limits = { ...defaultLimits, ...limits };
  }

  /**
   * `complete`: the revision up to which everything was told with this record; `pastUntil`: that up to which changes were
   * made before the watch could see them.
   */
  add(record: WatchRecord, complete: number, { time = Date.now(), pastUntil = 0 } = {}): void {
    switch (record.type) {
      case 'events':
        for (const event of record.events) {
          const { current, previous } = event;
          const sizes = { before: previous?.value.length, after: current?.value.length };
          const isPast = event.revision <= pastUntil;
          const row = { seq: this.end, time, event, isPast, sizes };
          this.push({ kind: 'event', ...row, valuesForgotten: false });
        }
        this.events += record.events.length;
        break;
      case 'difference': {
        const { revision, changes, last, deletionsKnown } = record;
        for (const change of changes) {
          const sizes = { before: undefined, after: change.current?.value.length };
          const row = { seq: this.end, time, revision, change, sizes };
          this.push({ kind: 'difference', ...row, valuesForgotten: false });
        }
        if (last) this.control({ type: 'converged', revision, deletionsKnown }, time);
        break;
      }
      case 'snapshot':
        for (const kv of record.kvs) {
          const sizes = { before: undefined, after: kv.value.length };
          const row = { seq: this.end, time, revision: record.revision, kv, sizes };
          this.push({ kind: 'snapshot', ...row, valuesForgotten: false });
        }
        break;
      case 'progress':
        break;
      case 'connected':
      case 'disconnected':
      case 'resumed':
      case 'detour':
      case 'gap':
        this.control(record, time);
        break;
    }
    this.complete = complete;
    if (record.type !== 'disconnected' && record.type !== 'detour') this.aliveAt = time;
  }

  /** The window was reloaded: the rows of before are gone. */
  loseEarlier(revision: number, changes: number, time = Date.now()): void {
    this.control({ type: 'lost', revision, changes }, time);
  }

  /** The watch ended for good. */
  fail(error: MusterError, time = Date.now()): void {
    this.control({ type: 'ended', error }, time);
  }

  at(seq: number): WatchRow | undefined {
    return seq >= this.first && seq < this.end ? this.ring[seq % this.limits.rows] : undefined;
  }

  private control(control: WatchControl, time: number): void {
    this.push({ kind: 'control', seq: this.end, time, control });
  }

  private push(row: WatchRow): void {
    if (this.end - this.first === this.limits.rows) this.forgetFirst();
    this.ring[row.seq % this.limits.rows] = row;
    this.end++;
    this.valueBytes += valueBytes(row);
    this.keyBytes += keyOf(row)?.length ?? 0;
    while (this.valueBytes > this.limits.valueBytes && this.withValues < this.end) this.forgetValues();
    while (this.keyBytes > this.limits.keyBytes && this.end - this.first > 1) this.forgetFirst();
  }

  private forgetFirst(): void {
    const row = this.at(this.first)!;
    if (this.withValues === this.first) {
      this.valueBytes -= valueBytes(row);
      this.withValues++;
    }
    this.keyBytes -= keyOf(row)?.length ?? 0;
    this.first++;
    this.forgotten.rows++;
    this.forgotten.revision = Math.max(this.forgotten.revision, revisionOf(row) ?? 0);
  }

  private forgetValues(): void {
    const row = this.at(this.withValues++)!;
    const bytes = valueBytes(row);
    if (bytes === 0) return;
    this.valueBytes -= bytes;
    this.ring[row.seq % this.limits.rows] = withoutValues(row);
  }
}

/** The key that a row is about. */
export function keyOf(row: WatchRow): Key | undefined {
  switch (row.kind) {
    case 'event':
      return row.event.key;
    case 'difference':
      return row.change.key;
    case 'snapshot':
      return row.kv.key;
    case 'control':
      return undefined;
  }
}

/** The revision that a row tells; of a gap its last one. */
export function revisionOf(row: WatchRow): number | undefined {
  if (row.kind === 'event') return row.event.revision;
  if (row.kind !== 'control') return row.revision;
  const { control } = row;
  return control.type === 'gap' ? control.to : control.type === 'ended' ? undefined : control.revision;
}

/** The states before and after, where they are known and still kept. */
export function valuesOf(row: KeyRow): { before: Buffer | undefined; after: Buffer | undefined } {
  if (row.valuesForgotten) return { before: undefined, after: undefined };
  if (row.kind === 'event') return { before: row.event.previous?.value, after: row.event.current?.value };
  const after = row.kind === 'snapshot' ? row.kv : row.change.current;
  return { before: undefined, after: after?.value };
}

function valueBytes(row: WatchRow): number {
  if (row.kind === 'control' || row.valuesForgotten) return 0;
  return (row.sizes.before ?? 0) + (row.sizes.after ?? 0);
}

function withoutValues(row: WatchRow): WatchRow {
  const empty = <KV extends KeyValue | undefined>(kv: KV): KV => kv && { ...kv, value: none };
  switch (row.kind) {
    case 'control':
      return row;
    case 'event': {
      const { event } = row;
      const kept = { ...event, current: empty(event.current), previous: empty(event.previous) };
      return { ...row, event: kept, valuesForgotten: true };
    }
    case 'difference':
      return {
        ...row,
        change: { ...row.change, current: empty(row.change.current) },
        valuesForgotten: true,
      };
    case 'snapshot':
      return { ...row, kv: empty(row.kv), valuesForgotten: true };
  }
}
