import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import type { FoldedGroup } from '../core/fold';
import { t } from '../../../shell/cli/l10n';
import type { Colors } from '../../../shell/cli/output/outputStream';
import { paintOf } from '../../../shell/cli/output/paintOf';
import { outputText } from '../../../shell/cli/output/outputText';

/** Milliseconds for one comparison; the worst case is quadratic. */
const patience = 2_000;

/** What is different in a group's output, as a unified diff from the reference's. */
export function difference(reference: FoldedGroup, group: FoldedGroup, colors: Colors): string {
  const [from, to] = [outputText(reference.result), outputText(group.result)];
  if (from === to) return `${t('[the same output as {0}]', reference.hostSet)}\n`;
  const options = { timeout: patience };
  const patch = structuredPatch(reference.hostSet, group.hostSet, from, to, undefined, undefined, options);
  if (!patch) return `${t('[too different from {0} to compare]', reference.hostSet)}\n${to}`;
  const lines = formatPatch(patch, FILE_HEADERS_ONLY).split('\n');
  return lines.map((line) => paintOf(line, colors)(line)).join('\n');
}
