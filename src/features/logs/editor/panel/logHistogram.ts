import { logLevels as engineLevels } from '../../core/recognise/logLevel';
import type { Histogram, LogView as EngineView } from '../../core/logView';
import { type LogHistogram, logLevels, type LogView } from '../../protocol/logsPanel';

/** Bars that a page may ask for. */
const mostBuckets = 2000;

/** Lines of a view by time and level; undefined where there is no line with a time. */
export async function logHistogram(
  view: EngineView | undefined,
  buckets: number,
  { from, to }: LogView,
): Promise<LogHistogram | undefined> {
  const histogram = await view?.histogram(Math.min(mostBuckets, Math.max(1, buckets)), from, to);
  return histogram && histogramModel(histogram);
}

function histogramModel({ from, step, counts }: Histogram): LogHistogram | undefined {
  const buckets = counts.length / engineLevels.length;
  if (buckets === 0 || counts.every((count) => count === 0)) return undefined;
  const ofLevel = (level: (typeof engineLevels)[number]) => {
    const index = engineLevels.indexOf(level);
    return Array.from({ length: buckets }, (_, bucket) => counts[bucket * engineLevels.length + index]!);
  };
  return { from, bucketMs: step, counts: [...logLevels.map(ofLevel), ofLevel('none')] };
}
