import type { LogLevel } from './logLevel';

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

/** One line as it is shown. Everything in it is hostile text of a host: escape it. */
export interface LogRow {
  /** Its place in the merged sequence, from 0, ever growing, never used again: the identity of a row. */
  readonly seq: number;
  /** The id of its LogStream. */
  readonly stream: number;
  /** A line, or an event of its stream (then `text` is a sentence in English for people). */
  readonly kind: 'line' | ControlKind;
  /** Milliseconds since 1970, with fractions; of the record it belongs to if it has none of its own. */
  readonly time?: number;
  /** Whether `time` is when it arrived, because neither the line nor one before it in its stream tells. */
  readonly arrived?: true;
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
