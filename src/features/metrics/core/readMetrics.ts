import { type BatchOptions, type BatchReport, conduct, countStatuses } from '../../../platform/batch/conduct';
import { type ErrorReport, errorReport, MusterError } from '../../../platform/errors/errors';
import type { BecomeSettings, Host, Inventory } from '../../../platform/inventory/model';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { t } from '../../../platform/l10n/l10n';
import { roundMs } from '../../../platform/operation/measurement';
import type { Problem } from './exposition/family';
import type { Reading } from './reading';
import { type MetricTarget, readSource, type SourceAccess } from './readSource';
import { metricEntries } from './section/metricEntry';

/** `ok`: there is a reading, however much of it; `skipped`: the batch was cancelled before or meanwhile. */
const statuses = ['ok', 'failed', 'skipped'] as const;

export interface MetricResult {
  host: string;
  source: string;
  status: (typeof statuses)[number];
  durationMs: number;
  /** How many series there are. */
  series: number;
  /** The first lines or parts that could not be read, and how many there were. */
  problems: readonly Problem[];
  problemCount: number;
  /** False where series may exist that were not read. */
  isComplete: boolean;
  error?: ErrorReport;
}

export type MetricSummary = Record<(typeof statuses)[number], number> & { total: number; durationMs: number };
export type MetricReport = BatchReport<MetricResult, MetricSummary>;

export interface ReadMetricsOptions extends BatchOptions<MetricResult> {
  access: SourceAccess;
  /** Milliseconds for each source of a host. */
  timeoutMs?: number | undefined;
  /** All sources that can are read as another user; of others those that say so are. */
  become?: BecomeSettings | undefined;
  /** Takes each reading as it comes. */
  onReading: (target: MetricTarget, reading: Reading) => void;
}

export const defaultTimeoutMs = 10_000;

/** Reads every target once; never rejects: what goes wrong with one is in its result. */
export function readMetrics(
  targets: readonly MetricTarget[],
  { access, timeoutMs = defaultTimeoutMs, become, onReading, ...options }: ReadMetricsOptions,
): Promise<MetricReport> {
  return conduct<MetricTarget, MetricResult, MetricSummary>(
    {
      ...{ name: 'metrics', targets },
      attributesOf: ({ host, entry }) => ({ host: host.name, source: entry.name }),
      deadlineMs: () => timeoutMs,
      work: async (target, deadline, operation) => {
        const startedAt = performance.now();
        const reading = await readSource(target, access, { deadline, operation, become });
        // Who waits no longer is not to be surprised by it.
        if (deadline.reason) throw deadline.reason;
        onReading(target, reading);
        const { series, problems, problemCount, isComplete } = reading;
        return {
          ...{ host: target.host.name, source: target.entry.name, status: 'ok' },
          ...{ durationMs: roundMs(performance.now() - startedAt), series: series.length },
          ...{ problems, problemCount, isComplete },
        };
      },
      failed: ({ host, entry }, error, elapsedMs) => ({
        ...{ host: host.name, source: entry.name, durationMs: roundMs(elapsedMs), series: 0 },
        ...{ problems: [], problemCount: 0, isComplete: false },
        status: MusterError.is(error, 'CANCELLED', 'LOCAL_LIMIT') ? 'skipped' : 'failed',
        error: errorReport(error),
      }),
      summarise: (results, durationMs) => ({
        total: results.length,
        ...countStatuses(results, statuses),
        durationMs,
      }),
    },
    options,
  );
}

/**
 * The sources that names and selectors come to, in the inventory's order of sources and hosts.
 * @throws MusterError USAGE when a name or the whole choice means nothing
 */
export function planMetrics(
  inventory: Inventory,
  selectors: readonly string[],
  names: readonly string[] = [],
): MetricTarget[] {
  const known = inventory.section(metricEntries);
  if (known.size === 0)
    throw new MusterError('USAGE', t('the inventory has no sources of metrics'), {
      hint: t('Add one under “metrics:”, e.g. node: { type: linux }.'),
    });
  for (const name of names)
    if (!known.has(name))
      throw new MusterError('USAGE', t('no source of metrics is named “{0}”', name), {
        hint: t('The sources are: {0}.', [...known.keys()].join(', ')),
      });
  const hosts: readonly Host[] =
    selectors.length > 0 ? selectHosts(inventory, selectors) : [...inventory.hosts.values()];
  const targets = [...known.values()]
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .flatMap((entry) => {
      const members = new Set(entry.hosts);
      return hosts.filter(({ name }) => members.has(name)).map((host) => ({ host, entry }));
    });
  if (targets.length > 0) return targets;
  throw new MusterError('USAGE', t('no source of metrics is for the chosen hosts'), {
    hint: t('See “on” of the sources in muster.yaml.'),
  });
}
