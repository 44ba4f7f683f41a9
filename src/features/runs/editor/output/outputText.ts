import { l10n } from 'vscode';
import { errorChain } from '../../../../platform/errors/errors';
import { printableText } from '../../../../platform/text/printable';
import type { RunResult } from '../../core/runBatch';
import { type AnsiText, ansiText, joinedTexts, plainText } from '../../../../shell/editor/text/ansiText';

/** Characters of each output that a document of its own shows. */
const ownLimit = 4 * 1024 * 1024;

/** All that a host said and how it failed, as the text of a document; of each output `limit` characters. */
export function outputText(
  { stdout, stderr, error, truncated, droppedBytes }: RunResult,
  limit = ownLimit,
): AnsiText {
  const parts = [
    bounded(stdout, limit),
    ...(stderr === '' ? [] : [plainText('[stderr]'), bounded(stderr, limit)]),
    ...(truncated ? [note(l10n.t('{0} more bytes were received and not kept', droppedBytes))] : []),
    ...(error && error.code !== 'EXIT_STATUS'
      ? [plainText(errorChain(error).map(printableText).join('\n'))]
      : []),
  ].filter(({ text }) => text !== '');
  return joinedTexts(parts, '\n');
}

/** What Muster says among what hosts said. */
export function note(text: string): AnsiText {
  return plainText(`[${text}]`);
}

function bounded(output: string, limit: number): AnsiText {
  const shown = ansiText(output.slice(0, limit));
  const more = output.length - limit;
  return more > 0
    ? joinedTexts([shown, note(l10n.t('{0} more characters are not shown', more))], '\n')
    : shown;
}
