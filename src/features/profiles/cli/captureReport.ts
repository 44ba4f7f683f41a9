import { relative } from 'node:path';
import { errorChain } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import { sizeText } from '../../../platform/text/sizeText';
import type { CaptureReport } from '../core/capture/captureBatch';
import { hostCount, t } from '../../../shell/cli/l10n';
import type { WrittenCapture } from './captureOutput';
import type { Cli } from '../../../shell/cli/cli';
import { shareText } from './functionText';
import { formatTable } from '../../../shell/cli/output/table';
import { paintStatus, runCounts } from '../../../shell/cli/output/status';

/** Prints what was captured from where, what failed and why, and the sum; to stderr, as the profile may go to stdout. */
export async function printCaptureReport(
  {
    summary,
    results,
    merged,
    traceId,
  }: Omit<CaptureReport, 'results'> & { results: readonly WrittenCapture[]; merged?: string },
  { terminal, cwd }: Cli,
): Promise<void> {
  const { colors } = terminal.stderr;
  const say = (text: string) => terminal.note(text);
  const place = (file: string) => {
    const shown = relative(cwd, file);
    return printable(shown.startsWith('..') ? file : shown, 200);
  };
  const sound = results.filter(({ status }) => status === 'ok');
  const rows = sound.map(({ host, file, bytes, hottest }) => [
    colors.bold(host),
    ...[sizeText(bytes), hottest ? `${printable(hottest.name, 60)} ${shareText(hottest.share, 1)}` : ''],
    file === undefined ? '' : place(file),
  ]);
  if (rows.length > 0) {
    const head = [t('host'), t('size'), t('hottest function'), t('file')];
    say((await formatTable(head, rows, colors)).trimEnd());
  }
  for (const { host, notes } of results)
    for (const note of notes) say(colors.dim(`${host}: ${printable(note, 300)}`));
  for (const { host, status, error } of results) {
    if (!error) continue;
    const [first, ...rest] = errorChain(error).map((line) => printable(line, 500));
    say(`${colors.bold(host)} ${paintStatus(colors, status, first!)}`);
    for (const line of rest) say(`  ${colors.dim(line)}`);
  }
  if (merged !== undefined && merged !== '-') say(t('merged: {0}', place(merged)));
  const { total, durationMs } = summary;
  const time = t('in {0} s, trace {1}', (durationMs / 1000).toFixed(2), traceId);
  say(`${hostCount(total)}: ${runCounts(summary, colors)} ${colors.dim(time)}`);
}
