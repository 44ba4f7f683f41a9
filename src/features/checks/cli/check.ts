import type { Core } from '../../../engine/createCore';
import { type BatchControl, conductBatch } from '../../../shell/cli/batch';
import type { Cli } from '../../../shell/cli/cli';
import { exitStatus, UsageError } from '../../../shell/cli/exitStatus';
import { type BecomeOptions, readBecome } from '../../../shell/cli/hosts/become';
import type { Authority } from '../../../platform/host/host';
import {
  readSourcePasswords,
  type SourcePasswordOptions,
  withSourcePasswords,
} from '../../../shell/cli/terminal/sourcePasswords';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { statusOfHosts } from '../../../shell/cli/hosts/unknownHosts';
import { t } from '../../../shell/cli/l10n';
import { type BatchOptions, given, readDuration } from '../../../shell/cli/options';
import { checks, type CheckTarget } from '../core/check';
import type { Inventory } from '../../../platform/inventory/model';
import { type CheckReport, type CheckResult, planChecks } from '../core/checkBatch';
import type { Traced } from '../../../platform/batch/conduct';
import type { CheckFormatOptions, FormatName } from './formatNames';
import { nagiosUnknown, unknownState } from './formats/nagiosUnknown';
import type { GivenTargets } from './givenTargets';
import type { Pass, Repetition } from './passes';
import { formatOf, printReport, reportFiles, surroundingsOf, writeReports } from './reports';

export interface CheckCommandOptions
  extends BatchOptions, BecomeOptions, SourcePasswordOptions, CheckFormatOptions, GivenTargets {
  check?: string[];
  wait?: string;
  every?: string;
}

/** @throws UsageError, MusterError INVENTORY */
export async function checkHosts(
  selectors: readonly string[],
  options: CheckCommandOptions,
  cli: Cli,
): Promise<number> {
  const format = formatOf(options);
  if (format !== 'nagios') return conductChecks(selectors, options, format, cli);
  try {
    return await conductChecks(selectors, options, format, cli);
  } catch (error) {
    // Who starts plugins reads one line of standard output, and takes our other statuses for its own.
    await cli.terminal.stdout.write(nagiosUnknown(error instanceof Error ? error.message : String(error)));
    return unknownState;
  }
}

async function conductChecks(
  selectors: readonly string[],
  options: CheckCommandOptions,
  format: FormatName,
  cli: Cli,
): Promise<number> {
  const files = reportFiles(options);
  const waitMs = given(options.wait, (text) => readDuration(text, '--wait'));
  const intervalMs = given(options.every, (text) => readDuration(text, '--every'));
  if (intervalMs !== undefined && format !== 'text' && format !== 'ndjson')
    throw new UsageError(
      t('--every prints text or --ndjson; --output {0}=FILE is written after each pass', format),
    );
  const inventory = await inventoryFor(selectors, options, cli);
  const targets = planChecks(inventory, selectors, options.check);
  const becoming = becomingIn(targets, inventory);
  const { become, authority: asked } = await readBecome(options, becoming, cli);
  const passwords = await readSourcePasswords(options, cli);
  const authority = (person: Authority) => withSourcePasswords(asked(person), () => passwords);
  const hasUnknownHosts = statusOfHosts(inventory, selectors) !== exitStatus.ok;
  const surroundings = surroundingsOf(inventory, cli, hasUnknownHosts);
  const { stdout } = cli.terminal;
  let isFirst = true;
  let repetition: Repetition | undefined;

  const start = async (core: Core, control: BatchControl<Traced<CheckResult>>): Promise<CheckReport> => {
    const pass: Pass = (signal, onResult) =>
      core.check(targets, { ...control, signal, onResult, become, overrideCircuit: true });
    if (waitMs === undefined && intervalMs === undefined) return pass(control.signal, control.onResult);
    const { changesText, everyInterval, untilHealthy } = await import('./passes');
    if (waitMs !== undefined)
      return untilHealthy(pass, control, { waitMs, note: (line) => cli.terminal.note(line) });
    repetition = await everyInterval(pass, control, {
      ...{ intervalMs: intervalMs!, stop: cli.interruption.finishFirst(), checks: inventory.section(checks) },
      onPass: async (report, changed) => {
        const startedAt = new Date(Date.now() - report.summary.durationMs);
        await writeReports(report, files, { ...surroundings, startedAt }, cli);
        if (format === 'ndjson') return;
        if (isFirst) await printReport(report, 'text', surroundings, cli);
        else if (changed.length > 0) await stdout.write(changesText(changed, stdout.colors));
        isFirst = false;
      },
    });
    return repetition.report;
  };

  return conductBatch<Traced<CheckResult>, CheckReport>(
    {
      ...{
        inventory,
        selectors,
        authority,
        start,
        total: targets.length,
        commandHosts: becoming.hosts.length,
        isEndless: intervalMs !== undefined,
      },
      print: async (report) => {
        if (!repetition) return printReport(report, format, surroundings, cli);
        const { passes, changes } = repetition;
        await stdout.write(`${t('{0} passes, {1} changes', passes, changes)}\n`);
        return printReport(report, 'text', surroundings, cli);
      },
      finish: async (report) => {
        if (!repetition) await writeReports(report, files, surroundings, cli);
      },
      ...(format === 'nagios' && {
        statusOf: await import('./formats/nagios').then(
          ({ nagiosState }) =>
            (report: CheckReport, interrupted: number | undefined) =>
              // What was found until a signal came is what the line says; without a line nothing is known.
              interrupted === exitStatus.output || interrupted === exitStatus.brokenPipe
                ? unknownState
                : nagiosState(report, surroundings),
        ),
      }),
    },
    { ...options, json: false, ndjson: format === 'ndjson' },
    cli,
  );
}

/** The hosts on which a check runs a command, and those where it says that this is done as another user. */
function becomingIn(targets: readonly CheckTarget[], { file: inventory }: Inventory) {
  const commands = targets.filter(({ check }) => check.type === 'command');
  const hostsOf = (some: readonly CheckTarget[]) => [...new Set(some.map(({ host }) => host))];
  const always = commands.filter(({ check }) => check.settings['become'] === true);
  return { hosts: hostsOf(commands), always: hostsOf(always), inventory };
}

async function inventoryFor(selectors: readonly string[], options: CheckCommandOptions, cli: Cli) {
  if (!options.url && !options.tcp) return openHosts(options, cli);
  if (selectors.length > 0 || options.check || options.inventory !== undefined)
    throw new UsageError(
      t('--url and --tcp take the place of an inventory: leave out hosts, --check and --inventory'),
    );
  return (await import('./givenTargets')).inventoryOf(options, cli.cwd);
}
