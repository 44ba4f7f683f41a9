import { selectHosts } from '../../../platform/inventory/selection/selector';
import { remoteCommand, type RunRequest } from '../core/remoteCommand';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { conductBatch } from '../../../shell/cli/batch';
import { readBounded } from '../../../shell/cli/boundedInput';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { t } from '../../../shell/cli/l10n';
import { type BatchOptions, readEnvironment, readSize } from '../../../shell/cli/options';
import { printRunReport } from './runReport';

export interface RunCommandOptions extends BatchOptions {
  /** The words after `--`. */
  command: readonly string[];
  script?: string;
  stdin?: string;
  env?: string[];
  sudo?: boolean;
  maxOutput?: string;
  diff?: boolean;
  traceInline?: boolean;
}

/** @throws UsageError, MusterError INVENTORY, READ_ONLY */
export async function runOnHosts(
  selectors: readonly string[],
  options: RunCommandOptions,
  cli: Cli,
): Promise<number> {
  const { stdout } = cli.terminal;
  const request = await readRequest(options, cli);
  // What is wrong with the request is found before anything is read or connected to.
  remoteCommand(request);
  const maxOutput = options.maxOutput === undefined ? undefined : readSize(options.maxOutput, '--max-output');
  const inventory = await openHosts(options, cli);
  const hosts = selectHosts(inventory, selectors);
  refuseReadOnly(hosts);
  const stdin = options.stdin === undefined ? undefined : await readBounded(options.stdin, '--stdin', cli);
  return conductBatch(
    {
      ...{ inventory, selectors },
      total: hosts.length,
      start: (core, control) =>
        core.run(hosts, request, { ...control, stdin, ...(maxOutput !== undefined && { maxOutput }) }),
      print: (report) => printRunReport(report, stdout, { diff: options.diff ?? false }),
    },
    options,
    cli,
  );
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
