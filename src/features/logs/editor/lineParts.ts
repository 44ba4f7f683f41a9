import type { Color } from 'ansi-sequence-parser';
import { messageFirst, type ToldOfLine } from '../core/recognise/messageFirst';
import { messageRange } from '../core/recognise/messageRange';
import { stackFrameIn } from '../core/recognise/stackFrames';
import type { LogPart } from '../protocol/logsPanel';
import { ansiColor } from '../../../shell/editor/text/ansiColor';
import { ansiText, type AnsiSpan, type AnsiText } from '../../../shell/editor/text/ansiText';

type Ranges = (line: string) => readonly (readonly [number, number])[];

const needsCleaning = /[^\t\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd]/;

/** What a line is drawn with. */
export interface LineLook extends ToldOfLine {
  matches: Ranges | undefined;
  /** As it came, and not its message first. */
  isRaw: boolean;
}

/**
 * A line as runs of characters that look alike: its own colours, what is looked for, a place in source code, and the
 * message of a structured line before its other fields. Where what is looked for is not in these, it stays as it came.
 */
export function lineParts(line: string, look: LineLook): LogPart[] {
  const { text: raw, spans } = needsCleaning.test(line) ? cleaned(line) : { text: line, spans: [] };
  const rawRanges = look.matches?.(raw) ?? [];
  const ordered = look.isRaw || spans.length > 0 ? undefined : messageFirst(raw, look);
  const orderedRanges = ordered ? (look.matches?.(ordered.text) ?? []) : [];
  const isHidden = rawRanges.length > 0 && orderedRanges.length === 0;
  const [text, ranges, message]: [
    string,
    readonly (readonly [number, number])[],
    [number, number] | undefined,
  ] =
    ordered && !isHidden
      ? [ordered.text, orderedRanges, [0, ordered.length]]
      : [raw, rawRanges, messageRange(raw, look.fields?.message)];
  const frame = stackFrameIn(text);
  if (spans.length === 0 && ranges.length === 0 && !frame && !message) return [{ text }];
  const edges = new Set([0, text.length]);
  for (const { start, end } of frame ? [...spans, frame] : spans) edges.add(start).add(end);
  for (const [start, end] of message ? [...ranges, message] : ranges) edges.add(start).add(end);
  const sorted = [...edges].sort((a, b) => a - b);
  const spanAt = cursor(spans.map((span) => [span.start, span.end, span] as const));
  const matchAt = cursor(ranges.map(([start, end]) => [start, end, true] as const));
  const parts: LogPart[] = [];
  for (let index = 0; index + 1 < sorted.length; index++) {
    const start = sorted[index]!;
    const span = spanAt(start);
    parts.push({
      text: text.slice(start, sorted[index + 1]),
      ...(span && lookOf(span)),
      ...(matchAt(start) && { isMatch: true }),
      ...(frame && start >= frame.start && start < frame.end && { isFrame: true }),
      ...(message && (start < message[0] || start >= message[1]) && { isMuted: true }),
    });
  }
  return parts.length > 0 ? parts : [{ text }];
}

/** A row has one line: what follows a carriage return would be out of sight below it. */
function cleaned(line: string): AnsiText {
  const { text, spans } = ansiText(line);
  return { text: text.replace(/[\n\u2028\u2029]/g, '⏎'), spans };
}

/** Tells what holds at ever later places, of ranges in their order. */
function cursor<Value>(ranges: readonly (readonly [number, number, Value])[]) {
  let next = 0;
  return (at: number): Value | undefined => {
    while (next < ranges.length && ranges[next]![1] <= at) next++;
    const range = ranges[next];
    return range && range[0] <= at ? range[2] : undefined;
  };
}

function lookOf({ foreground, background, bold, italic, underline }: AnsiSpan): Omit<LogPart, 'text'> {
  return {
    ...(foreground && { color: cssColor(foreground) }),
    ...(background && { background: cssColor(background) }),
    ...(bold && { isBold: true }),
    ...(italic && { isItalic: true }),
    ...(underline && { isUnderlined: true }),
  };
}

function cssColor(color: Color): string {
  const known = ansiColor(color);
  return 'css' in known ? known.css : `var(--vscode-terminal-ansi${known.theme})`;
}
