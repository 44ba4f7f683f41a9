import type { Host } from '../../../platform/inventory/model';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { printable } from '../../../platform/text/printable';
import { remoteCommand, type RunRequest } from '../core/remoteCommand';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { conductBatch } from '../../../shell/cli/batch';
import { readBounded } from '../../../shell/cli/boundedInput';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { type BecomeOptions, readBecome } from '../../../shell/cli/hosts/become';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { hostCount, t } from '../../../shell/cli/l10n';
import {
  type BatchOptions,
  given,
  readCount,
  readDuration,
  readEnvironment,
  readSize,
} from '../../../shell/cli/options';
import { confirmed } from '../../../shell/cli/terminal/confirmation';
import { commandText, LastRunFile } from './lastRun';
import { limited } from './limited';
import { OutputFolder } from './outputFolder';
import { PrefixedLines } from './prefixedLines';
import { printRunReport } from './runReport';

export interface RunCommandOptions extends BatchOptions, BecomeOptions {
  /** The words after `--`. */
  command: readonly string[];
  script?: string;
  stdin?: string;
  env?: string[];
  sudo?: boolean;
  maxOutput?: string;
  outputDir?: string;
  prefix?: boolean;
  timing?: boolean;
  diff?: boolean;
  limit?: string[];
  retries?: string;
  pause?: string;
  confirmOver?: string;
  yes?: boolean;
  traceInline?: boolean;
}

const mostRetries = 100;

/** @throws UsageError, MusterError INVENTORY, READ_ONLY */
export async function runOnHosts(
  selectors: readonly string[],
  options: RunCommandOptions,
  cli: Cli,
): Promise<number> {
  const { stdout } = cli.terminal;
  const asked = await readRequest(options, cli);
  // What is wrong with the request is found before anything is read or connected to.
  remoteCommand(asked);
  if (options.sudo && options.become)
    throw new UsageError(t('give either --sudo or --become: --sudo is --become without a password'));
  const { maxOutput, retries, pauseMs, confirmOver = Infinity } = readSettings(options);
  const inventory = await openHosts(options, cli);
  const lastRun = await LastRunFile.of(inventory, cli);
  const hosts = await limited(inventory, selectHosts(inventory, selectors), options.limit ?? [], lastRun);
  refuseReadOnly(hosts);
  const { become, authority } = await readBecome(options, { hosts, inventory: inventory.file }, cli);
  const request: RunRequest = { ...asked, ...(become && { become }) };
  if (hosts.length > confirmOver && !options.yes && !(await mayRun(hosts, cli))) return exitStatus.failed;
  const stdin = options.stdin === undefined ? undefined : await readBounded(options.stdin, '--stdin', cli);
  const files =
    options.outputDir === undefined ? undefined : await OutputFolder.make(options.outputDir, hosts, cli);
  const lines = options.prefix ? new PrefixedLines(cli.terminal) : undefined;
  return conductBatch(
    {
      ...{ inventory, selectors, authority },
      ...{ total: hosts.length, commandHosts: hosts.length },
      printsMeanwhile: lines !== undefined,
      start: async (core, control) => {
        const begun = lastRun.begin(commandText(request), hosts.length);
        const ended: (Promise<void> | undefined)[] = [];
        const report = await core.run(hosts, request, {
          ...{ ...control, stdin, retries, pauseMs },
          ...(maxOutput !== undefined && { maxOutput }),
          ...((files || lines) && {
            onOutput: (host, output, piece) =>
              both(files?.write(host, output, piece), lines?.add(host, output, piece)),
          }),
          onResult: (result) => {
            ended.push(files?.ended(result), lines?.ended(result.host));
            control.onResult(result);
          },
        });
        await Promise.all([...ended, begun.then((end) => end(report.results))]);
        await files?.finish(report);
        return report;
      },
      print: (report) => printRunReport(report, stdout, options),
    },
    options,
    cli,
  );
}

/** What has to be waited for, if anything. */
function both(...waits: readonly (Promise<void> | undefined)[]): Promise<void> | undefined {
  const left = waits.filter((wait) => wait !== undefined);
  return left.length > 0 ? Promise.all(left).then(() => {}) : undefined;
}

/** What the options say, found wrong before anything is read or connected to. @throws UsageError */
function readSettings({ maxOutput, retries, pause, serial, confirmOver }: RunCommandOptions) {
  if (pause !== undefined && serial === undefined)
    throw new UsageError(t('--pause is between the batches of --serial: give both'));
  return {
    maxOutput: given(maxOutput, (text) => readSize(text, '--max-output')),
    retries: given(retries, (text) => readCount(text, '--retries', mostRetries)),
    pauseMs: given(pause, (text) => readDuration(text, '--pause')),
    confirmOver: given(confirmOver, (text) => readCount(text, '--confirm-over', 1_000_000)),
  };
}

/** @throws UsageError where there is nobody to ask, MusterError CANCELLED */
function mayRun(hosts: readonly Host[], cli: Cli): Promise<boolean> {
  const names = printable(compactHostSet(hosts.map(({ name }) => name)), 200);
  const question = t('Run the command on {0}: {1}?', hostCount(hosts.length), names);
  return confirmed(question, cli, t('Nothing was run.'));
}

async function readRequest(
  { command, script, stdin, env = [], sudo, traceInline }: RunCommandOptions,
  cli: Cli,
): Promise<RunRequest> {
  if (script === undefined && command.length === 0)
    throw new UsageError(t('no command: write it after --, as in muster run web -- uptime'));
  if (script !== undefined && command.length > 0)
    throw new UsageError(t('give either a command or --script, not both'));
  if (script !== undefined && stdin !== undefined)
    throw new UsageError(t('a script takes the place of standard input: give either --script or --stdin'));
  return {
    ...(script === undefined
      ? { command }
      : { script: (await readBounded(script, '--script', cli)).toString('utf8') }),
    env: readEnvironment(env),
    ...{ sudo, traceInline },
  };
}
