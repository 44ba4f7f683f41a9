import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { logLevels } from '../recognise/logLevel';
import type { LogFilter, TextPattern } from '../filter/logFilter';
import { type LogRow, maxRowLength } from '../logRow';
import type { FindState, Histogram, Listen, LogView, ViewState } from '../logView';
import { Told } from './told';
import type { BlockLines, FileBlocks } from './fileBlocks';
import { FileScan } from './fileScan';
import { lineTest, patternTest, type LineTest } from './lineTest';
import { LineNumbers } from './lineNumbers';
import { type RecognisedBlock, timeSources } from './recognisedBlock';

/** Rows that are told, and looked through for a search, at once. */
const mostRows = 2000;

/** What a view needs of its session. */
export interface FilePorts {
  readonly blocks: FileBlocks;
  readonly signal: AbortSignal;
  readonly name: string;
  recognise: (lines: BlockLines) => RecognisedBlock;
  /** Rows near an end of what is covered are looked at. */
  near: (end: 'first' | 'end') => void;
  /** Covers the place of a time; resolves with false where it is covered already or cannot be found. */
  cover: (time: number) => Promise<boolean>;
}

/** The lines of a file that pass a filter. Rows are read when they are asked for. */
export class FileView implements LogView {
  private generation = 0;
  private scan: FileScan;
  private finding: { test: LineTest; matches: LineNumbers; next: number; previous: number } | undefined;
  private readonly stateTold: Told<ViewState>;
  private readonly findTold: Told<FindState>;
  private working: Promise<void> | undefined;
  private isDisposed = false;

  constructor(
    private readonly ports: FilePorts,
    private filter: LogFilter,
  ) {
    this.scan = this.scanFor(filter);
    this.stateTold = new Told(() => this.state);
    this.findTold = new Told(() => this.findState);
    this.work();
  }

  get onState(): Listen<ViewState> {
    return this.stateTold.listen;
  }
  get onFind(): Listen<FindState> {
    return this.findTold.listen;
  }

  get state(): ViewState {
    const { blocks } = this.ports;
    const { first, end, scanned } = this.scan;
    const total = blocks.endLine - blocks.firstLine;
    return { generation: this.generation, first, end, total, scanned: this.isOpen ? 1 : scanned };
  }

  get findState(): FindState {
    const { finding } = this;
    if (!finding) return { count: 0, scanned: 1 };
    const { first, end } = this.scan;
    const looked = finding.next - finding.previous - 1;
    const scanned = end === first ? 1 : Math.min(this.state.scanned, looked / (end - first));
    return { count: finding.matches.end - finding.matches.first, scanned };
  }

  /** More is covered, or something else: then places are others. */
  covered(blocks: FileBlocks, isOther: boolean): void {
    if (isOther) {
      this.generation++;
      this.scan = this.scanFor(this.filter);
      this.startFinding(this.finding?.test);
    } else if (blocks.count > 0) this.scan.forgetLast();
    this.stateTold.changed();
    this.work();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a wrong pattern rejects
  async setFilter(filter: LogFilter): Promise<void> {
    this.scan = this.scanFor(filter);
    this.filter = filter;
    this.generation++;
    this.startFinding(this.finding?.test);
    this.stateTold.changed();
    this.work();
  }

  async rows(from: number, to: number): Promise<LogRow[]> {
    this.assertOpen();
    const { scan } = this;
    const first = Math.max(scan.first, from);
    const end = Math.min(scan.end, to, first + mostRows);
    const rows: LogRow[] = [];
    for (let position = first; position < end; position++) {
      const line = scan.lineAt(position);
      const block = this.ports.blocks.ofLine(line);
      if (!block) break;
      const lines = await this.ports.blocks.lines(block);
      rows.push(rowOf(lines, line - block.firstLine, this.ports.recognise(lines)));
    }
    if (first - scan.first < mostRows) this.ports.near('first');
    if (scan.end - end < mostRows) this.ports.near('end');
    return rows;
  }

  async positionOf(seq: number): Promise<number> {
    this.assertOpen();
    const { blocks } = this.ports;
    const block = blocks.ofOffset(seq);
    if (!block) return this.scan.end;
    const { starts } = await blocks.lines(block);
    const line = starts.findIndex((start) => block.offset + start >= seq);
    return this.scan.positionOf(block.firstLine + (line < 0 ? block.lines : line));
  }

  async positionAt(time: number): Promise<number> {
    this.assertOpen();
    if (await this.ports.cover(time)) return this.scan.positionOf(0);
    await this.working;
    const place = this.scan.placeOfTime(time);
    const block = place === undefined ? undefined : this.ports.blocks.byPlace(place);
    if (!block) return this.scan.end;
    const { times } = this.ports.recognise(await this.ports.blocks.lines(block));
    const line = times.findIndex((at) => at >= time);
    return this.scan.positionOf(block.firstLine + Math.max(0, line));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a wrong pattern rejects
  async find(pattern: TextPattern | undefined): Promise<void> {
    this.startFinding(pattern && patternTest(pattern));
  }

  async next(position: number): Promise<{ position: number; ordinal: number } | undefined> {
    return this.match((matches) => {
      const at = matches.positionOf(position + 1);
      return at < matches.end ? at : undefined;
    }, 'first');
  }

  async previous(position: number): Promise<{ position: number; ordinal: number } | undefined> {
    return this.match((matches) => {
      const at = matches.positionOf(position) - 1;
      return at >= matches.first ? at : undefined;
    }, 'last');
  }

  histogram(buckets: number, from?: number, to?: number): Promise<Histogram> {
    return Promise.resolve(this.scan.histogram(buckets, from, to));
  }

  async *text(from: number, to: number, options: { prefixed?: boolean } = {}): AsyncIterable<string> {
    const { blocks, name, recognise } = this.ports;
    const { scan } = this;
    const end = Math.min(scan.end, to);
    let chunk = '';
    for (let position = Math.max(scan.first, from); position < end; position++) {
      this.assertOpen();
      const line = scan.lineAt(position);
      const block = blocks.ofLine(line)!;
      const lines = await blocks.lines(block);
      const at = line - block.firstLine;
      const time = options.prefixed ? recognise(lines).times[at]! : NaN;
      const prefix = options.prefixed
        ? `${Number.isNaN(time) ? '' : `${new Date(time).toISOString()} `}${name} `
        : '';
      chunk += `${prefix}${lines.bytes.toString('utf8', lines.starts[at], lines.ends[at])}\n`;
      if (chunk.length < 65_536) continue;
      yield chunk;
      chunk = '';
    }
    if (chunk !== '') yield chunk;
  }

  dispose(): void {
    this.isDisposed = true;
    this.stateTold.dispose();
    this.findTold.dispose();
  }

  private get isOpen(): boolean {
    return lineTest(this.filter) === undefined;
  }

  /** @throws MusterError FORMAT */
  private scanFor(filter: LogFilter): FileScan {
    return new FileScan(this.ports.blocks, lineTest(filter), (lines) => this.ports.recognise(lines));
  }

  private startFinding(test: LineTest | undefined): void {
    this.finding = test && { test, matches: new LineNumbers(), next: 0, previous: -1 };
    this.findTold.changed();
    this.work();
  }

  /** Matches by place, once the search has come far enough: `pick` finds one, or else the outermost one is it. */
  private async match(
    pick: (matches: LineNumbers) => number | undefined,
    wrapped: 'first' | 'last',
  ): Promise<{ position: number; ordinal: number } | undefined> {
    this.assertOpen();
    await this.working;
    const matches = this.finding?.matches;
    if (!matches || matches.end === matches.first) return undefined;
    const at = pick(matches) ?? (wrapped === 'first' ? matches.first : matches.end - 1);
    return { position: matches.at(at), ordinal: at - matches.first + 1 };
  }

  private assertOpen(): void {
    if (this.isDisposed || this.ports.signal.aborted)
      throw new MusterError('CANCELLED', t('the log was closed'));
  }

  /** Looks through what is new, slice by slice, until there is nothing left. */
  private work(): void {
    this.working ??= this.workOn().finally(() => (this.working = undefined));
    // A file that cannot be read says so where rows are asked for.
    this.working.catch(() => {});
  }

  private async workOn(): Promise<void> {
    for (;;) {
      // What calls this is told of first.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.isDisposed || this.ports.signal.aborted) return;
      const { scan, finding } = this;
      const hasMore = await scan.advance();
      if (hasMore) this.stateTold.changed();
      const looksOn = finding ? await this.findOn(finding) : false;
      if (!hasMore && !looksOn && scan === this.scan && finding === this.finding) return;
    }
  }

  private async findOn(finding: NonNullable<FileView['finding']>): Promise<boolean> {
    const { scan } = this;
    const isAfter = finding.next < scan.end;
    if (!isAfter && finding.previous < scan.first) return false;
    for (let count = 0; count < mostRows; count++) {
      const position = isAfter ? finding.next : finding.previous;
      if (isAfter ? position >= scan.end : position < scan.first) break;
      if (isAfter) finding.next++;
      else finding.previous--;
      const line = scan.lineAt(position);
      const block = this.ports.blocks.ofLine(line);
      if (!block) continue;
      const { bytes, starts, ends } = await this.ports.blocks.lines(block);
      const at = line - block.firstLine;
      const matches = finding.test.passes({ bytes, start: starts[at]!, end: ends[at]!, time: NaN, level: 0 });
      if (!matches) continue;
      if (isAfter) finding.matches.append(position);
      else finding.matches.prepend(position);
    }
    this.findTold.changed();
    return true;
  }
}

function rowOf(
  lines: BlockLines,
  at: number,
  { times, levels, continues, sources }: RecognisedBlock,
): LogRow {
  const { block, bytes, starts, ends, cut } = lines;
  const [start, end] = [starts[at]!, ends[at]!];
  // A UTF-16 unit takes at most three bytes.
  const whole = bytes.toString('utf8', start, Math.min(end, start + maxRowLength * 3));
  const text = whole.slice(0, maxRowLength);
  const hidden =
    end -
    start -
    (text.length < whole.length || end - start > maxRowLength * 3 ? Buffer.byteLength(text) : end - start);
  const time = times[at]!;
  const isLast = at === starts.length - 1;
  return {
    ...{ seq: block.offset + start, stream: 0, kind: 'line', level: logLevels[levels[at]!]!, text },
    ...(!Number.isNaN(time) && { time }),
    timeSource: timeSources[sources[at]!]!,
    ...(hidden > 0 && { hidden }),
    ...(isLast && cut > 0 && { cut }),
    ...(continues[at] && { continues: true as const }),
  };
}
