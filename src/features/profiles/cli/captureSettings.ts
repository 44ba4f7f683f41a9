import type { ProfilerEntry } from '../core/capture/profilerEntry';
import type { Profiler } from '../core/capture/profiler';
import { profilers } from '../core/capture/profilers';
import { suggest } from '../../../platform/inventory/selection/suggest';
import { printable } from '../../../platform/text/printable';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';

/** Settings of a profiler that is described on the command line. */
export interface AdHocOptions {
  type?: string;
  url?: string;
  through?: string;
  username?: string;
  ca?: string;
  process?: string;
  path?: string;
  sudo?: boolean;
  startInspector?: boolean;
  run?: string;
  set?: string[];
}

type AdHocKey = Exclude<keyof AdHocOptions, 'type' | 'set'>;

/** How each option is written, and where in the settings it belongs. */
const places: Record<AdHocKey, readonly [option: string, ...path: string[]]> = {
  url: ['--url', 'url'],
  through: ['--through', 'through'],
  username: ['--username', 'auth', 'username'],
  ca: ['--ca', 'tls', 'ca'],
  process: ['--process', 'process'],
  path: ['--path', 'path'],
  sudo: ['--sudo', 'sudo'],
  startInspector: ['--start-inspector', 'startInspector'],
  run: ['--run', 'run'],
};
const keys = Object.keys(places) as AdHocKey[];

/** The options given, as they are written. */
export function adHocOptions(options: AdHocOptions): string[] {
  return [
    ...keys.filter((key) => options[key] !== undefined).map((key) => places[key][0]),
    ...(options.set ? ['--set'] : []),
  ];
}

/** @throws UsageError */
export function profilerOfType(type: string): Profiler {
  const found = profilers.find((profiler) => profiler.type === type);
  if (found) return found;
  const types = profilers.map((profiler) => profiler.type);
  const near = suggest(type, types);
  const listed = near === undefined ? types.join(', ') : `${near}?`;
  throw new UsageError(t('--type: there is no {0}, but {1}', printable(type), listed));
}

/** The settings that the options come to. @throws UsageError naming the option */
export function adHocSettings(profiler: Profiler, options: AdHocOptions): ProfilerEntry['settings'] {
  const input: Record<string, unknown> = {};
  for (const key of keys) if (options[key] !== undefined) put(input, places[key].slice(1), options[key]);
  for (const text of options.set ?? []) {
    const [, key, value] = /^([A-Za-z.]+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined) throw new UsageError(t('--set: "{0}" is not key=value', printable(text)));
    put(input, key.split('.'), value === 'true' ? true : value === 'false' ? false : value);
  }
  const result = profiler.settings.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue!.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : issue!.path.map(String);
  const option = keys.find((key) => places[key].slice(1).join('.') === path.join('.'));
  const name = option === undefined ? path.join('.') : places[option][0];
  if (issue!.code === 'unrecognized_keys')
    throw new UsageError(t('{0} means nothing to the type {1}', name, profiler.type));
  if (input[path[0]!] === undefined) throw new UsageError(t('the type {0} needs {1}', profiler.type, name));
  throw new UsageError(`${name}: ${issue!.message}`);
}

function put(target: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined || key === '__proto__') return;
  if (rest.length === 0) target[key] = value;
  else put((target[key] ??= {}) as Record<string, unknown>, rest, value);
}

/** The settings of muster.yaml with another process. @throws UsageError */
export function withProcess(
  profiler: Profiler,
  settings: ProfilerEntry['settings'],
  process: string | undefined,
): ProfilerEntry['settings'] {
  if (process === undefined) return settings;
  if (profiler.process === 'none')
    throw new UsageError(t('{0} means nothing to the type {1}', '--process', profiler.type));
  const result = profiler.settings.partial().safeParse({ process });
  if (!result.success)
    throw new UsageError(t('--process: "{0}" is not a regular expression', printable(process)));
  return { ...settings, process: (result.data as ProfilerEntry['settings']).process };
}
