import type { ControlKind } from '../logRow';
import type { LogFormat, LogSource } from '../logSource';
import type { LogZone } from '../recognise/logZone';

/** What the store has to know of a stream to read its lines. */
export interface SinkStream {
  readonly id: number;
  /** The channel it comes through; several files of a host share one. */
  readonly feed: number;
  /** Before its lines and in `text`: host and source. */
  readonly prefix: string;
  readonly format: LogFormat;
  readonly multiline?: string;
  readonly fields?: LogSource['fields'];
}

/** `away` is a stream of which nothing can come now; it may go on in the middle of a line. */
export type StreamPhase = 'backlog' | 'live' | 'away' | 'ended';

export interface StreamEvent {
  readonly kind: ControlKind;
  readonly text: string;
  /** Lines lost; null is an unknown number. */
  readonly lost?: number | null;
}

/** Where followers put what they receive: the store itself, or a thread that has it. */
export interface LogSink {
  /** A channel is being opened: what others say waits a while for its first stream. */
  expect(feed: number): void;
  open(stream: SinkStream): void;
  /** Bytes as they came, lines broken anywhere; they are copied before it returns. */
  append(stream: number, bytes: Buffer, start: number, end: number): void;
  /** An event between the bytes before and after it; what is pending of a line becomes one if `endsLine`. */
  event(stream: number, event: StreamEvent, endsLine?: boolean): void;
  /** `zone`: that of its times without a zone. */
  phase(stream: number, phase: StreamPhase, zone?: LogZone): void;
  /** Bytes from now on were written at `time` at the latest, in milliseconds since 1970; Infinity: when they come. */
  written(stream: number, time: number): void;
  /** Bytes of a channel that were given and are not merged yet: what back-pressure goes by. */
  pendingOf(feed: number): number;
  /** Calls when `pendingOf` may have become smaller, until the returned function is called. */
  onDrain(listener: () => void): () => void;
}
