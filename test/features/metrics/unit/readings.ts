import type { Reading, Series } from '../../../../src/features/metrics/core/reading';
import type { MetricTarget } from '../../../../src/features/metrics/core/readSource';
import { metricEntries } from '../../../../src/features/metrics/core/section/metricEntry';
import { parseInventory } from '../../../harness/inventories';

/** A reading of these series. */
export function reading(series: readonly Series[], more: Partial<Reading> = {}): Reading {
  return { at: 1_800_000_000_000, series, problems: [], problemCount: 0, isComplete: true, ...more };
}

/** A source of that name on a host of that name. */
export function target(host: string, source = 'app'): MetricTarget {
  const inventory = parseInventory(
    `hosts:\n  ${host}: {}\nmetrics:\n  ${source}: { type: prometheus, url: "http://{address}:9100/metrics" }\n`,
    'muster.yaml',
  );
  return { host: inventory.hosts.get(host)!, entry: inventory.section(metricEntries).get(source)! };
}
