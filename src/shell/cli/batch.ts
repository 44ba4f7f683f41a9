import type { Core } from '../../engine/createCore';
import type { Inventory } from '../../platform/inventory/model';
import { statusOfHosts } from './hosts/unknownHosts';
import type { Authority, Logger } from '../../platform/host/host';
import { parseTraceparent, type TraceContext } from '../../platform/operation/traceContext';
import { printable } from '../../platform/text/printable';
import type { Cli } from './cli';
import { exitStatus } from './exitStatus';
import { t } from './l10n';
import { type BatchOptions, type BatchSettings, given, readBatchOptions } from './options';
import { NdjsonStream, writeJsonReport } from './output/jsonOutput';
import { Progress } from './output/progress';
import type { Status } from './output/status';
import { openCore } from './hosts/openCore';
import { readSshThreads, sshThreads } from './hosts/sshThreads';
import { terminalLogger } from './terminal/terminalLogger';

interface Report<Result> {
  traceId: string;
  summary: object;
  results: readonly Result[];
}

/** What the core is given beside the targets. */
export interface BatchControl<Result> extends BatchSettings {
  signal: AbortSignal;
  /** Counts and prints it. */
  onResult: (result: Result) => void;
  /** For who makes several passes: counts only, and begins to count anew. */
  count: (result: Result) => void;
  beginPass: () => void;
  /** Prints a line, where results are printed so. */
  emit: (result: Result) => void;
}

/** One batch on many hosts and how people read its outcome. */
interface Batch<Result, R extends Report<Result>> {
  inventory: Inventory;
  /** What the hosts were selected by; none means all. */
  selectors: readonly string[];
  total: number;
  /** On how many of them commands are run, which threads may do. */
  commandHosts?: number;
  /** Answers in place of the person at the terminal. */
  authority?: (person: Authority) => Authority;
  /** Milliseconds that the work on a target lasts by itself: what is left of them is shown. */
  lastsMs?: number;
  /** How far the work is, for the line that shows the progress. */
  live?: () => string;
  /** Whether the work itself writes to standard output before its end. */
  printsMeanwhile?: boolean;
  start: (core: Core, control: BatchControl<Result>) => Promise<R>;
  /** No progress is shown, for what has no end. */
  isEndless?: boolean;
  print: (report: R) => Promise<void>;
  /** The report as programs are given it, where that is not the same. */
  jsonOf?: (report: R) => Report<Result>;
  /** After it was printed. */
  finish?: (report: R) => Promise<void>;
  /** How to exit, where it is not 0 for sound results, 1 for others and the status of what interrupted it. */
  statusOf?: (report: R, interrupted: number | undefined) => number;
}

/** Runs a batch with its progress shown, prints its outcome in the form asked for, and tells how to exit. */
export async function conductBatch<Result extends { status: Status }, R extends Report<Result>>(
  {
    inventory,
    selectors,
    total,
    commandHosts,
    authority,
    lastsMs,
    live,
    isEndless,
    printsMeanwhile,
    start,
    print,
    jsonOf = (report) => report,
    finish,
    statusOf,
  }: Batch<Result, R>,
  options: BatchOptions,
  cli: Cli,
): Promise<number> {
  const { terminal, interruption } = cli;
  const settings = readBatchOptions(options);
  const asked = given(options.sshThreads, readSshThreads);
  const threads = commandHosts === undefined ? undefined : sshThreads(asked, commandHosts);
  const concurrency = (settings.concurrency ??= inventory.concurrency);
  const core = openCore(inventory, options, cli, {
    ...(authority && { authority }),
    parent: parentTrace(cli.env, terminalLogger(terminal, options.verbose ?? false)),
    maxConnections: () => concurrency,
    ...(threads && { sshThreads: threads }),
  });
  const lines = options.ndjson ? new NdjsonStream(terminal.stdout) : undefined;
  // Lines that stream to the same terminal would run through the progress.
  const streams = lines !== undefined || printsMeanwhile;
  const isShown = !isEndless && !(streams && terminal.stdout.isTTY);
  const progress = Progress.start(terminal, { total, lastsMs, live }, isShown);
  const count = ({ status }: Result) => progress.count(status);
  const emit = (result: Result) => lines?.push(result);
  let report: R;
  try {
    report = await start(core, {
      ...settings,
      signal: interruption.signal,
      onResult: (result) => {
        count(result);
        emit(result);
      },
      ...{ count, emit, beginPass: () => progress.restart() },
    });
  } finally {
    progress.stop();
    await core.dispose();
    interruption.dispose();
  }
  if (lines) await lines.end();
  else if (options.json) await writeJsonReport(terminal.stdout, jsonOf(report));
  else await print(report);
  await finish?.(report);
  const isSound = report.results.every(({ status }) => status === 'healthy' || status === 'ok');
  if (statusOf) return statusOf(report, interruption.exitStatus);
  return interruption.exitStatus ?? (isSound ? statusOfHosts(inventory, selectors) : exitStatus.failed);
}

/** What whoever started this process says that it is a part of; an empty variable is one that is not set. */
function parentTrace({ TRACEPARENT }: NodeJS.ProcessEnv, logger: Logger): TraceContext | undefined {
  if (!TRACEPARENT) return undefined;
  // What a shell has read from a file often ends in a blank or a line break.
  const parent = parseTraceparent(TRACEPARENT.trim());
  if (!parent)
    logger.warn(t('TRACEPARENT is ignored: “{0}” is not a W3C trace context', printable(TRACEPARENT, 100)));
  return parent;
}
