import type { Color } from 'ansi-sequence-parser';
import { messageRange } from '../../core/logs/messageRange';
import { stackFrameIn } from '../../core/logs/stackFrames';
import type { LogPart } from '../../protocol/logsPanel';
import { ansiColor } from '../runs/ansiColor';
import { ansiText, type AnsiSpan } from '../runs/ansiText';

type Ranges = (line: string) => readonly (readonly [number, number])[];

const needsCleaning = /[^\t\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd]/;

/**
 * A line as runs of characters that look alike: its own colours, what is looked for, a place in source code, and what
 * is around the message of a structured line. `messageField`: the name of its field where that is none of the usual ones.
 */
export function lineParts(line: string, matches: Ranges | undefined, messageField?: string): LogPart[] {
  const { text, spans } = needsCleaning.test(line) ? ansiText(line) : { text: line, spans: [] };
  const ranges = matches?.(text) ?? [];
  const frame = stackFrameIn(text);
  const message = messageRange(text, messageField);
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
