import { errorChain } from '../../core/errors';
import { printableText } from '../../core/printable';
import type { RunResult } from '../../core/runs/runBatch';
import { type AnsiSpan, type AnsiText, ansiText } from './ansiText';

/** Characters of each output that a document shows. */
const limit = 4 * 1024 * 1024;

/** All that a host said and how it failed, as the text of a document. */
export function outputText({ stdout, stderr, error, truncated, droppedBytes }: RunResult): AnsiText {
  const parts: AnsiText[] = [
    output(stdout),
    ...(stderr === '' ? [] : [plain('[stderr]'), output(stderr)]),
    ...(truncated ? [plain(`[${droppedBytes} more bytes were received and not kept]`)] : []),
    ...(error && error.code !== 'EXIT_STATUS'
      ? [plain(errorChain(error).map(printableText).join('\n'))]
      : []),
  ].filter(({ text }) => text !== '');
  let text = '';
  const spans: AnsiSpan[] = [];
  for (const part of parts) {
    if (text !== '') text += '\n';
    for (const span of part.spans) {
      spans.push({ ...span, start: span.start + text.length, end: span.end + text.length });
    }
    text += part.text;
  }
  return { text: `${text}\n`, spans };
}

function output(text: string): AnsiText {
  const shown = ansiText(text.slice(0, limit));
  if (text.length <= limit) return shown;
  return { ...shown, text: `${shown.text}\n[${text.length - limit} more characters are not shown]` };
}

function plain(text: string): AnsiText {
  return { text, spans: [] };
}
