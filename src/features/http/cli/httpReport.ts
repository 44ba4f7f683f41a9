import { errorChain } from '../../../platform/errors/errors';
import type { Traced } from '../../../platform/batch/conduct';
import { printable } from '../../../platform/text/printable';
import { hostCount, t } from '../../../shell/cli/l10n';
import type { Colors, OutputStream } from '../../../shell/cli/output/outputStream';
import { paintStatus } from '../../../shell/cli/output/status';
import { formatTable } from '../../../shell/cli/output/table';
import { harmless } from '../../../shell/cli/output/terminalText';
import { textDifference } from '../../../shell/cli/output/textDifference';
import type { Terminal } from '../../../shell/cli/terminal/terminal';
import { bodyKey, foldResponses, type FoldedResponses } from '../core/foldResponses';
import type { HttpReport, HttpResult, KeptResponse } from '../core/httpBatch';
import { countOutcomes, keptHeadLines, outcomeOf, phases, phaseTimes } from '../core/responseParts';

/** Prints each response once with the hosts that had it, the most frequent last. */
export async function printHttpReport(
  report: HttpReport,
  output: OutputStream,
  { diff, timing, include }: { diff?: boolean; timing?: boolean; include?: boolean },
): Promise<void> {
  const { colors, isTTY } = output;
  const groups = foldResponses(report.results);
  const reference = diff ? withCommonBody(groups) : undefined;
  const shown = new Map<string, string>();
  const shownBody = (text: string) => (isTTY ? harmless(text, colors.isColorSupported) : text);
  for (const group of groups) {
    const { hostSet, hosts, result } = group;
    const { response, error } = result;
    const rule = colors.dim('-'.repeat(16));
    const outcome = paintStatus(colors, result.status, outcomeOf(result));
    await output.write(`${rule}\n${colors.bold(hostSet)} (${hosts.length}) ${outcome}\n${rule}\n`);
    if (response) {
      if (include) await output.write(`${keptHeadLines(response).join('\n')}\n\n`);
      const same = shown.get(bodyKey(response));
      shown.set(bodyKey(response), same ?? hostSet);
      if (same !== undefined) await output.write(`${t('[the same body as {0}]', same)}\n`);
      else if (reference && bodyKey(reference.result.response!) !== bodyKey(response))
        await output.write(shownBody(difference(reference, group, colors)));
      else await output.write(shownBody(withNewline(bodyText(response))));
      if (response.truncated)
        await output.write(
          colors.dim(`${t('[the body is longer than what is kept of it; see --max-body]')}\n`),
        );
    }
    for (const line of error ? errorChain(error) : [])
      await output.write(`${colors.dim(printable(line, 500))}\n`);
  }
  if (timing) await output.write(`\n${await timingTable(report.results, colors)}`);
  const time = t('in {0} s, trace {1}', (report.summary.durationMs / 1000).toFixed(2), report.traceId);
  await output.write(`\n${summaryText(report.results, colors)} ${colors.dim(time)}\n`);
}

/** What there is to say of one response that was written as it came. */
export function printOneReport(
  report: HttpReport,
  terminal: Terminal,
  { timing }: { timing?: boolean },
): void {
  const [result] = report.results;
  if (!result) return;
  const { error, response, host } = result;
  const [first, ...rest] = error ? errorChain(error) : [];
  if (first !== undefined)
    for (const line of [`muster: ${host}: ${first}`, ...rest]) terminal.note(printable(line, 500));
  else if (result.status === 'failed' && response)
    terminal.note(t('muster: {0}: the status is {1}', host, outcomeOf(result)));
  if (timing) terminal.note(phaseTexts(result).join(', '));
}

function bodyText({ body, bodyBase64, size }: KeptResponse): string {
  if (body !== undefined) return body;
  return bodyBase64 === undefined ? '' : t('[{0} bytes that are not text]', size);
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** The biggest group of those whose body most hosts have. */
function withCommonBody(groups: readonly FoldedResponses[]): FoldedResponses | undefined {
  const answered = groups.filter(({ result }) => result.response !== null);
  const counts = new Map<string, number>();
  for (const { result, hosts } of answered) {
    const key = bodyKey(result.response!);
    counts.set(key, (counts.get(key) ?? 0) + hosts.length);
  }
  const most = Math.max(...counts.values());
  return answered.findLast(({ result }) => counts.get(bodyKey(result.response!)) === most);
}

function difference(reference: FoldedResponses, group: FoldedResponses, colors: Colors): string {
  const named = ({ hostSet, result }: FoldedResponses) => ({
    name: hostSet,
    text: withNewline(bodyText(result.response!)),
  });
  return textDifference(named(reference), named(group), colors);
}

/** `38 hosts: 200, same body; 2: 502, 2 bodies`, the most frequent first. */
export function summaryText(results: readonly HttpResult[], colors: Colors): string {
  return countOutcomes(results)
    .map(({ outcome, results: ofIt, bodies }, index) => {
      const kinds = bodies === 1 ? t('same body') : t('{0} bodies', bodies);
      const isOne = ofIt.length === 1 || bodies === 0;
      const count = index === 0 ? hostCount(ofIt.length) : `${ofIt.length}`;
      return `${count}: ${paintStatus(colors, ofIt[0]!.status, outcome)}${isOne ? '' : `, ${kinds}`}`;
    })
    .join('; ');
}

function phaseTexts({ measurements, durationMs }: Traced<HttpResult>): string[] {
  const times = phaseTimes(measurements);
  const known = phases.flatMap((phase) =>
    times[phase] === undefined ? [] : [`${phase} ${times[phase].toFixed(1)} ms`],
  );
  return [...known, `total ${durationMs.toFixed(1)} ms`];
}

/** How long each host took, the slowest first. */
function timingTable(results: readonly Traced<HttpResult>[], colors: Colors): Promise<string> {
  const rows = [...results]
    .sort((a, b) => b.durationMs - a.durationMs)
    .map((result) => {
      const times = phaseTimes(result.measurements);
      const cells = phases.map((phase) => times[phase]?.toFixed(1) ?? '-');
      const outcome = paintStatus(colors, result.status, outcomeOf(result));
      return [result.host, outcome, ...cells, result.durationMs.toFixed(1)];
    });
  const heads = [
    t('HOST'),
    t('OUTCOME'),
    t('SSH ms'),
    t('CONNECT ms'),
    t('TLS ms'),
    t('WAIT ms'),
    t('BODY ms'),
  ];
  return formatTable([...heads, t('TOTAL ms')], rows, colors);
}
