import { t } from '../../l10n';
import { formatError } from '../formatError';
import type { Profile } from '../profile';
import { chromeTraceSchema, readChromeTrace } from './chromeTrace';
import { cpuProfileSchema, readCpuProfile } from './cpuProfile';
import { heapProfileSchema, readHeapProfile } from './heapProfile';
import { JsonArray, jsonOutline } from './jsonArray';
import { readSpeedscope, speedscopeSchema } from './speedscope';

/** The formats written as JSON, told apart by what is in them. @throws MusterError FORMAT, TOO_LARGE */
export function readJson(bytes: Uint8Array): Profile {
  const value = outline(bytes);
  if (value instanceof JsonArray)
    return readChromeTrace(expected(t('a Chrome trace'), chromeTraceSchema, { traceEvents: value }));
  if (typeof value === 'object' && value !== null) {
    if ('traceEvents' in value)
      return readChromeTrace(expected(t('a Chrome trace'), chromeTraceSchema, value));
    if ('profiles' in value && 'shared' in value)
      return readSpeedscope(expected(t('a speedscope file'), speedscopeSchema, value));
    if ('nodes' in value) return readCpuProfile(expected(t('a .cpuprofile'), cpuProfileSchema, value));
    if ('head' in value) return readHeapProfile(expected(t('a .heapprofile'), heapProfileSchema, value));
  }
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
      t('the file begins as JSON and is none, or only a part of it'),
      t('If it was cut off, capture or copy it again.'),
      error,
    );
  }
}

interface Shape<Value> {
  safeParse(
    value: unknown,
  ): { success: true; data: Value } | { success: false; error: { issues: readonly Issue[] } };
}
interface Issue {
  path: readonly PropertyKey[];
  message: string;
}

function expected<Value>(what: string, shape: Shape<Value>, value: unknown): Value {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw formatError(
    t('this is not {0}: {1}: {2}', what, issue!.path.map(String).join('.'), t(issue!.message)),
  );
}
