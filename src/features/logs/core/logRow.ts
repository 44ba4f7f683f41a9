import type { LogLevel } from './recognise/logLevel';

/** What a row is beside a line: an event of its stream, told in the order in which it happened. */
export const controlKinds = [
  /** The stream is followed from here on. */
  'connected',
  /** The command or file has come to its end. */
  'ended',
  /** A new file has taken the name; what the old one held was read to its end. */
  'rotated',
  /** The file was cut to a smaller size; `lost` tells whether its last bytes were found in a copy. */
  'truncated',
  /** The link was lost; lines may be missing until `resumed` or `gap` tells. */
  'disconnected',
  /** The link is back, and the stream goes on exactly where it was. */
  'resumed',
  /** Lines are missing here: `lost` of them, or an unknown number. */
  'gap',
  /** A problem of this stream that does not end it: no permission, a file that is no text. */
  'problem',
] as const;
export type ControlKind = (typeof controlKinds)[number];

/** The `stream` of a gap in the whole sequence. */
export const ofAllStreams = -1;

/**
 * - `line`: it is written in the line, in a zone that is written or known
 * - `offset`: it is written without a zone, and of its host only the present offset from UTC is known: daylight saving
 *   time may make it wrong
 * - `before`: the line has none that is recognised, and goes with the one before it in its stream
 * - `event`: it is no line but an event, seen then
 * - `none`: there is none
 */
export type TimeSource = 'line' | 'offset' | 'before' | 'event' | 'none';

/** One line as it is shown. Everything in it is hostile text of a host: escape it. */
export interface LogRow {
  /** Its place in the merged sequence, from 0, ever growing, never used again: the identity of a row. */
  readonly seq: number;
  /** The id of its LogStream, or `ofAllStreams`. */
  readonly stream: number;
  /** A line, or an event of its stream (then `text` is a sentence in English for people). */
  readonly kind: 'line' | ControlKind;
  /**
   * Milliseconds since 1970, with fractions; that of the line before it in its stream if it has none of its own, and
   * missing where neither is recognised. Of an event when it happened.
   */
  readonly time?: number;
  /** Where `time` comes from. */
  readonly timeSource: TimeSource;
  readonly level: LogLevel;
  /**
   * The line without its end, UTF-8 with U+FFFD for what is none, ANSI sequences still in it, at most `maxRowLength`
   * UTF-16 units.
   */
  readonly text: string;
  /** Bytes of the line that `text` does not show: see `LogSession.details`. */
  readonly hidden?: number;
  /** Bytes beyond `maxLineBytes` that were not kept at all. */
  readonly cut?: number;
  /** It goes on with the record of the row before it in its stream: a stack trace, indented text. */
  readonly continues?: true;
  /** It came too late for its place by time. */
  readonly late?: true;
  /** Lines lost at a `gap` or `truncated`; null is an unknown number. */
  readonly lost?: number | null;
}

/** Everything known about one line. */
export interface LogDetails extends LogRow {
  /** The whole line as it was kept. */
  readonly fullText: string;
  /** Its structured fields as text, nested ones with dots (`http.status`); empty if it has none. */
  readonly fields: Readonly<Record<string, string>>;
  /** Seqs of the first and the last row of its record. */
  readonly record: { readonly first: number; readonly last: number };
}

/** UTF-16 units of a row that are shown. */
export const maxRowLength = 8_192;
/** Bytes of a line that are kept; the rest is counted. */
export const maxLineBytes = 1_048_576;
