import { basename } from 'node:path';
import { MusterError, toMusterError, errorReport } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import type { LogFilter, TextPattern } from '../filter/logFilter';
import type { LogDetails, LogRow } from '../logRow';
import type { LogStats } from '../logSession';
import type { LogStream } from '../logStream';
import type { FindState, Histogram, LogView, ViewState } from '../logView';
import type { Calls } from '../../../../platform/threads/threadContract';
import { threadProxy, type ThreadProxy } from '../../../../platform/threads/threadProxy';
import type { FileLogContract, FileReach } from './fileLogContract';
import type { ShownLog } from './shownLog';
import { Told } from './told';

/** Rows whose text is asked for at once. */
const textRows = 5000;

/** A local file of any size as a log: all work on it is done in a thread of its own. */
export class FileLogThread implements ShownLog {
  private readonly thread: ThreadProxy<FileLogContract>;
  private readonly views = new Map<number, ThreadedView>();
  private lastView = 0;
  private isDisposed = false;
  streams: readonly LogStream[];
  stats: LogStats = {
    ...{ lines: 0, bytes: 0, rate: 0, retained: 0, firstSeq: 0, endSeq: 0, dropped: 0, late: 0 },
    throttled: false,
  };
  reach: FileReach = { start: 0, end: 0, size: 0 };
  private readonly streamsTold = new Told(() => this.streams);
  private readonly statsTold = new Told(() => this.stats);
  readonly onStreams = this.streamsTold.listen;
  readonly onStats = this.statsTold.listen;
  private isOver!: () => void;
  readonly ended = new Promise<void>((resolve) => (this.isOver = resolve));

  /** `worker`: the built `fileLog.worker`. */
  constructor(worker: string, path: string) {
    this.streams = [
      { id: 0, host: '', source: basename(path), label: path, state: 'reading', bytes: 0, lines: 0 },
    ];
    this.thread = threadProxy<FileLogContract>({
      ...{ file: worker, data: { path } },
      hears: {
        streams: (streams) => {
          this.streams = streams;
          this.streamsTold.changed();
        },
        stats: (stats, reach) => {
          this.stats = stats;
          this.reach = reach;
          this.statsTold.changed();
        },
        state: (view, state) => this.views.get(view)?.show(state),
        found: (view, state) => this.views.get(view)?.showFind(state),
      },
      lost: (cause) =>
        this.failed(cause ?? new MusterError('PROTOCOL', t('the thread that keeps the logs has ended'))),
    });
  }

  add(): void {}

  async view(filter: LogFilter = {}): Promise<LogView> {
    const number = ++this.lastView;
    const { calls, tells } = this.thread;
    const view = new ThreadedView(number, calls, () => {
      this.views.delete(number);
      tells.close(number);
    });
    this.views.set(number, view);
    try {
      view.show(await calls.open(number, filter));
    } catch (error) {
      this.failed(error);
      throw error;
    }
    return view;
  }

  details(seq: number): Promise<LogDetails | undefined> {
    return this.thread.calls.details(seq);
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.streamsTold.dispose();
    this.statsTold.dispose();
    this.isOver();
    await this.thread.dispose(new MusterError('CANCELLED', t('the log was closed')));
  }

  /** The file cannot be read, or its thread has ended. */
  private failed(cause: unknown): MusterError {
    const error = toMusterError(cause);
    this.streams = this.streams.map((stream) => ({ ...stream, state: 'failed', error: errorReport(error) }));
    this.streamsTold.changed();
    return error;
  }
}

class ThreadedView implements LogView {
  state: ViewState = { generation: 0, first: 0, end: 0, total: 0, scanned: 0 };
  findState: FindState = { count: 0, scanned: 1 };
  private readonly stateTold = new Told(() => this.state);
  private readonly findTold = new Told(() => this.findState);
  readonly onState = this.stateTold.listen;
  readonly onFind = this.findTold.listen;

  constructor(
    private readonly number: number,
    private readonly calls: Calls<FileLogContract['methods']>,
    private readonly close: () => void,
  ) {}

  show(state: ViewState): void {
    if (state.generation < this.state.generation) return;
    this.state = state;
    this.stateTold.changed();
  }

  showFind(state: FindState): void {
    this.findState = state;
    this.findTold.changed();
  }

  async setFilter(filter: LogFilter): Promise<void> {
    this.show(await this.calls.setFilter(this.number, filter));
  }

  rows(from: number, to: number): Promise<LogRow[]> {
    return this.calls.rows(this.number, from, to);
  }
  positionOf(seq: number): Promise<number> {
    return this.calls.positionOf(this.number, seq);
  }
  positionAt(time: number): Promise<number> {
    return this.calls.positionAt(this.number, time);
  }
  find(pattern: TextPattern | undefined): Promise<void> {
    return this.calls.find(this.number, pattern);
  }
  next(position: number): ReturnType<LogView['next']> {
    return this.calls.next(this.number, position);
  }
  previous(position: number): ReturnType<LogView['previous']> {
    return this.calls.previous(this.number, position);
  }
  histogram(buckets: number, from?: number, to?: number): Promise<Histogram> {
    return this.calls.histogram(this.number, buckets, from, to);
  }

  async *text(from: number, to: number, { prefixed = false } = {}): AsyncIterable<string> {
    for (let at = from; at < to; at += textRows)
      yield await this.calls.text(this.number, at, Math.min(to, at + textRows), prefixed);
  }

  dispose(): void {
    this.stateTold.dispose();
    this.findTold.dispose();
    this.close();
  }
}
