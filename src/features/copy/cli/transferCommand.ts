import type { Core } from '../../../engine/createCore';
import type { Host } from '../../../platform/inventory/model';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { printable } from '../../../platform/text/printable';
import { conductBatch } from '../../../shell/cli/batch';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { type BecomeOptions, readBecome } from '../../../shell/cli/hosts/become';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { hostCount, t } from '../../../shell/cli/l10n';
import { type BatchOptions, given, readCount, readDuration } from '../../../shell/cli/options';
import { confirmed } from '../../../shell/cli/terminal/confirmation';
import type { Terminal } from '../../../shell/cli/terminal/terminal';
import { LastRunFile } from '../../runs/cli/lastRun';
import { limited } from '../../runs/cli/limited';
import type { TransferOptions, TransferReport, TransferResult } from '../core/copyBatch';
import { parseHostPath } from '../core/hostPath';
import type { TransferSettings } from '../core/transfer';
import { TransferRate } from '../core/transferRate';
import { printTransferReport } from './transferReport';

export interface TransferCommandOptions extends BatchOptions, BecomeOptions, Omit<TransferSettings, 'sync'> {
  fsync?: boolean;
  maxBandwidth?: string;
  limit?: string[];
  pause?: string;
  confirmOver?: string;
  yes?: boolean;
}

/** What the core is asked for, with the options of the command. */
type Start = (
  core: Core,
  hosts: readonly Host[],
  options: Partial<Omit<TransferOptions, 'transport' | 'origin'>>,
) => Promise<TransferReport>;

interface Transfer {
  /** Hosts and a path on them, as written. */
  place: string;
  /** For people, as the last run. */
  words: string;
  writesOnHosts: boolean;
  start: Start;
}

/** `muster copy SRC… SELECTOR:DEST`. @throws UsageError, MusterError INVENTORY, READ_ONLY */
export async function copyToHosts(
  operands: readonly string[],
  options: TransferCommandOptions,
  cli: Cli,
): Promise<number> {
  const sources = operands.slice(0, -1);
  const place = operands.at(-1)!;
  if (sources.length === 0)
    throw new UsageError(t('give files and at last where they go: muster copy app.conf web:/etc/'));
  const { path } = parseHostPath(place);
  return transfer(
    {
      ...{ place, words: `copy … ${place}`, writesOnHosts: !options.dryRun && !options.diff },
      start: (core, hosts, settings) =>
        core.copy(hosts, { sources, destination: path, cwd: cli.cwd }, settings),
    },
    options,
    cli,
  );
}

/** `muster fetch SELECTOR:SRC DEST/`. @throws UsageError, MusterError INVENTORY */
export async function fetchFromHosts(
  operands: readonly string[],
  options: TransferCommandOptions,
  cli: Cli,
): Promise<number> {
  const [place = '', folder = ''] = operands;
  const { path } = parseHostPath(place);
  return transfer(
    {
      ...{ place, words: `fetch ${place}`, writesOnHosts: false },
      start: (core, hosts, settings) => core.fetch(hosts, { source: path, folder, cwd: cli.cwd }, settings),
    },
    options,
    cli,
  );
}

async function transfer(
  { place, words, writesOnHosts, start }: Transfer,
  options: TransferCommandOptions,
  cli: Cli,
): Promise<number> {
  const { confirmOver = Infinity, pauseMs, maxBandwidth } = readSettings(options);
  const { selector } = parseHostPath(place);
  const inventory = await openHosts(options, cli);
  const lastRun = await LastRunFile.of(inventory, cli);
  const hosts = await limited(inventory, selectHosts(inventory, [selector]), options.limit ?? [], lastRun);
  if (writesOnHosts) refuseReadOnly(hosts);
  const { become, authority } = await readBecome(options, { hosts, inventory: inventory.file }, cli);
  if (writesOnHosts && hosts.length > confirmOver && !options.yes && !(await mayCopy(hosts, place, cli)))
    return exitStatus.failed;
  const { checksum, dryRun, diff, backup, resume, owners, follow, fsync } = options;
  const { stdout } = cli.terminal;
  const rate = new TransferRate(hosts.length);
  return conductBatch<TransferResult, TransferReport>(
    {
      ...{ inventory, selectors: [selector], authority, total: hosts.length },
      live: () => rate.text(),
      start: async (core, control) => {
        // What changes nothing leaves the last run what it is.
        const begun = dryRun || diff ? undefined : lastRun.begin(words, hosts.length);
        const stop = sayInLines(rate, hosts.length, cli.terminal);
        try {
          const report = await start(core, hosts, {
            ...{ ...control, become },
            ...{ checksum, dryRun, diff, backup, resume, owners, follow, sync: fsync, pauseMs, maxBandwidth },
            onProgress: (event) => rate.add(event),
            onResult: (result) => {
              rate.ended++;
              control.onResult(result);
            },
          });
          await (
            await begun
          )?.(report.results);
          return report;
        } finally {
          stop();
        }
      },
      print: (report) => printTransferReport(report, stdout, options),
    },
    options,
    cli,
  );
}

/** Milliseconds between two lines where there is no terminal to draw on. */
const lineMs = 10_000;

/** Says how far it is in lines where nobody watches a terminal; the returned function ends that. */
function sayInLines(rate: TransferRate, total: number, terminal: Terminal): () => void {
  if (terminal.stderr.isTTY) return () => {};
  const timer = setInterval(() => {
    terminal.note([`${rate.ended}/${total}`, rate.text()].filter(Boolean).join(' · '));
  }, lineMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** What the options say, found wrong before anything is read or connected to. @throws UsageError */
function readSettings({ pause, serial, confirmOver, maxBandwidth }: TransferCommandOptions) {
  if (pause !== undefined && serial === undefined)
    throw new UsageError(t('--pause is between the batches of --serial: give both'));
  return {
    pauseMs: given(pause, (text) => readDuration(text, '--pause')),
    confirmOver: given(confirmOver, (text) => readCount(text, '--confirm-over', 1_000_000)),
    maxBandwidth: given(maxBandwidth, (text) => readBandwidth(text, '--max-bandwidth')),
  };
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `500k`, `10M` or `1GiB` in bytes. @throws UsageError */
export function readBandwidth(text: string, option: string): number {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)\s*([kmg]?)(?:i?b)?(?:\/s)?$/i.exec(text) ?? [];
  const bytes = Number(amount) * (units[unit?.toLowerCase() ?? ''] ?? NaN);
  if (bytes >= 1) return bytes;
  throw new UsageError(t('{0}: "{1}" is not a size, such as 500k or 10M', option, text));
}

/** @throws UsageError where there is nobody to ask, MusterError CANCELLED */
function mayCopy(hosts: readonly Host[], place: string, cli: Cli): Promise<boolean> {
  const names = printable(compactHostSet(hosts.map(({ name }) => name)), 200);
  const question = t('Copy to {0} on {1}: {2}?', printable(place, 200), hostCount(hosts.length), names);
  return confirmed(question, cli, t('Nothing was copied.'));
}
