import { stat, writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { extensions } from 'vscode';
import { until } from '../../test/harness/until';

/** Milliseconds that the event loop of the extension host was late. */
export interface LogPanelDelays {
  p99Ms: number;
  maxMs: number;
}

/** Milliseconds between two looks at the clock; the watch itself takes as long. */
const resolution = 5;

/**
 * Watches the event loop of the extension host from when the file `MUSTER_BENCH_REPORT.begin` is there until
 * `MUSTER_BENCH_REPORT.end` is; figures go to `MUSTER_BENCH_REPORT`.
 */
export async function run(): Promise<void> {
  const report = process.env['MUSTER_BENCH_REPORT']!;
  const there = (name: string) =>
    until(name, () => stat(`${report}.${name}`).catch(() => undefined), 600_000);
  await extensions.getExtension('muster-ops.muster')!.activate();
  await there('begin');
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  await there('end');
  delay.disable();
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
  const figures: LogPanelDelays = { p99Ms: late(delay.percentile(99)), maxMs: late(delay.max) };
  await writeFile(report, JSON.stringify(figures));
}
