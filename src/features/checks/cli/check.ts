import { planChecks } from '../core/checkBatch';
import { conductBatch } from '../../../shell/cli/batch';
import type { Cli } from '../../../shell/cli/cli';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import type { BatchOptions } from '../../../shell/cli/options';
import { checkReportText } from './checkReport';

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
      print: async (report) => stdout.write(await checkReportText(report, stdout.colors)),
    },
    options,
    cli,
  );
}
