import { type Continues, continuation } from '../recognise/continuation';
import {
  arrivedFlag,
  continuesFlag,
  hasInheritedTime,
  hasUncertainTime,
  inheritedTime,
  kindOf,
  lateFlag,
  lengthOf,
  levelOf,
  LineIndex,
  metaOf,
  remarkFlag,
  uncertainTime,
} from './lineIndex';
import { LineSplitter } from '../follow/lineSplitter';
import { LineMerge, MergedStream } from './lineMerge';
import { logLevels } from '../recognise/logLevel';
import { controlKinds, type LogRow, maxRowLength, type TimeSource } from '../logRow';
import type { SinkStream, StreamEvent, StreamPhase } from './logSink';
import { offsetOf, slabBytes, Slabs } from './slabs';
import type { LogZone } from '../recognise/logZone';
import { LineRecogniser } from '../recognise/recogniseLine';

export interface LogStoreOptions {
  /** Bytes for lines and their index. */
  memory: number;
  holdMs: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** What is told of few lines. */
interface Remark {
  cut?: number;
  lost?: number | null;
}

interface StoredStream {
  readonly about: SinkStream;
  readonly merged: MergedStream;
  readonly recogniser: LineRecogniser;
  readonly continues: Continues;
  readonly lines: LineSplitter;
  /** When its lines were written at the latest; Infinity where only their arrival is known. */
  writtenBy: number;
  /** Of the last record. */
  lastTime: number;
  lastLevel: number;
  hasTimes: boolean;
}

/** Bytes waiting to be merged: more than this much of the memory would keep slabs from being used again. */
const pendingShare = 4;
const maxFeedBytes = 2 * 1024 * 1024;

/** Lines read between two looks at the clock. */
const readStep = 1_024;

/**
 * The lines of a session: bytes in slabs, and an index in merged order. Nothing is allocated for a line, nothing is
 * decoded before it is shown, and the oldest are dropped when the memory is used up. The lines of a stream that is alone
 * have their place as they come, and are read later: what is looked at then does not slow down what comes.
 */
export class LogStore {
  readonly index = new LineIndex();
  readonly slabs = new Slabs();
  /** Lines and bytes received. */
  lines = 0;
  bytes = 0;
  /** Time, level and record of the lines before it are known: a view shows no others. */
  readSeq = 0;
  private readonly streams: (StoredStream | undefined)[] = [];
  private readonly remarks = new Map<number, Remark>();
  /** Remarks of lines that have no seq yet, by address. */
  private readonly unmergedRemarks = new Map<number, Remark>();
  private readonly merge: LineMerge;
  private readonly now: () => number;
  private arrival = 0;
  /** Whether what comes now has its place at once. */
  private isAlone = false;

  constructor(private readonly options: LogStoreOptions) {
    this.now = options.now ?? Date.now;
    this.merge = new LineMerge({
      holdMs: options.holdMs,
      maxPendingBytes: Math.min(options.memory / pendingShare, 64 * 1024 * 1024),
      maxFeedBytes,
      emit: (address, meta, time, stream, isLate) => this.emit(address, meta, time, stream, isLate),
    });
  }

  /** The oldest seq that is kept, and the one after the newest. */
  get firstSeq(): number {
    return this.index.first;
  }
  get endSeq(): number {
    return this.index.end;
  }
  get late(): number {
    return this.merge.late;
  }
  /** Bytes of lines that wait to be merged. */
  get pendingBytes(): number {
    return this.merge.bytes;
  }
  /** Bytes of memory in use. */
  get used(): number {
    return this.slabs.bytes + this.index.bytes;
  }

  pendingOf(feed: number): number {
    return this.merge.pendingOf(feed);
  }

  expect(feed: number): void {
    this.merge.expect(feed, this.now());
  }

  open(about: SinkStream): void {
    const merged = new MergedStream(about.id, about.feed, this.now());
    this.merge.add(merged);
    const stream: StoredStream = {
      about,
      merged,
      recogniser: new LineRecogniser(about.format, about.fields),
      continues: continuation(about.multiline),
      lines: new LineSplitter(
        this.slabs,
        () => this.nextSlab(),
        (bytes, start, end, address, cut) => this.takeLine(stream, bytes, start, end, address, cut),
      ),
      ...{ writtenBy: Infinity, lastTime: NaN, lastLevel: 0, hasTimes: false },
    };
    this.streams[about.id] = stream;
  }

  prefixOf(stream: number): string {
    return this.streams[stream]?.about.prefix ?? '';
  }

  formatOf(stream: number): SinkStream | undefined {
    return this.streams[stream]?.about;
  }

  phase(id: number, phase: StreamPhase, zone?: LogZone): void {
    const stream = this.streams[id]!;
    if (zone) {
      this.read();
      stream.recogniser.zone = zone;
    }
    this.merge.enter(stream.merged, phase);
    if (phase !== 'ended') return;
    this.arriving(stream);
    stream.lines.end();
  }

  written(id: number, time: number): void {
    // Lines that have come already were written before.
    this.read();
    this.streams[id]!.writtenBy = time;
  }

  append(id: number, bytes: Buffer, start: number, end: number): void {
    const stream = this.streams[id]!;
    this.bytes += end - start;
    this.arriving(stream);
    stream.lines.append(bytes, start, end);
  }

  event(id: number, { kind, text, lost }: StreamEvent, endsLine = false): void {
    const stream = this.streams[id]!;
    this.arriving(stream);
    if (endsLine) stream.lines.end();
    const bytes = Buffer.from(text);
    if (this.slabs.count === 0 || bytes.length > this.slabs.left) this.nextSlab();
    const address = this.slabs.write(bytes, 0, bytes.length);
    const meta = metaOf(bytes.length, controlKinds.indexOf(kind) + 1, 0, 0);
    this.push(stream, address, meta, this.arrival, lost === undefined ? undefined : { lost });
  }

  /** Merges what may be merged; milliseconds until there may be more, undefined if nothing waits. */
  flush(everything = false): number | undefined {
    return this.merge.flush(this.now(), everything);
  }

  /** Reads lines until `deadline`, of performance.now; whether there are more. */
  read(deadline = Infinity): boolean {
    while (this.readTo(this.readSeq + readStep) && performance.now() < deadline);
    return this.readSeq < this.index.end;
  }

  /** Reads the lines before a seq; whether there are more. */
  readTo(seq: number): boolean {
    const end = Math.min(seq, this.index.end);
    while (this.readSeq < end) this.readLine(this.readSeq++);
    return this.readSeq < this.index.end;
  }

  /** A row as it is shown. */
  row(seq: number): LogRow {
    const { index } = this;
    this.readTo(seq + 1);
    const address = index.address(seq);
    const meta = index.meta(seq);
    const kind = kindOf(meta);
    const length = lengthOf(meta);
    const { cut, lost } = (meta & remarkFlag) !== 0 ? (this.remarks.get(seq) ?? {}) : ({} as Remark);
    const shown = Math.min(length, maxRowLength);
    const offset = offsetOf(address);
    return {
      seq,
      stream: index.stream(seq),
      kind: kind === 0 ? 'line' : controlKinds[kind - 1]!,
      ...((meta & arrivedFlag) === 0 && { time: index.time(seq) }),
      timeSource: timeSourceOf(meta),
      level: logLevels[levelOf(meta)]!,
      text: this.slabs.buffer(address).toString('utf8', offset, offset + shown),
      ...((meta & continuesFlag) !== 0 && { continues: true as const }),
      ...((meta & lateFlag) !== 0 && { late: true as const }),
      ...(length > shown && { hidden: length - shown }),
      ...(cut !== undefined && { cut }),
      ...(lost !== undefined && { lost }),
    };
  }

  /** The line of a seq, whole. */
  fullText(seq: number): string {
    const address = this.index.address(seq);
    const offset = offsetOf(address);
    return this.slabs.buffer(address).toString('utf8', offset, offset + lengthOf(this.index.meta(seq)));
  }

  private takeLine(
    stream: StoredStream,
    bytes: Buffer,
    start: number,
    end: number,
    address: number,
    cut: number,
  ): void {
    this.lines++;
    if (end > start && bytes[end - 1] === 0x0d) end--;
    const remark = cut > 0 ? { cut } : undefined;
    if (this.isAlone) this.push(stream, address, end - start, this.arrival, remark);
    else {
      const hadTimes = stream.hasTimes;
      const read = this.recognise(stream, bytes, start, end, this.arrival);
      // Lines before the first time, such as a title, stand with what follows them.
      if (stream.hasTimes && !hadTimes) this.merge.bringForward(stream.merged, stream.lastTime);
      this.push(stream, address, (end - start) | read, stream.lastTime, remark);
    }
  }

  /** Finds time and level of a line, or that it goes on with the one before; what is known of it as flags and level. */
  private recognise(
    stream: StoredStream,
    bytes: Buffer,
    start: number,
    end: number,
    arrival: number,
  ): number {
    let flags = 0;
    let kind = inheritedTime;
    // The first line begins a record, whatever it looks like.
    if (stream.lastTime === stream.lastTime && stream.continues(bytes, start, end)) flags = continuesFlag;
    else {
      const { recogniser } = stream;
      recogniser.read(bytes, start, end, Math.min(arrival, stream.writtenBy));
      // Where records have a time, a line without one belongs to the record before it.
      if (stream.hasTimes && stream.about.multiline === undefined && recogniser.continuesRecord)
        flags = continuesFlag;
      else stream.lastLevel = recogniser.level;
      if (recogniser.time === recogniser.time) {
        stream.lastTime = recogniser.time;
        stream.hasTimes = true;
        kind = recogniser.isCertain ? 0 : uncertainTime;
      } else if (!stream.hasTimes) stream.lastTime = arrival;
    }
    if (!stream.hasTimes) flags |= arrivedFlag;
    return metaOf(0, kind, stream.lastLevel, flags);
  }

  /** A line that has its place, and so far the time at which it came. */
  private readLine(seq: number): void {
    const { index } = this;
    const stream = this.streams[index.stream(seq)]!;
    const arrival = index.time(seq);
    let meta = index.meta(seq);
    let time = arrival;
    if (kindOf(meta) === 0) {
      const address = index.address(seq);
      const start = offsetOf(address);
      const slab = this.slabs.buffer(address);
      meta |= this.recognise(stream, slab, start, start + lengthOf(meta), arrival);
      time = stream.lastTime;
    }
    if (this.merge.isLate(stream.merged, time, arrival)) meta |= lateFlag;
    index.set(seq, meta >>> 0, time);
  }

  /** Something comes of a stream now. */
  private arriving(stream: StoredStream): void {
    this.arrival = this.now();
    stream.merged.activeAt = this.arrival;
    this.isAlone = this.merge.isAlone(stream.merged);
    // What others say is put in its place by the times of what came before.
    if (!this.isAlone) this.read();
  }

  private push(
    stream: StoredStream,
    address: number,
    meta: number,
    time: number,
    remark: Remark | undefined,
  ): void {
    if (remark) meta |= remarkFlag;
    if (this.isAlone) {
      if (remark) this.remarks.set(this.index.end, remark);
      this.slabs.placed(address, this.index.end);
      this.index.append(address, meta >>> 0, time, stream.about.id);
      return;
    }
    if (remark) this.unmergedRemarks.set(address, remark);
    this.slabs.waiting(address, 1);
    this.merge.push(stream.merged, address, meta >>> 0, time, this.arrival);
  }

  private nextSlab(): void {
    while (this.slabs.count > 1 && this.used + slabBytes > this.options.memory) {
      if (!this.slabs.oldestIsMerged) this.merge.flush(this.now(), true);
      if (!this.slabs.oldestIsMerged) break;
      this.dropBefore(this.slabs.oldestLastSeq + 1);
    }
    this.slabs.next();
  }

  private dropBefore(seq: number): void {
    this.index.dropBefore(seq);
    this.readSeq = Math.max(this.readSeq, this.index.first);
    this.slabs.release(this.index.first);
    for (const old of this.remarks.keys()) {
      if (old >= this.index.first) break;
      this.remarks.delete(old);
    }
  }

  private emit(address: number, meta: number, time: number, stream: number, isLate: boolean): void {
    const seq = this.index.end;
    if ((meta & remarkFlag) !== 0) {
      this.remarks.set(seq, this.unmergedRemarks.get(address)!);
      this.unmergedRemarks.delete(address);
    }
    this.index.append(address, isLate ? (meta | lateFlag) >>> 0 : meta, time, stream);
    this.slabs.merged(address, seq);
    // Nothing waits to be read while something waits to be merged.
    this.readSeq = seq + 1;
  }
}

function timeSourceOf(meta: number): TimeSource {
  if (kindOf(meta) !== 0) return 'event';
  if ((meta & arrivedFlag) !== 0) return 'none';
  if (hasInheritedTime(meta)) return 'before';
  return hasUncertainTime(meta) ? 'offset' : 'line';
}
