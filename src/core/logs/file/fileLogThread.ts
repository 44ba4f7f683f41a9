import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MusterError, toMusterError, errorReport } from '../../errors';
import { t } from '../../l10n';
import type { LogFilter, TextPattern } from '../logFilter';
import type { LogDetails, LogRow } from '../logRow';
import type { LogStats } from '../logSession';
import type { LogStream } from '../logStream';
import type { FindState, Histogram, LogView, ViewState } from '../logView';
import type { FileLogCall, FileReach, FromFileThread, ToFileThread, ViewMethod } from './fileLogMessages';
import type { ShownLog } from './shownLog';
import { Told } from './told';

/** Rows whose text is asked for at once. */
const textRows = 5000;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** A local file of any size as a log: all work on it is done in a thread of its own. */
export class FileLogThread implements ShownLog {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly views = new Map<number, ThreadedView>();
  private serial = 0;
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

  /** `worker`: the built `fileLogWorker`. */
  constructor(worker: string, path: string) {
    this.streams = [
      { id: 0, host: '', source: basename(path), label: path, state: 'reading', bytes: 0, lines: 0 },
    ];
    this.worker = new Worker(worker, { workerData: { path } });
    this.worker.on('message', (message: FromFileThread) => this.take(message));
    this.worker.on('error', (error) => this.fail(error));
  }

  add(): void {}

  async view(filter: LogFilter = {}): Promise<LogView> {
    const number = ++this.serial;
    const view = new ThreadedView({
      call: (call) => this.call({ ...call, view: number } as FileLogCall),
      close: () => {
        this.views.delete(number);
        if (!this.isDisposed) void this.call({ method: 'close', view: number, args: [] });
      },
    });
    this.views.set(number, view);
    try {
      view.show((await this.call({ method: 'view', view: number, args: [filter] })) as ViewState);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    return view;
  }

  async details(seq: number): Promise<LogDetails | undefined> {
    return (await this.call({ method: 'details', args: [seq] })) as LogDetails | undefined;
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    for (const { reject } of this.waiting.values()) reject(closed());
    this.waiting.clear();
    this.streamsTold.dispose();
    this.statsTold.dispose();
    this.isOver();
    await this.worker.terminate();
  }

  private call(call: FileLogCall): Promise<unknown> {
    if (this.isDisposed) return Promise.reject(closed());
    const number = ++this.serial;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage({ call: number, ...call } satisfies ToFileThread);
    });
  }

  private take(message: FromFileThread): void {
    switch (message.type) {
      case 'answer': {
        const { error } = message;
        const waiting = this.waiting.get(message.call);
        this.waiting.delete(message.call);
        if (error) waiting?.reject(new MusterError(error.code, error.message, { hint: error.hint }));
        else waiting?.resolve(message.value);
        return;
      }
      case 'streams':
        this.streams = message.streams;
        return this.streamsTold.changed();
      case 'stats':
        this.stats = message.stats;
        this.reach = message.reach;
        return this.statsTold.changed();
      case 'state':
        return this.views.get(message.view)?.show(message.state);
      case 'find':
        return this.views.get(message.view)?.showFind(message.state);
    }
  }

  /** The file cannot be read, or its thread has come to an end. */
  private fail(error: unknown): void {
    const failed = toMusterError(error);
    this.streams = this.streams.map((stream) => ({ ...stream, state: 'failed', error: errorReport(failed) }));
    this.streamsTold.changed();
    for (const { reject } of this.waiting.values()) reject(failed);
    this.waiting.clear();
  }
}

interface ViewPorts {
  call: (call: { method: ViewMethod | 'text'; args: unknown[] }) => Promise<unknown>;
  close: () => void;
}

class ThreadedView implements LogView {
  state: ViewState = { generation: 0, first: 0, end: 0, total: 0, scanned: 0 };
  findState: FindState = { count: 0, scanned: 1 };
  private readonly stateTold = new Told(() => this.state);
  private readonly findTold = new Told(() => this.findState);
  readonly onState = this.stateTold.listen;
  readonly onFind = this.findTold.listen;

  constructor(private readonly ports: ViewPorts) {}

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
    this.show((await this.ports.call({ method: 'setFilter', args: [filter] })) as ViewState);
  }

  rows(from: number, to: number): Promise<LogRow[]> {
    return this.ask('rows', from, to);
  }
  positionOf(seq: number): Promise<number> {
    return this.ask('positionOf', seq);
  }
  positionAt(time: number): Promise<number> {
    return this.ask('positionAt', time);
  }
  find(pattern: TextPattern | undefined): Promise<void> {
    return this.ask('find', pattern);
  }
  next(position: number): ReturnType<LogView['next']> {
    return this.ask('next', position);
  }
  previous(position: number): ReturnType<LogView['previous']> {
    return this.ask('previous', position);
  }
  histogram(buckets: number, from?: number, to?: number): Promise<Histogram> {
    return this.ask('histogram', buckets, from, to);
  }

  async *text(from: number, to: number, { prefixed = false } = {}): AsyncIterable<string> {
    for (let at = from; at < to; at += textRows)
      yield (await this.ports.call({
        method: 'text',
        args: [at, Math.min(to, at + textRows), prefixed],
      })) as string;
  }

  dispose(): void {
    this.stateTold.dispose();
    this.findTold.dispose();
    this.ports.close();
  }

  private ask<Answer>(method: ViewMethod, ...args: unknown[]): Promise<Answer> {
    return this.ports.call({ method, args }) as Promise<Answer>;
  }
}

function closed(): MusterError {
  return new MusterError('CANCELLED', t('the log was closed'));
}
