import { t } from '../../../platform/l10n/l10n';
import { MusterError } from '../../../platform/errors/errors';
import type { ReadingPair } from './fold';
import type { Reading, Series } from './reading';
import type { MetricTarget } from './readSource';

/** Series of all hosts together: some 500 MB. */
const mostSeries = 2_000_000;

/** The last two readings of each target, of which only the wanted series are kept. */
export class ReadingPairs {
  private readonly pairs = new Map<string, ReadingPair>();
  private kept = 0;

  constructor(private readonly isWanted: (series: Series) => boolean = () => true) {}

  /** @throws MusterError TOO_LARGE where it would be more than fits into memory */
  add(target: MetricTarget, reading: Reading): ReadingPair {
    const key = `${target.entry.name}\0${target.host.name}`;
    const last = this.pairs.get(key);
    const now = { ...reading, series: reading.series.filter(this.isWanted) };
    const kept = this.kept - (last?.before?.series.length ?? 0) + now.series.length;
    if (kept > mostSeries)
      throw new MusterError('TOO_LARGE', t('more than {0} series of all hosts', mostSeries), {
        ...{ host: target.host.name, hint: t('Name those that you want with --series, or fewer hosts.') },
      });
    this.kept = kept;
    const pair = { target, before: last?.now, now };
    this.pairs.set(key, pair);
    return pair;
  }

  /** In the order in which they were first read. */
  all(): Iterable<ReadingPair> {
    return this.pairs.values();
  }

  /** Those of a pass only: what could not be read in it is not shown as if it had been. */
  since(at: number): ReadingPair[] {
    return [...this.pairs.values()].filter(({ now }) => now.at >= at);
  }
}
