import type { MetricSource } from './contract';
import { command } from './command';
import { expvar } from './expvar';
import { jvm } from './jvm';
import { linux } from './linux';
import { mysql } from './mysql';
import { nginx } from './nginx';
import { postgres } from './postgres';
import { prometheus } from './prometheus';
import { redis } from './redis';

/** Every kind of source. A new one is a file beside this and an entry here. */
export const metricSources: readonly MetricSource[] = [
  prometheus,
  expvar,
  linux,
  jvm,
  redis,
  nginx,
  postgres,
  mysql,
  command,
];

const byType: ReadonlyMap<string, MetricSource> = new Map(
  metricSources.map((source) => [source.type, source]),
);

/** The source of a type. @throws TypeError when there is none: types are checked where they are read */
export function sourceOf(type: string): MetricSource {
  const found = byType.get(type);
  if (!found) throw new TypeError(`no source of metrics has the type ${type}`);
  return found;
}
