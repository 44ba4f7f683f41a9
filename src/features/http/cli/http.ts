import type { Core } from '../../../engine/createCore';
import type { Host, Inventory } from '../../../platform/inventory/model';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { Redactor } from '../../../platform/redaction/redactor';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { printable } from '../../../platform/text/printable';
import { type BatchControl, conductBatch } from '../../../shell/cli/batch';
import { readBounded } from '../../../shell/cli/boundedInput';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { hostCount, t } from '../../../shell/cli/l10n';
import { given, readCount, readSize } from '../../../shell/cli/options';
import { confirmed } from '../../../shell/cli/terminal/confirmation';
import type { OutputStream } from '../../../shell/cli/output/outputStream';
import { harmless } from '../../../shell/cli/output/terminalText';
import { type CurlRequest, fromCurl, toCurl } from '../core/convert/curl';
import { harToFile } from '../core/convert/har';
import { bytesOf, defaultMaxBody, type HttpReport, type HttpResult, redactorOf } from '../core/httpBatch';
import { isSafe } from '../core/httpRequest';
import { firstHop } from '../core/requestOn';
import { keptHeadLines } from '../core/responseParts';
import { BodyWriter } from './bodyWriter';
import { exchangeLines, headLines } from './exchangeText';
import { printHttpReport, printOneReport } from './httpReport';
import { readFileRequests } from './readFileRequests';
import { namesFile, readRequest, readWords } from './readRequest';
import type { GivenHttpOptions, Wanted } from './httpOptions';
import { thisMachine } from '../core/thisMachine';

/** For each of several hosts, of which one that hangs would hold back the answers of all. */
const timeoutOfMany = 30_000;

/** `muster http SELECTOR… [METHOD] URL`, or FILE. @throws UsageError, MusterError INVENTORY, READ_ONLY */
export async function requestFromHosts(
  words: readonly string[],
  options: GivenHttpOptions,
  cli: Cli,
): Promise<number> {
  const maxBody = given(options.maxBody, (text) => readSize(text, '--max-body')) ?? defaultMaxBody;
  const confirmOver = given(options.confirmOver, (text) => readCount(text, '--confirm-over', 1_000_000)) ?? 1;
  if (options.har !== undefined) return printArchive(options.har, cli);
  const wanted = namesFile(words.at(-1))
    ? await readFileRequests(words.at(-1)!, words.slice(0, -1), options, cli)
    : await readOneRequest(words, options, cli);
  const { selectors, requests, isInsecure, isJudged, start } = wanted;
  const { inventory, hosts } = await openSenders(selectors, options, cli);
  if (options.asCurl) return printCurl(hosts, wanted, options, cli);
  if (!requests.every(({ method }) => isSafe(method))) {
    refuseReadOnly(hosts);
    if (hosts.length > confirmOver && !options.yes && !(await maySend(requests, hosts, cli)))
      return exitStatus.failed;
  }
  if (isInsecure) {
    cli.terminal.note(`muster: ${t('the file says “# @insecure”: certificate verification is off')}`);
    if (!options.yes && !(await maySendUnverified(requests, cli))) return exitStatus.failed;
  }
  const { format = 'text', timing, diff, include, showSecrets, verbose } = options;
  const forms = { ndjson: options.ndjson || format === 'ndjson', json: format === 'json' };
  const streams = hosts.length === 1 && !isJudged && !forms.json && !forms.ndjson;
  const { stdout, stderr } = cli.terminal;
  // A note is without secrets, asked for or not.
  const say = (line: string) =>
    showSecrets ? void cli.terminal.alone(() => stderr.write(`${line}\n`)) : cli.terminal.note(line);
  const body = new BodyWriter(stdout, options.raw ?? false);
  // What one host says is written as it comes, its head before the body.
  let head: Promise<void> | undefined;
  const settings = (
    control: BatchControl<HttpResult>,
    isLast: boolean,
    redact: (text: string) => string,
  ): Parameters<Core['request']>[2] => ({
    ...control,
    ...{ maxBody, directory: cli.cwd, showSecrets: showSecrets || !isLast },
    timeoutMs: control.timeoutMs ?? (hosts.length > 1 ? timeoutOfMany : 0),
    failFrom: options.fail || !isLast ? 400 : Infinity,
    onResult: isLast ? control.onResult : () => {},
    onExchange: (host, hop, response) => {
      const name = hosts.length > 1 ? `${host}: ` : '';
      if (verbose) for (const line of exchangeLines(hop, response, showSecrets)) say(name + redact(line));
      if (include && streams && isLast)
        head = stdout.write(`${headLines(response, showSecrets).join('\n')}\n\n`);
    },
    ...(streams &&
      isLast && {
        onPiece: async (_: string, piece: Buffer) => {
          await head;
          await body.write(piece);
        },
      }),
  });
  return conductBatch<HttpResult, HttpReport>(
    {
      ...{ inventory, selectors, total: hosts.length, printsMeanwhile: streams },
      start: (core, control) =>
        start(hosts, (some, requestOf, isLast) => {
          const redactor = new Redactor(some.flatMap((host) => requestOf(host).secrets ?? []));
          return core.request(
            some,
            requestOf,
            settings(control, isLast, (text) => (showSecrets ? text : redactor.redact(text))),
          );
        }),
      print: async (report) => {
        if (!streams && hosts.length > 1) return printHttpReport(report, stdout, { diff, timing, include });
        await head;
        if (!streams) await writeKept(report, body, include ? stdout : undefined);
        await body.end();
        printOneReport(report, cli.terminal, { timing });
      },
    },
    { ...options, ...forms },
    cli,
  );
}

async function readOneRequest(
  words: readonly string[],
  options: GivenHttpOptions,
  cli: Cli,
): Promise<Wanted> {
  if (options.name !== undefined || options.var)
    throw new UsageError(t('--name and --var are for files of requests: muster http SELECTOR FILE.http'));
  const given = await withCurl(options, cli);
  const { selectors, ...place } = readWords(words, given);
  const request = await readRequest(place, given, cli);
  return {
    ...{ selectors, requests: [request], isInsecure: false, isJudged: false, whole: request },
    start: (hosts, send) => send(hosts, () => request, true),
  };
}

/** The options with those of a command of curl, before which they come. @throws UsageError, MusterError USAGE */
async function withCurl({ curl, ...options }: GivenHttpOptions, cli: Cli): Promise<GivenHttpOptions> {
  if (curl === undefined) return options;
  const command = curl.startsWith('@') ? (await readBounded(curl.slice(1), '--curl', cli)).toString() : curl;
  const { header, ...rest }: CurlRequest = fromCurl(command);
  return { ...rest, ...options, header: [...header, ...(options.header ?? [])] };
}

/** A line for each host. @throws MusterError USAGE */
async function printCurl(
  hosts: readonly Host[],
  { whole }: Wanted,
  { showSecrets }: GivenHttpOptions,
  { terminal: { stdout }, interruption }: Cli,
): Promise<number> {
  const lines = hosts.map((host) => {
    const hop = firstHop(host, whole);
    const line = toCurl(hop, whole, showSecrets);
    return `${showSecrets ? line : redactorOf(hop, whole.secrets).redact(line)}\n`;
  });
  interruption.dispose();
  await stdout.write([...new Set(lines)].join(''));
  return exitStatus.ok;
}

/** @throws UsageError, MusterError FORMAT */
async function printArchive(file: string, cli: Cli): Promise<number> {
  const text = harToFile((await readBounded(file, '--har', cli)).toString());
  cli.interruption.dispose();
  await cli.terminal.stdout.write(harmless(text, false));
  return exitStatus.ok;
}

/** Of one host whose response was judged before it is written. */
async function writeKept(
  report: HttpReport,
  body: BodyWriter,
  heads: OutputStream | undefined,
): Promise<void> {
  const response = report.results[0]?.response;
  if (!response) return;
  await heads?.write(`${keptHeadLines(response).join('\n')}\n\n`);
  await body.write(bytesOf(response));
}

/** The hosts that send, or whose values the URL has. @throws UsageError, MusterError INVENTORY */
async function openSenders(
  selectors: readonly string[],
  options: GivenHttpOptions,
  cli: Cli,
): Promise<{ inventory: Inventory; hosts: readonly Host[] }> {
  if (selectors.length === 0) {
    const { inventory, host } = thisMachine(cli.cwd);
    return { inventory, hosts: [host] };
  }
  const inventory = await openHosts({ ...options, json: undefined }, cli);
  return { inventory, hosts: selectHosts(inventory, selectors) };
}

/** @throws UsageError where there is nobody to ask, MusterError CANCELLED */
function maySend(requests: Wanted['requests'], hosts: readonly Host[], cli: Cli): Promise<boolean> {
  const names = printable(compactHostSet(hosts.map(({ name }) => name)), 200);
  const what = namesOf(requests);
  const question = t('Send {0} from {1}: {2}?', what, hostCount(hosts.length), names);
  return confirmed(question, cli, t('Nothing was sent.'));
}

/** @throws UsageError where there is nobody to ask, MusterError CANCELLED */
function maySendUnverified(requests: Wanted['requests'], cli: Cli): Promise<boolean> {
  const question = t('Send {0} without verifying the certificate?', namesOf(requests));
  return confirmed(question, cli, t('Nothing was sent.'));
}

const namesOf = (requests: Wanted['requests']) =>
  requests.map(({ method, url }) => `${method} ${printable(withoutCredentials(url), 200)}`).join(', ');
