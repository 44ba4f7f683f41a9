import { type ErrorReport } from '../../../../platform/errors/errors';
import type { LogSink, SinkStream, StreamEvent, StreamPhase } from '../store/logSink';
import type { LogStream, StreamState } from '../logStream';
import type { LogZone } from '../recognise/logZone';

/** A stream while it is followed. */
export interface OpenStream {
  readonly id: number;
  readonly feed: number;
  bytes(bytes: Buffer, start: number, end: number): void;
  event(event: StreamEvent, endsLine?: boolean): void;
  state(state: StreamState, error?: ErrorReport): void;
  zone(zone: LogZone): void;
  /** See `LogSink.written`. */
  written(time: number): void;
}

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

/** The streams of a session: numbered as they appear, told of when they change. */
export class StreamBook {
  readonly streams: Changing<LogStream>[] = [];
  private feeds = 0;
  private failure: ErrorReport | undefined;

  constructor(
    private readonly sink: LogSink,
    private readonly changed: () => void,
  ) {}

  /** Channels that are held back now. */
  private readonly heldBack = new Set<number>();

  get throttled(): boolean {
    return this.heldBack.size > 0;
  }

  holdBack(feed: number, isHeld: boolean): void {
    if (isHeld) this.heldBack.add(feed);
    else this.heldBack.delete(feed);
  }

  /** A number for a channel that is about to be opened. */
  nextFeed(): number {
    this.sink.expect(this.feeds);
    return this.feeds++;
  }

  /** None of them goes on, whatever may be said of them later. */
  fail(error: ErrorReport): void {
    this.failure = error;
    for (const stream of this.streams) {
      if (stream.state === 'failed') continue;
      stream.state = 'failed';
      stream.error = error;
    }
    this.changed();
  }

  open(about: Pick<LogStream, 'host' | 'source' | 'label'> & Omit<SinkStream, 'id' | 'prefix'>): OpenStream {
    const { sink, streams } = this;
    const id = streams.length;
    const { host, source, label } = about;
    const stream: Changing<LogStream> = { id, host, source, label, state: 'connecting', bytes: 0, lines: 0 };
    if (this.failure) Object.assign(stream, { state: 'failed', error: this.failure });
    streams.push(stream);
    sink.open({ ...about, id, prefix: host === '' ? source : `${host} ${source}` });
    let phase: StreamPhase = 'backlog';
    let writtenBy = Infinity;
    this.changed();
    return {
      id,
      feed: about.feed,
      bytes: (bytes, start, end) => {
        stream.bytes += end - start;
        sink.append(id, bytes, start, end);
      },
      event: (event, endsLine) => sink.event(id, event, endsLine),
      state: (state, error) => {
        if (this.failure || (stream.state === state && stream.error === error)) return;
        // How it ended is not forgotten with the end of its channel.
        if (stream.state === 'failed' && state === 'ended') return;
        stream.state = state;
        stream.error = error;
        const next = phaseOf[state];
        if (next !== phase) sink.phase(id, (phase = next));
        this.changed();
      },
      zone: (zone) => sink.phase(id, phase, zone),
      written: (time) => {
        if (time !== writtenBy) sink.written(id, (writtenBy = time));
      },
    };
  }
}

/** A stream of which nothing can come now is not waited for. */
const phaseOf: Record<StreamState, StreamPhase> = {
  connecting: 'backlog',
  reading: 'backlog',
  following: 'live',
  unreachable: 'away',
  waiting: 'away',
  reconnecting: 'away',
  ended: 'ended',
  failed: 'ended',
};
