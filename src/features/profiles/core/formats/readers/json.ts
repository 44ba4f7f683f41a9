import type { z } from 'zod';
import { t, text } from '../../../../../platform/l10n/l10n';
import { formatError } from '../formatError';
import type { Profile } from '../../model/profile';
import { chromeTraceSchema, readChromeTrace } from './chromeTrace';
import { cpuProfileSchema, readCpuProfile } from './cpuProfile';
import { heapProfileSchema, readHeapProfile } from './heapProfile';
import { JsonArray, jsonOutline } from './jsonArray';
import { oldCpuProfileSchema, readOldCpuProfile } from './oldCpuProfile';
import { readSpeedscope, speedscopeSchema } from './speedscope';

/** Formats of JSON that are known and not read, by keys that they have. */
const refused: readonly (readonly [keys: readonly string[], message: string, hint: string])[] = [
  [
    ['meta', 'threads'],
    text('this is a profile of Firefox'),
    text('Look at it with https://profiler.firefox.com'),
  ],
  [
    ['mode', 'frames', 'samples'],
    text('this is a profile of stackprof'),
    text('Write it as folded stacks: stackprof --stackcollapse FILE.dump'),
  ],
  [
    ['code', 'functions', 'ticks'],
    text('this is a log of V8'),
    text('Record it with node --cpu-prof, which writes a .cpuprofile.'),
  ],
];

/** Whether a text begins as the JSON of a profile: an object or an array of them. A folded stack may begin with “[” or “{”, too. */
export const beginsAsJson = (begin: string): boolean => objectOrObjects.test(begin);
const objectOrObjects = /^\s*(?:\{\s*(?:["}]|$)|\[\s*(?:\{\s*(?:["}]|$)|\]|$))/;

/** The formats written as JSON, told apart by what is in them. @throws MusterError FORMAT, TOO_LARGE */
export function readJson(bytes: Uint8Array): Profile {
  const value = outline(bytes);
  if (value instanceof JsonArray) return readChromeTrace({ traceEvents: value });
  if (typeof value === 'object' && value !== null) {
    const { head } = value as { head?: unknown };
    if ('traceEvents' in value)
      return readChromeTrace(expected(t('a Chrome trace'), chromeTraceSchema, value));
    if ('profiles' in value && 'shared' in value)
      return readSpeedscope(expected(t('a speedscope file'), speedscopeSchema, value));
    if ('nodes' in value) return readCpuProfile(expected(t('a .cpuprofile'), cpuProfileSchema, value));
    if (typeof head === 'object' && head !== null && !('selfSize' in head) && 'functionName' in head)
      return readOldCpuProfile(expected(t('a .cpuprofile of an old V8'), oldCpuProfileSchema, value));
    if ('head' in value) return readHeapProfile(expected(t('a .heapprofile'), heapProfileSchema, value));
  }
  for (const [keys, message, hint] of refused)
    if (keys.every((key) => typeof value === 'object' && value !== null && key in value))
      throw formatError(t(message), t(hint));
  throw formatError(
    t('the JSON is of no known format'),
    t('Known are those of speedscope, of V8 (.cpuprofile, .heapprofile) and of Chrome traces.'),
  );
}

function outline(bytes: Uint8Array): unknown {
  try {
    return jsonOutline(bytes);
  } catch (error) {
    throw formatError(
      t('the file begins as JSON, but is damaged or only a part of it'),
      t('If it was cut off, capture or copy it again.'),
      error,
    );
  }
}

/** A value of the shape. What the schema itself says of it is for developers, and its cause. @throws MusterError FORMAT */
function expected<Value>(what: string, shape: z.ZodType<Value>, value: unknown): Value {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const path = read.error.issues[0]!.path.map(String).join('.');
  throw formatError(
    t('this looks like {0}, but “{1}” is missing or not what it should be', what, path),
    t('Capture or export the profile again.'),
  );
}
