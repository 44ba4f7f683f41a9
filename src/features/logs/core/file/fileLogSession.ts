import { posix } from 'node:path';
import { pause } from '../../../../platform/batch/deadline';
import { errorReport, MusterError, toMusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { continuation } from '../recognise/continuation';
import { type LogZone, ownZone } from '../recognise/logZone';
import { latestWrite } from '../follow/modificationTime';
import { extractFields } from '../recognise/extractFields';
import type { LogFilter } from '../filter/logFilter';
import { logLevels } from '../recognise/logLevel';
import { type LogDetails, maxLineBytes, maxRowLength } from '../logRow';
import type { LogStats } from '../logSession';
import type { LogStream } from '../logStream';
import type { LogView } from '../logView';
import type { RangedFile } from './rangedFile';
import { type BlockLines, FileBlocks } from './fileBlocks';
import type { FileReach } from './fileLogContract';
import { type FilePorts, FileView } from './fileView';
import { type RecognisedBlock, recogniseBlock, timeSources } from './recognisedBlock';
import type { ShownLog } from './shownLog';
import { Told } from './told';

export interface FileLogOptions {
  /**
   * `all` reads the file through from its beginning, and what is written to it later; `parts` only what is looked at,
   * from its end on.
   */
  reads: 'all' | 'parts';
  /** Finds the offset of the first line of a time or later, ms since 1970. */
  seekTime?: (time: number) => Promise<number>;
}

/** Bytes that are read at once: of a file that is read through, and of one that is read in parts. */
const readBytes = { all: 4 * 1024 * 1024, parts: 512 * 1024 };
/** Milliseconds between two looks at whether a file has grown. */
const growMs = 1000;

/** A file as a log, of any size: only where its lines are is kept in memory. */
export class FileLogSession implements ShownLog {
  private blocks: FileBlocks;
  private readonly views = new Set<FileView>();
  private readonly closing = new AbortController();
  private readonly recognised = new WeakMap<BlockLines, RecognisedBlock>();
  private readonly goesOn = continuation(undefined);
  private readonly zone: LogZone;
  private stream: LogStream;
  private readonly streamsTold = new Told(() => this.streams);
  private readonly statsTold = new Told(() => this.stats);
  private extending: Promise<void> | undefined;
  /** Not in a `parts` file until it was looked at there. */
  private isAtEnd = false;
  private isOver!: () => void;
  readonly ended = new Promise<void>((resolve) => (this.isOver = resolve));

  constructor(
    private readonly file: RangedFile,
    private readonly options: FileLogOptions,
  ) {
    this.blocks = this.blocksFrom(0);
    const own = ownZone();
    // What is written on a host is perhaps in the zone of this machine, and perhaps not.
    this.zone = file.host === '' ? own : { offsetMs: own.offsetMs };
    this.stream = {
      ...{
        id: 0,
        host: file.host,
        source: posix.basename(file.path.replaceAll('\\', '/')),
        label: file.path,
      },
      ...{ state: 'reading', bytes: 0, lines: 0 },
    };
    void (options.reads === 'all' ? this.readThrough() : this.seek(file.size)).catch((error: unknown) =>
      this.fail(error),
    );
  }

  get streams(): readonly LogStream[] {
    return [this.stream];
  }
  get onStreams() {
    return this.streamsTold.listen;
  }

  get stats(): LogStats {
    const { start, end, firstLine, endLine } = this.blocks;
    const lines = endLine - firstLine;
    return {
      ...{ lines, bytes: end - start, rate: 0, retained: lines, firstSeq: start, endSeq: end },
      ...{ dropped: 0, late: 0, throttled: false },
    };
  }
  get onStats() {
    return this.statsTold.listen;
  }

  get reach(): FileReach {
    const { start, end } = this.blocks;
    return { start, end, size: Math.max(end, this.file.size) };
  }

  /** A file is what it is. */
  add(): void {}

  // eslint-disable-next-line @typescript-eslint/require-await -- what is wrong with a filter is told as of other sessions
  async view(filter: LogFilter = {}): Promise<LogView> {
    const view: FileView = new FileView(this.portsOf(), filter);
    this.views.add(view);
    return view;
  }

  async details(seq: number): Promise<LogDetails | undefined> {
    const block = this.blocks.ofOffset(seq);
    if (!block) return undefined;
    const lines = await this.blocks.lines(block);
    const { bytes, starts, ends } = lines;
    const at = starts.indexOf(seq - block.offset);
    if (at < 0) return undefined;
    const { times, levels, continues, sources } = this.recognise(lines);
    const [start, end] = [starts[at]!, ends[at]!];
    const fullText = bytes.toString('utf8', start, Math.min(end, start + maxLineBytes));
    let [first, last] = [at, at];
    while (continues[first]) first--;
    while (continues[last + 1]) last++;
    const time = times[at]!;
    return {
      ...{
        seq,
        stream: 0,
        kind: 'line',
        level: logLevels[levels[at]!]!,
        text: fullText.slice(0, maxRowLength),
        fullText,
      },
      ...(!Number.isNaN(time) && { time }),
      timeSource: timeSources[sources[at]!]!,
      fields: extractFields(fullText, 'auto'),
      record: { first: block.offset + starts[first]!, last: block.offset + starts[last]! },
    };
  }

  /** Shows the lines from an offset on: what was covered before is forgotten. */
  async seek(offset: number): Promise<void> {
    const at = Math.max(0, Math.min(offset, this.file.size));
    this.blocks = this.blocksFrom(await this.lineStart(at));
    this.isAtEnd = false;
    if (await this.blocks.extendAfter(readBytes.parts)) this.tellCovered(true);
    else {
      this.isAtEnd = true;
      // At the end of the file there is more before than after.
      await this.blocks.extendBefore(readBytes.parts);
      this.tellCovered(true);
    }
    this.show({ state: 'following' });
  }

  async dispose(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort(new MusterError('CANCELLED', t('the log was closed')));
    for (const view of this.views) view.dispose();
    this.streamsTold.dispose();
    this.statsTold.dispose();
    this.isOver();
    await this.file.close();
  }

  private blocksFrom(anchor: number): FileBlocks {
    return new FileBlocks(this.file, anchor, this.closing.signal);
  }

  /** Views keep the ports over a seek: what they look at is always that of now. */
  private portsOf(): FilePorts {
    const blocks = () => this.blocks;
    return {
      get blocks() {
        return blocks();
      },
      signal: this.closing.signal,
      name: this.stream.host || this.stream.source,
      recognise: (lines) => this.recognise(lines),
      near: (end) => this.near(end),
      cover: (time) => this.cover(time),
    };
  }

  private recognise(lines: BlockLines): RecognisedBlock {
    let known = this.recognised.get(lines);
    if (!known) {
      known = recogniseBlock(lines, this.goesOn, this.zone, latestWrite(this.file));
      this.recognised.set(lines, known);
    }
    return known;
  }

  private async readThrough(): Promise<void> {
    for (;;) {
      const before = this.blocks.end;
      const hasMore = await this.blocks.extendAfter(readBytes.all);
      if (this.closing.signal.aborted) return;
      if (this.blocks.end !== before) this.tellCovered(false);
      if (hasMore) continue;
      if (this.stream.state === 'reading') this.show({ state: 'following' });
      await pause(growMs, this.closing.signal);
      if (this.closing.signal.aborted) return;
    }
  }

  private near(end: 'first' | 'end'): void {
    if (this.options.reads === 'all' || this.extending) return;
    const { blocks } = this;
    if (end === 'end' && this.isAtEnd) return;
    if (end === 'first' && blocks.start === 0) return;
    this.extending = (async () => {
      if (end === 'first') await blocks.extendBefore(readBytes.parts);
      else if (!(await blocks.extendAfter(readBytes.parts))) this.isAtEnd = true;
      if (blocks === this.blocks) this.tellCovered(false);
    })()
      .catch((error: unknown) => this.fail(error))
      .finally(() => (this.extending = undefined));
  }

  private async cover(time: number): Promise<boolean> {
    if (this.options.reads === 'all' || !this.options.seekTime) return false;
    const offset = await this.options.seekTime(time);
    if (offset >= this.blocks.start && offset < this.blocks.end) return false;
    await this.seek(offset);
    return true;
  }

  /** The beginning of the line that an offset is in. */
  private async lineStart(offset: number): Promise<number> {
    if (offset === 0) return 0;
    const before = this.blocksFrom(offset);
    await before.extendBefore(64 * 1024);
    // The blocks before end with the last line that is whole.
    const last = before.count > 0 ? before.at(before.count - 1) : undefined;
    return last ? last.offset + last.length : 0;
  }

  private tellCovered(isOther: boolean): void {
    const { start, end, firstLine, endLine } = this.blocks;
    for (const view of this.views) view.covered(this.blocks, isOther);
    this.show({ bytes: end - start, lines: endLine - firstLine });
    this.statsTold.changed();
  }

  private show(change: Partial<LogStream>): void {
    this.stream = { ...this.stream, ...change };
    this.streamsTold.changed();
  }

  private fail(error: unknown): void {
    if (this.closing.signal.aborted) return;
    this.show({ state: 'failed', error: errorReport(toMusterError(error)) });
    this.isOver();
  }
}
