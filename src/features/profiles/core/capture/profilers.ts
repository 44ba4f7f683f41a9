import type { Profiler } from './profiler';
import { command } from './profilers/command';
import { goPprof } from './profilers/goPprof';
import { jvm } from './profilers/jvm';
import { nodeInspector } from './profilers/nodeInspector';
import { perf } from './profilers/perf';
import { pySpy } from './profilers/pySpy';

/** Every kind of profiler. A new one is a file in `profilers/` and an entry here. */
export const profilers: readonly Profiler[] = [goPprof, nodeInspector, pySpy, perf, jvm, command];

const byType: ReadonlyMap<string, Profiler> = new Map(profilers.map((profiler) => [profiler.type, profiler]));

/** The profiler of a type. @throws TypeError when there is none: types are checked where they are read */
export function profilerOf(type: string): Profiler {
  const found = byType.get(type);
  if (!found) throw new TypeError(`no profiler has the type ${type}`);
  return found;
}
