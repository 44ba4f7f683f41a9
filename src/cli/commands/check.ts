import { type CheckResult, planChecks } from '../../core/checks/checkBatch';
import { batchSettings, withEngine } from '../batch';
import { exitStatus } from '../exitStatus';
import type { CheckFlags } from '../flags';
import { openInventory } from '../openInventory';
import { checkReportText } from '../output/checkReport';
import { print, printJson, printLine } from '../output/print';
import { showProgress } from '../output/progress';
import { styleFor } from '../output/style';

export async function check(selectors: readonly string[], flags: CheckFlags): Promise<void> {
  const inventory = await openInventory(flags);
  const targets = planChecks(inventory, selectors, flags.check);
  const settings = batchSettings(flags, inventory);

  await withEngine(inventory, flags, settings, async (core, signal) => {
    const counts = { healthy: 0, degraded: 0, unhealthy: 0, skipped: 0 };
    const style = styleFor(process.stderr, flags.color);
    const progress = showProgress(() => {
      const done = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const sick = [
        counts.degraded > 0 && style.yellow(`${counts.degraded} degraded`),
        counts.unhealthy > 0 && style.red(`${counts.unhealthy} unhealthy`),
      ].filter(Boolean);
      return [`checking ${done}/${targets.length}`, style.green(`${counts.healthy} healthy`), ...sick].join(
        ', ',
      );
    });
    const report = await core.check(targets, {
      ...settings,
      signal,
      onResult: (result: CheckResult) => {
        counts[result.status]++;
        progress.changed();
        if (flags.ndjson) printLine(result);
      },
    });
    progress.stop();
    if (flags.json) await printJson(report);
    else if (!flags.ndjson) await print(checkReportText(report, styleFor(process.stdout, flags.color)));
    const { unhealthy, degraded, skipped } = report.summary;
    return unhealthy + degraded + skipped === 0 ? exitStatus.healthy : exitStatus.unhealthy;
  });
}
