import { RE2JS } from 're2js';
import { pause } from '../../../platform/batch/deadline';
import { nextTick } from '../../../platform/batch/nextTick';
import type { Authority } from '../../../platform/host/host';
import type { Traced } from '../../../platform/batch/conduct';
import type { Core } from '../../../engine/createCore';
import { type BatchControl, conductBatch } from '../../../shell/cli/batch';
import type { Cli } from '../../../shell/cli/cli';
import { UsageError } from '../../../shell/cli/exitStatus';
import { type BecomeOptions, readBecome } from '../../../shell/cli/hosts/become';
import {
  readSourcePasswords,
  type SourcePasswordOptions,
  withSourcePasswords,
} from '../../../shell/cli/terminal/sourcePasswords';
import { openHosts } from '../../../shell/cli/hosts/openInventory';
import { t } from '../../../shell/cli/l10n';
import { type BatchOptions, given, readCount, readDuration } from '../../../shell/cli/options';
import { jsonText } from '../../../shell/cli/output/jsonText';
import { writeParts } from '../../../shell/cli/output/jsonOutput';
import { type FoldedSeries, foldReadings } from '../core/fold';
import type { Series } from '../core/reading';
import { ReadingPairs } from '../core/readingPairs';
import { type MetricReport, type MetricResult, planMetrics } from '../core/readMetrics';
import type { MetricTarget } from '../core/readSource';
import { seriesText } from '../core/seriesText';
import { MetricRecord } from './metricRecord';
import { metricsText, problemLines } from './metricsText';

export interface MetricsOptions extends BatchOptions, BecomeOptions, SourcePasswordOptions {
  source?: string[];
  series?: string[];
  number?: string;
  rate?: string;
  watch?: string;
  record?: string;
}

type Report = MetricReport & { series: readonly FoldedSeries[] };
type Control = BatchControl<Traced<MetricResult>>;

const defaultRows = 40;
const mostRows = 1_000_000;

/** @throws UsageError, MusterError INVENTORY */
export async function showMetrics(
  selectors: readonly string[],
  options: MetricsOptions,
  cli: Cli,
): Promise<number> {
  const rateMs = given(options.rate, (text) => readDuration(text, '--rate'));
  const watchMs = given(options.watch, (text) => readDuration(text, '--watch'));
  const number = given(options.number, (text) => readCount(text, '--number', mostRows)) ?? defaultRows;
  const most = number || Infinity;
  const isWanted = wantedBy(options.series);
  const inventory = await openHosts(options, cli);
  const targets = planMetrics(inventory, selectors, options.source);
  const { become, authority: becoming } = await readBecome(options, becomingIn(targets, inventory.file), cli);
  const passwords = await readSourcePasswords(options, cli);
  const authority = (person: Authority) => withSourcePasswords(becoming(person), () => passwords);
  const record = options.record === undefined ? undefined : await MetricRecord.open(options.record, cli.cwd);
  const pairs = new ReadingPairs(isWanted);
  const hosts = new Set(targets.map(({ host }) => host)).size;
  const asRates = rateMs !== undefined || watchMs !== undefined;
  const { stdout } = cli.terminal;

  const pass = async (core: Core, control: Control, signal: AbortSignal, onResult: Control['onResult']) => {
    const startedAt = Date.now();
    const report = await core.readMetrics(targets, {
      ...{ ...control, signal, onResult, become },
      onReading: (target, reading) => {
        const pair = pairs.add(target, reading);
        record?.add(pair);
      },
    });
    await record?.flush();
    return { ...report, series: foldReadings(pairs.since(startedAt), { asRates }) };
  };

  const start = async (core: Core, control: Control): Promise<Report> => {
    if (watchMs !== undefined) return watch(core, control, watchMs);
    if (rateMs === undefined) return pass(core, control, control.signal, control.onResult);
    await pass(core, control, control.signal, control.count);
    await pause(rateMs, control.signal);
    control.beginPass();
    return pass(core, control, control.signal, control.onResult);
  };

  const asLines = watchMs !== undefined && (options.json === true || options.ndjson === true);
  const screen = watchMs !== undefined && !asLines && stdout.isTTY ? await openScreen(cli) : undefined;

  const watch = async (core: Core, control: Control, intervalMs: number): Promise<Report> => {
    const startedAt = performance.now();
    const stop = AbortSignal.any([control.signal, cli.interruption.finishFirst()]);
    let shown: Report | undefined;
    for (let tick = 0; ;) {
      const report = await pass(core, control, stop, control.count);
      // A pass that the stop has cut says nothing of the hosts that it had not read.
      if (stop.aborted && shown) return shown;
      await showPass((shown = report));
      tick = nextTick(tick, performance.now() - startedAt, intervalMs);
      await pause(startedAt + tick * intervalMs - performance.now(), stop);
      if (stop.aborted) return shown;
    }
  };

  const showPass = async (report: Report) => {
    const time = new Date().toISOString().replace(/\.\d+/, '');
    if (asLines) return writeParts(stdout, [`${jsonText({ time, ...jsonOf(report) })}\n`]);
    const rows = screen ? Math.min(most, screen.rows - report.results.length - 4) : most;
    const table = await metricsText(report.series, { most: Math.max(1, rows), hosts }, stdout.colors);
    const lines = [stdout.colors.dim(time), table.trimEnd(), ...problemLines(report, stdout.colors)];
    if (screen) screen.draw(lines.join('\n'));
    else await stdout.write(`${lines.join('\n')}\n\n`);
  };

  try {
    return await conductBatch<Traced<MetricResult>, Report>(
      {
        ...{ inventory, selectors, authority, start, total: targets.length },
        isEndless: watchMs !== undefined,
        jsonOf,
        print: async (report) => {
          if (watchMs !== undefined) return screen?.done();
          await stdout.write(await metricsText(report.series, { most, hosts }, stdout.colors));
          for (const line of problemLines(report, cli.terminal.stderr.colors)) cli.terminal.note(line);
        },
      },
      asLines || watchMs !== undefined ? { ...options, json: false, ndjson: false } : options,
      cli,
    );
  } finally {
    await record?.close();
  }
}

/** @throws UsageError */
function wantedBy(expressions: readonly string[] | undefined): (series: Series) => boolean {
  if (!expressions) return () => true;
  const patterns = expressions.map((text) => {
    try {
      return RE2JS.compile(text);
    } catch (error) {
      throw new UsageError(`--series: ${t('no RE2 regular expression: {0}', (error as Error).message)}`);
    }
  });
  return ({ name, labels }) => {
    const text = seriesText(name, labels);
    return patterns.some((pattern) => pattern.test(text));
  };
}

/** The hosts of sources, and those of sources that are read as another user. */
function becomingIn(targets: readonly MetricTarget[], inventory: string) {
  const hostsOf = (some: readonly MetricTarget[]) => [...new Set(some.map(({ host }) => host))];
  return { hosts: hostsOf(targets), always: hostsOf(targets.filter(({ entry }) => entry.become)), inventory };
}

/** Numbers that JSON does not have are texts. */
function jsonOf({ series, ...report }: Report) {
  const number = (value: number | undefined) =>
    value === undefined || Number.isFinite(value) ? value : value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';
  return {
    ...report,
    series: series.map(({ min, median, max, outliers, labels, ...one }) => ({
      ...one,
      labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
      ...(min &&
        max && { min: { ...min, value: number(min.value) }, max: { ...max, value: number(max.value) } }),
      ...(median !== undefined && { median: number(median) }),
      outliers: outliers.map((outlier) => ({
        ...{ ...outlier, value: number(outlier.value) },
        deviations: Math.round(outlier.deviations * 100) / 100,
      })),
    })),
  };
}

/** The whole terminal, drawn over itself. */
async function openScreen({ terminal }: Cli) {
  if (!terminal.stdout.colors.isColorSupported) return undefined;
  const update = (await import('log-update')).createLogUpdate(process.stdout);
  return { draw: (text: string) => update(text), done: () => update.done(), rows: process.stdout.rows || 24 };
}
