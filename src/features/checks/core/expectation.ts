import type { JSONValue } from 'json-p3';
import { z } from 'zod';
import { type CompiledPath, compilePath } from '../../../platform/inventory/schema/jsonPath';
import { durationSchema } from '../../../platform/inventory/schema/durationSchema';
import type { Host } from '../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import type { Pattern } from '../../../platform/inventory/schema/pattern';
import type { Finding } from './probe';

/** An expectation that failed. */
export interface Mismatch {
  status: 'degraded' | 'unhealthy';
  expected: string;
  /** As it came from the host. */
  actual: string;
}

type Details = Pick<Finding, 'phases' | 'measurements' | 'warning'>;

/** The verdict on a probe that got an answer: the worst mismatches say why, `otherwise` is the message without any. */
export function conclude(mismatches: readonly Mismatch[], otherwise: string, details: Details): Finding {
  const worst = mismatches.find(({ status }) => status === 'unhealthy') ?? mismatches[0];
  if (!worst) return { status: 'healthy', message: printable(otherwise), ...details };
  const shown = mismatches
    .filter(({ status }) => status === worst.status)
    .map(({ expected, actual }) => t('expected {0}, got {1}', printable(expected), printable(actual)));
  return {
    status: worst.status,
    message: shown.join('; '),
    mismatch: { expected: printable(worst.expected), actual: printable(worst.actual) },
    ...details,
  };
}

/** `text` in quotes, for the actual side of a mismatch. */
export function quoted(text: string): string {
  return text.trim() === '' ? 'nothing' : `"${printable(text, 100)}"`;
}

export function matchPattern(subject: string, { source, test }: Pattern, text: string): Mismatch[] {
  if (test(text)) return [];
  return [{ status: 'unhealthy', expected: t('{0} matching /{1}/', subject, source), actual: quoted(text) }];
}

export function matchSubstring(subject: string, host: Host, template: string, text: string): Mismatch[] {
  const wanted = resolvePlaceholders(template, host);
  if (text.includes(wanted)) return [];
  return [
    { status: 'unhealthy', expected: t('{0} with {1}', subject, quoted(wanted)), actual: quoted(text) },
  ];
}

const comparisons = {
  lt: { sign: '<', holds: (value: number, bound: number) => value < bound },
  lte: { sign: '<=', holds: (value: number, bound: number) => value <= bound },
  gt: { sign: '>', holds: (value: number, bound: number) => value > bound },
  gte: { sign: '>=', holds: (value: number, bound: number) => value >= bound },
  eq: { sign: '=', holds: (value: number, bound: number) => value === bound },
  ne: { sign: '!=', holds: (value: number, bound: number) => value !== bound },
};
type Comparison = keyof typeof comparisons;
const comparisonNames = Object.keys(comparisons) as Comparison[];

const bound = z.number().optional();
const boundsShape = {
  lt: bound.describe('Less than this number.'),
  lte: bound.describe('At most this number.'),
  gt: bound.describe('More than this number.'),
  gte: bound.describe('At least this number.'),
  eq: bound.describe('Exactly this number.'),
  ne: bound.describe('Any number but this one.'),
};
type Bounds = { [name in Comparison]?: number };

const needsBound = { error: () => t('needs at least one of {0}', comparisonNames.join(', ')) };
const hasBound = (bounds: Bounds) => comparisonNames.some((name) => bounds[name] !== undefined);

/** Bounds on a number; outside of them is unhealthy, outside of those below `warn` is degraded. */
export const thresholdSchema = z
  .strictObject({
    ...boundsShape,
    warn: z
      .strictObject(boundsShape)
      .refine(hasBound, needsBound)
      .optional()
      .describe('Bounds outside of which the check is degraded.'),
  })
  .refine((threshold) => threshold.warn !== undefined || hasBound(threshold), needsBound);
export type Threshold = Bounds & { warn?: Bounds };

/** `value` as the host gave it; what is no number fails every bound. */
export function matchThreshold(subject: string, threshold: Threshold, value: unknown): Mismatch[] {
  const failed = (bounds: Bounds, status: Mismatch['status']): Mismatch[] =>
    comparisonNames
      .filter((name) => bounds[name] !== undefined)
      .filter((name) => typeof value !== 'number' || !comparisons[name].holds(value, bounds[name]!))
      .map((name) => ({
        status,
        expected: `${subject} ${comparisons[name].sign} ${bounds[name]}`,
        actual: shown(value),
      }));
  const critical = failed(threshold, 'unhealthy');
  return critical.length > 0 ? critical : failed(threshold.warn ?? {}, 'degraded');
}

/** The first decimal number in the text, e.g. 93 in `93% used`; NaN and infinities are no numbers. */
export function firstNumber(text: string): number | undefined {
  const match = /(?:(?<!\w)[-+])?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?/i.exec(text);
  const value = match ? Number(match[0]) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** A limit in milliseconds, alone or in its two forms. */
export interface Limit {
  warn?: number;
  critical?: number;
}

/** A duration (critical), or `{ warn, critical }`. */
export function limitSchema(warn: string, critical: string) {
  return z.union([
    durationSchema()
      .transform((ms): Limit => ({ critical: ms }))
      .describe(critical),
    z
      .strictObject({
        warn: durationSchema().optional().describe(warn),
        critical: durationSchema().optional().describe(critical),
      })
      .refine(
        (limit) => limit.warn !== undefined || limit.critical !== undefined,
        text('needs warn or critical'),
      ),
  ]);
}

/** The mismatch of the worst limit that `holds` denies. */
export function matchLimit(
  limit: Limit,
  holds: (limitMs: number) => boolean,
  describe: (limitMs: number) => Omit<Mismatch, 'status'>,
): Mismatch[] {
  for (const [ms, status] of [
    [limit.critical, 'unhealthy'],
    [limit.warn, 'degraded'],
  ] as const) {
    if (ms !== undefined && !holds(ms)) return [{ status, ...describe(ms) }];
  }
  return [];
}

export function matchLatency(limit: Limit | undefined, totalMs: number): Mismatch[] {
  return matchLimit(
    limit ?? {},
    (limitMs) => totalMs <= limitMs,
    (limitMs) => ({ expected: t('an answer within {0} ms', limitMs), actual: t('{0} ms', totalMs) }),
  );
}

type Scalar = string | number | boolean | null;

/** One JSONPath with what every value that it selects must be. */
export interface JsonExpectation extends CompiledPath {
  expected: Scalar | Threshold;
}

/** JSONPaths (RFC 9535) and the scalar or threshold that each selects; paths are compiled at load. */
export const jsonSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), thresholdSchema]))
  .transform((expectations, context) =>
    Object.entries(expectations).map(([path, expected]): JsonExpectation => {
      try {
        return { expected, ...compilePath(path) };
      } catch (error) {
        context.addIssue({
          code: 'custom',
          path: [path],
          message: t('no JSONPath (RFC 9535): {0}', (error as Error).message),
        });
        return z.NEVER;
      }
    }),
  );

/** Every value that a path selects must be as expected, and there must be one. */
export function matchJson(expectations: readonly JsonExpectation[], host: Host, text: string): Mismatch[] {
  let document: JSONValue;
  try {
    document = JSON.parse(text.replace(/^\ufeff/, '')) as JSONValue;
  } catch {
    return [{ status: 'unhealthy', expected: t('a JSON body'), actual: quoted(text) }];
  }
  return expectations.flatMap((expectation) => matchPath(expectation, host, document));
}

function matchPath(expectation: JsonExpectation, host: Host, document: JSONValue): Mismatch[] {
  const { path, select } = expectation;
  const expected =
    typeof expectation.expected === 'string'
      ? resolvePlaceholders(expectation.expected, host)
      : expectation.expected;
  const isThreshold = typeof expected === 'object' && expected !== null;
  let values: JSONValue[];
  try {
    values = select(document);
  } catch (error) {
    return [{ status: 'unhealthy', expected: t('a value at {0}', path), actual: (error as Error).message }];
  }
  if (values.length === 0)
    return [{ status: 'unhealthy', expected: t('a value at {0}', path), actual: t('none') }];
  const mismatches = values.flatMap((value): Mismatch[] => {
    if (isThreshold) return matchThreshold(path, expected, value);
    if (value === expected) return [];
    return [{ status: 'unhealthy', expected: `${path} = ${shown(expected)}`, actual: shown(value) }];
  });
  const worst = mismatches.find(({ status }) => status === 'unhealthy') ?? mismatches[0];
  return worst ? [worst] : [];
}

function shown(value: unknown): string {
  return value === undefined ? t('no number') : JSON.stringify(value);
}
