import type { MetricSource } from './contract';
import { expvar } from './expvar';
import { linux } from './linux';
import { prometheus } from './prometheus';

/** Every kind of source. A new one is a file beside this and an entry here. */
export const metricSources: readonly MetricSource[] = [prometheus, expvar, linux];

const byType: ReadonlyMap<string, MetricSource> = new Map(
  metricSources.map((source) => [source.type, source]),
);

/** The source of a type. @throws TypeError when there is none: types are checked where they are read */
export function sourceOf(type: string): MetricSource {
  const found = byType.get(type);
  if (!found) throw new TypeError(`no source of metrics has the type ${type}`);
  return found;
}
