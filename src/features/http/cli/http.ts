import type { Core } from '../../../engine/createCore';
import type { Host, Inventory } from '../../../platform/inventory/model';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { printable } from '../../../platform/text/printable';
import { type BatchControl, conductBatch } from '../../../shell/cli/batch';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus } from '../../../shell/cli/exitStatus';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { hostCount, t } from '../../../shell/cli/l10n';
import { type BatchOptions, given, readCount, readSize } from '../../../shell/cli/options';
import { confirmed } from '../../../shell/cli/terminal/confirmation';
import { defaultMaxBody, type HttpReport, type HttpResult } from '../core/httpBatch';
import { type HttpRequest, isSafe } from '../core/httpRequest';
import { BodyWriter } from './bodyWriter';
import { exchangeLines, headLines } from './exchangeText';
import { printHttpReport, printOneReport } from './httpReport';
import { readRequest, readWords, type RequestOptions } from './readRequest';
import { thisMachine } from './thisMachine';

/** What commander gives; `--json` is a body here, other than with other commands. */
export interface GivenHttpOptions extends Omit<BatchOptions, 'json'>, RequestOptions {
  include?: boolean;
  fail?: boolean;
  maxBody?: string;
  diff?: boolean;
  timing?: boolean;
  format?: 'text' | 'json' | 'ndjson';
  raw?: boolean;
  showSecrets?: boolean;
  confirmOver?: string;
  yes?: boolean;
}

/** For each of several hosts, of which one that hangs would hold back the answers of all. */
const timeoutOfMany = 30_000;

/** `muster http SELECTOR… [METHOD] URL`. @throws UsageError, MusterError INVENTORY, READ_ONLY */
export async function requestFromHosts(
  words: readonly string[],
  options: GivenHttpOptions,
  cli: Cli,
): Promise<number> {
  const { selectors, ...place } = readWords(words, options);
  const maxBody = given(options.maxBody, (text) => readSize(text, '--max-body')) ?? defaultMaxBody;
  const confirmOver = given(options.confirmOver, (text) => readCount(text, '--confirm-over', 1_000_000)) ?? 1;
  const request = await readRequest(place, options, cli);
  const { inventory, hosts } = await openSenders(selectors, options, cli);
  if (!isSafe(request.method)) {
    refuseReadOnly(hosts);
    if (hosts.length > confirmOver && !options.yes && !(await maySend(request, hosts, cli)))
      return exitStatus.failed;
  }
  const { format = 'text', timing, diff, include, showSecrets, verbose } = options;
  const forms = { ndjson: options.ndjson || format === 'ndjson', json: format === 'json' };
  const batch: BatchOptions = { ...options, ...forms };
  const streams = hosts.length === 1 && !forms.json && !forms.ndjson;
  const { stdout } = cli.terminal;
  const body = new BodyWriter(stdout, options.raw ?? false);
  // What one host says is written as it comes, its head before the body.
  let head: Promise<void> | undefined;
  const settings = (control: BatchControl<HttpResult>): Parameters<Core['request']>[2] => ({
    ...control,
    timeoutMs: control.timeoutMs ?? (hosts.length > 1 ? timeoutOfMany : 0),
    ...{ maxBody, showSecrets, directory: cli.cwd, failFrom: options.fail ? 400 : Infinity },
    onExchange: (host, hop, response) => {
      const name = hosts.length > 1 ? `${host}: ` : '';
      if (verbose)
        for (const line of exchangeLines(hop, response, showSecrets)) cli.terminal.note(`${name}${line}`);
      if (include && streams) head = stdout.write(`${headLines(response, showSecrets).join('\n')}\n\n`);
    },
    ...(streams && {
      onPiece: async (_: string, piece: Buffer) => {
        await head;
        await body.write(piece);
      },
    }),
  });
  return conductBatch<HttpResult, HttpReport>(
    {
      ...{ inventory, selectors, total: hosts.length, printsMeanwhile: streams },
      start: (core: Core, control) => core.request(hosts, request, settings(control)),
      print: async (report) => {
        if (!streams) return printHttpReport(report, stdout, { diff, timing, include });
        await head;
        await body.end();
        printOneReport(report, cli.terminal, { timing });
      },
    },
    batch,
    cli,
  );
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
function maySend({ method, url }: HttpRequest, hosts: readonly Host[], cli: Cli): Promise<boolean> {
  const names = printable(compactHostSet(hosts.map(({ name }) => name)), 200);
  const what = `${method} ${printable(withoutCredentials(url), 200)}`;
  const question = t('Send {0} from {1}: {2}?', what, hostCount(hosts.length), names);
  return confirmed(question, cli, t('Nothing was sent.'));
}
