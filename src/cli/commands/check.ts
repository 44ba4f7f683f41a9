import { planChecks } from '../../core/checks/checkBatch';
import { conductBatch } from '../batch';
import type { Cli } from '../cli';
import { openHosts } from '../openInventory';
import type { BatchOptions } from '../options';
import { checkReportText } from '../output/checkReport';

export interface CheckCommandOptions extends BatchOptions {
  check?: string[];
}

/** @throws UsageError, MusterError INVENTORY */
export async function checkHosts(
  selectors: readonly string[],
  options: CheckCommandOptions,
  cli: Cli,
): Promise<number> {
  const { stdout } = cli.terminal;
  const inventory = await openHosts(options, cli);
  const targets = planChecks(inventory, selectors, options.check);
  return conductBatch(
    {
      ...{ inventory, selectors },
      total: targets.length,
      start: (core, control) => core.check(targets, { ...control, overrideCircuit: true }),
      print: (report) => stdout.write(checkReportText(report, stdout.colors)),
    },
    options,
    cli,
  );
}
