import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { t } from '../l10n';
import type { Colors } from './outputStream';
import { paintOf } from './paintOf';

/** Milliseconds for one comparison; the worst case is quadratic. */
const patience = 2_000;

/** What hosts have said. */
interface NamedText {
  name: string;
  text: string;
}

/** A unified diff between two texts, or the second one where they have too little in common. */
export function textDifference(from: NamedText, to: NamedText, colors: Colors): string {
  const options = { timeout: patience };
  const patch = structuredPatch(from.name, to.name, from.text, to.text, undefined, undefined, options);
  if (!patch) return `${t('[too different from {0} to compare]', from.name)}\n${to.text}`;
  const lines = formatPatch(patch, FILE_HEADERS_ONLY).split('\n');
  return lines.map((line) => paintOf(line, colors)(line)).join('\n');
}
