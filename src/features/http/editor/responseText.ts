import { l10n } from 'vscode';
import { errorChain } from '../../../platform/errors/errors';
import type { Traced } from '../../../platform/batch/conduct';
import type { Redactor } from '../../../platform/redaction/redactor';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { insecureWarning } from '../../../platform/tls/tlsSettings';
import { headText } from '../../../shell/editor/documents/headText';
import { hostCount, latency } from '../../../shell/editor/hosts/wording';
import { sizeText } from '../../../shell/editor/text/sizeText';
import { type BodyKind, bodyKind, indentedJson, visibleText } from '../core/bodyText';
import { bodyKey, foldResponses, isPassing } from '../core/foldResponses';
import type { HttpReport, HttpResult, KeptResponse } from '../core/httpBatch';
import { countOutcomes, keptHeadLines, outcomeOf, phases, phaseTimes } from '../core/responseParts';

/** A request that was sent, and what came of it. */
export interface ResponseRecord {
  /** Method and URL as they are written. */
  request: string;
  /** The words that chose who sent it. */
  selector: string;
  startedAt: Date;
  report: HttpReport;
  /** Whether the file said so. */
  isInsecure: boolean;
  /** Knows the secrets that were sent. */
  redactor: Redactor;
}

/** Text of a document, and what its name ends with so that the editor colours it. */
export interface ResponseText {
  text: string;
  extension: string;
}

/** UTF-16 units of a body that are shown, in a document of its own and among others, and of a document of many. */
const ownLimit = 4 * 1024 ** 2;
const groupLimit = 256 * 1024;
const documentLimit = 4 * 1024 ** 2;
/** Hosts whose time is listed. */
const mostTimes = 20;

/** How the head of a response is a comment to those who read the body. */
const comments: Readonly<
  Record<BodyKind, { extension: string; begin?: string; line: string; end?: string }>
> = {
  json: { extension: '.jsonc', line: '// ' },
  javascript: { extension: '.js', line: '// ' },
  html: { extension: '.html', begin: '<!--', line: '', end: '-->' },
  xml: { extension: '.xml', begin: '<!--', line: '', end: '-->' },
  yaml: { extension: '.yaml', line: '# ' },
  css: { extension: '.css', begin: '/*', line: '', end: '*/' },
  text: { extension: '.txt', line: '# ' },
};

/** One response as a document: what was asked, how long each phase took, status and headers, and the body. */
export function responseText(record: ResponseRecord, result: Traced<HttpResult>): ResponseText {
  const { request, report, startedAt } = record;
  const { response, host } = result;
  const first = [host, outcomeOf(result), latency(result.durationMs)];
  const lines = [
    printable(request, 300),
    [...first, ...(response ? [sizeText(response.size)] : [])].join(' · '),
    phaseWords(result),
    `${startedAt.toISOString()} · ${report.traceId}`,
    ...insecureLines(record),
    ...(response ? ['', ...keptHeadLines(response)] : []),
    ...errorLines(result),
    ...(response?.truncated ? ['', truncatedText(response)] : []),
  ];
  return documentOf(
    record,
    response,
    lines.filter((line, index) => line !== '' || index > 3),
  );
}

/** What there is to compare of it: nothing that differs between two answers of the same server. */
export function comparedText(record: ResponseRecord, result: HttpResult): ResponseText {
  const { response } = result;
  if (!response) return documentOf(record, null, [outcomeOf(result), ...errorLines(result)]);
  const headers = Object.fromEntries(Object.entries(response.headers).filter(([name]) => !isPassing(name)));
  const lines = [...keptHeadLines({ ...response, headers }), ...errorLines(result)];
  return documentOf(record, response, lines);
}

/** Responses of many hosts: those that are the same once, with the hosts that had them, the most frequent last. */
export function responsesText(record: ResponseRecord): string {
  const { request, selector, report, startedAt } = record;
  const { results, summary, traceId } = report;
  const groups = foldResponses(results);
  const share = Math.min(groupLimit, Math.floor(documentLimit / groups.length));
  const head = headText([
    [l10n.t('Request'), printable(request, 300)],
    [l10n.t('From'), `${printable(selector)} (${summary.total})`],
    [l10n.t('Started'), startedAt.toISOString()],
    [l10n.t('Duration'), latency(summary.durationMs)],
    [l10n.t('Responses'), summaryText(results)],
    [l10n.t('Trace'), traceId],
    ...insecureLines(record).map((line): [string, string] => [l10n.t('Warning'), line]),
  ]);
  const shown = new Map<string, string>();
  const blocks = groups.map(({ hostSet, hosts, result }) => {
    const { response } = result;
    const title = `──── ${hostSet} (${hostCount(hosts.length)}) · ${outcomeOf(result)} ────`;
    if (!response) return [title, ...errorLines(result)].join('\n');
    const same = shown.get(bodyKey(response));
    shown.set(bodyKey(response), same ?? hostSet);
    const body = same === undefined ? bodyOf(record, response, share) : undefined;
    return [
      ...[title, ...keptHeadLines(response), ''],
      body ?? `[${l10n.t('the same body as {0}', same!)}]`,
      ...(response.truncated ? [`[${truncatedText(response)}]`] : []),
      ...(result.error ? ['', ...errorLines(result)] : []),
    ].join('\n');
  });
  return `${[head, ...blocks, timesText(results)].join('\n\n')}\n`;
}

/** `38 hosts: 200, same body; 2: 502, 2 bodies`, the most frequent first. */
export function summaryText(results: readonly HttpResult[]): string {
  return countOutcomes(results)
    .map(({ outcome, results: ofIt, bodies }, index) => {
      const count = index === 0 ? hostCount(ofIt.length) : `${ofIt.length}`;
      const kinds = bodies === 1 ? l10n.t('same body') : l10n.t('{0} bodies', bodies);
      return `${count}: ${outcome}${ofIt.length === 1 || bodies === 0 ? '' : `, ${kinds}`}`;
    })
    .join('; ');
}

function documentOf(
  record: ResponseRecord,
  response: KeptResponse | null,
  lines: readonly string[],
): ResponseText {
  const kind = response ? kindOf(response) : 'text';
  const { extension, begin, line, end } = comments[kind];
  // What ends a comment is a server's to write, too.
  const head = lines.map((text) =>
    `${line}${end === undefined ? text : text.replaceAll(end, '…')}`.trimEnd(),
  );
  const body = response ? bodyOf(record, response, ownLimit) : '';
  const parts = [[begin, ...head, end].filter((part) => part !== undefined).join('\n'), body];
  return { extension, text: `${parts.filter((part) => part !== '').join('\n\n')}\n` };
}

/** As its Content-Type says, if it is text. */
function kindOf({ headers, bodyBase64 }: KeptResponse): BodyKind {
  const type = [headers['content-type']].flat()[0];
  return bodyBase64 === undefined ? bodyKind(type) : 'text';
}

function bodyOf({ redactor }: ResponseRecord, response: KeptResponse, limit: number): string {
  const { body, bodyBase64, size } = response;
  if (bodyBase64 !== undefined) return `[${l10n.t('{0} bytes that are not text', size)}]`;
  const text = redactor.redactKnown(body ?? '');
  const shown = (kindOf(response) === 'json' ? indentedJson(text, limit) : undefined) ?? text.slice(0, limit);
  const isCut = shown.length === limit && text.length > limit;
  const end = isCut ? `\n[${l10n.t('{0} more characters are not shown', text.length - limit)}]` : '';
  return visibleText(shown).replace(/\n+$/, '') + end;
}

function truncatedText({ size }: KeptResponse): string {
  return l10n.t('the body is longer than the {0} that are kept of it', sizeText(size));
}

function errorLines({ error }: HttpResult): string[] {
  return error ? errorChain(error).map((line) => printable(line, 500)) : [];
}

/** Whoever reads the response is to know whose it may be. */
function insecureLines({ isInsecure }: ResponseRecord): string[] {
  return isInsecure ? [t(insecureWarning)] : [];
}

/** Milliseconds of each phase that there was. */
function phaseWords({ measurements }: Traced<HttpResult>): string {
  const times = phaseTimes(measurements);
  return phases
    .flatMap((phase) => (times[phase] === undefined ? [] : [`${phase} ${latency(times[phase])}`]))
    .join(' · ');
}

function timesText(results: readonly Traced<HttpResult>[]): string {
  const slowest = [...results].sort((a, b) => b.durationMs - a.durationMs).slice(0, mostTimes);
  const rows = slowest.map((result) =>
    [`${result.host}  ${latency(result.durationMs)}`, phaseWords(result)].filter(Boolean).join(' · '),
  );
  return [`──── ${l10n.t('Time for each host, the slowest first')} ────`, ...rows].join('\n');
}
