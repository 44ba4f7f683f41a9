import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { becomeOf, type CaptureReport, refuseCapture } from '../../core/capture/captureBatch';
import { profilerOf } from '../../core/capture/profilers';
import { conductBatch } from '../../../../shell/cli/batch';
import { CaptureOutput, type OutputOptions, type WrittenCapture } from '../captureOutput';
import { capturePlan, type PlanOptions } from '../capturePlan';
import type { Cli } from '../../../../shell/cli/cli';
import {
  givenPassword,
  type PasswordOptions,
  withPassword,
} from '../../../../shell/cli/terminal/givenPassword';
import { type BecomeOptions, readBecome } from '../../../../shell/cli/hosts/become';
import { openHosts } from '../../../../shell/cli/hosts/openInventory';
import type { BatchOptions } from '../../../../shell/cli/options';
import { printCaptureReport } from '../captureReport';

export interface CaptureCommandOptions
  extends BatchOptions, BecomeOptions, PasswordOptions, PlanOptions, OutputOptions {}

type Report = Omit<CaptureReport, 'results'> & { results: WrittenCapture[]; merged?: string };

/** `muster profile capture` @throws UsageError, MusterError INVENTORY, READ_ONLY, PROTOCOL */
export async function captureProfiles(
  selectors: readonly string[],
  options: CaptureCommandOptions,
  cli: Cli,
): Promise<number> {
  const inventory = await openHosts(options, cli);
  const { hosts, plan: planned, directory } = capturePlan(inventory, selectors, options);
  const { kind, durationMs } = planned.order;
  refuseCapture(hosts, planned);
  const always = becomeOf(planned.settings) ? hosts : [];
  const { become, authority } = await readBecome(options, { hosts, always, inventory: inventory.file }, cli);
  const plan = { ...planned, ...(become && { become }) };
  const output = await CaptureOutput.open(options, hosts.length, kind, cli);
  const password = await givenPassword(options, cli);
  const folder = await mkdtemp(join(tmpdir(), 'muster-capture-'));
  try {
    return await conductBatch<WrittenCapture, Report>(
      {
        ...{ inventory, selectors, total: hosts.length },
        authority: (person) => withPassword(authority(person), password, 'pprof'),
        ...(kind.timed && { lastsMs: durationMs }),
        start: async (core, { onResult, ...control }) => {
          const kept: Promise<WrittenCapture>[] = [];
          const { summary, ...report } = await core.capture(hosts, plan, {
            ...control,
            ...(kind.timed && profilerOf(plan.type).endsEarly && { finish: cli.interruption.finishFirst() }),
            ...{ directory, folder },
            // One after the other: each is read as a whole.
            onResult: (result) => {
              const before = kept.at(-1);
              kept.push(
                (async () => {
                  await before;
                  const written = await output.keep(result);
                  onResult(written);
                  return written;
                })(),
              );
            },
          });
          const byHost = new Map((await Promise.all(kept)).map((written) => [written.host, written]));
          await output.finish();
          const results = report.results.map((result) => byHost.get(result.host) ?? result);
          const count = (status: string) => results.filter((result) => result.status === status).length;
          return {
            traceId: report.traceId,
            summary: { ...summary, ok: count('ok'), failed: count('failed') },
            ...(output.merged !== undefined && { merged: output.merged }),
            results,
          };
        },
        print: (report) => printCaptureReport(report, cli),
      },
      options,
      cli,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
