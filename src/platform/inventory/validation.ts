import type { Node } from 'yaml';
import type { z } from 'zod';
import { t, text } from '../l10n/l10n';
import type { SourceRange } from './model';
import type { Located } from './yaml/located';
import { toJsonSchema } from './schema/jsonSchema';
import { keysOf, schemasAt, type Path } from './schema/schemaPath';
import { suggest } from './selection/suggest';
import type { YamlSource } from './yaml/yamlSource';

type Issue = z.core.$ZodIssue;

/** The value as `schema` leaves it; otherwise undefined and a problem for every fault, each at its own place. */
export function validate<T>(
  source: YamlSource,
  schema: z.ZodType<T>,
  located: Located,
  furtherKeys: readonly string[] = [],
): T | undefined {
  const result = schema.safeParse(located.value);
  if (result.success) return result.data;
  for (const issue of result.error.issues.flatMap(deepest))
    report(source, schema, located, issue, furtherKeys);
  return undefined;
}

/** Of a failed union, the faults of the alternative that came furthest, if any got below the surface. */
function deepest(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const depth = (issues: Issue[]) => Math.max(0, ...issues.map((inner) => inner.path.length));
  const [best] = [...issue.errors].sort((a, b) => depth(b) - depth(a));
  if (!best || depth(best) === 0) return [issue];
  return best.map((inner): Issue => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(deepest);
}

function report(
  source: YamlSource,
  schema: z.ZodType,
  located: Located,
  issue: Issue,
  furtherKeys: readonly string[],
): void {
  if (issue.code === 'unrecognized_keys') {
    const known = () => [
      ...keysOf(schemasAt(toJsonSchema(schema), issue.path, located.value)).keys(),
      ...(issue.path.length === 0 ? furtherKeys : []),
    ];
    const entries = source.entries(nodeAt(source, located.node, issue.path).node);
    for (const key of issue.keys) {
      const keyNode = entries.find((entry) => entry.key === key)?.keyNode;
      reportUnknownKey(source, key, keyNode ? source.rangeOf(keyNode) : located.fallback, known());
    }
    return;
  }
  const { node, parent } = nodeAt(source, located.node, issue.path);
  const range =
    node && !isEmpty(node) ? source.rangeOf(node) : parent ? source.rangeOf(parent) : located.fallback;
  const value = valueAt(located.value, issue.path);
  if (value === undefined && issue.path.length > 0 && issue.code !== 'custom') {
    source.add('error', t('missing key “{0}”', String(issue.path.at(-1))), located.fallback);
    return;
  }
  const suggestion =
    issue.code === 'invalid_value' && typeof value === 'string'
      ? suggest(value, issue.values.map(String))
      : undefined;
  source.add('error', describe(issue, value), range, suggestion);
}

export function reportUnknownKey(
  source: YamlSource,
  key: string,
  range: SourceRange,
  known: Iterable<string>,
): void {
  source.add('error', t('unknown key “{0}”', key), range, suggest(key, known));
}

function isEmpty(node: Node): boolean {
  return node.range?.[0] === node.range?.[1];
}

/** The node that `path` leads to, as far as it exists, and the key that it belongs to. */
function nodeAt(source: YamlSource, root: Node | null, path: Path): { node: Node | null; parent?: Node } {
  let node = root;
  let parent: Node | undefined;
  for (const key of path) {
    if (typeof key === 'number') node = source.items(node)[key] ?? null;
    else {
      const entry = source.entries(node).find((candidate) => candidate.key === key);
      if (!entry) return { node, parent };
      ({ value: node, keyNode: parent } = entry);
    }
  }
  return { node, parent };
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(
    (current, key) => (current as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}

const nouns: Record<string, string> = {
  string: text('text'),
  object: text('a mapping'),
  record: text('a mapping'),
  map: text('a mapping'),
  array: text('a list'),
  int: text('a whole number'),
  number: text('a number'),
  boolean: text('true or false'),
  null: text('nothing'),
  undefined: text('nothing'),
};

type Wording = {
  [Code in Issue['code']]?: (issue: Extract<Issue, { code: Code }>, value: unknown) => string;
};

const wording: Wording = {
  invalid_type: ({ expected }, value) =>
    t('expected {0}, found {1}', t(nouns[expected] ?? expected), kindOf(value)),
  invalid_value: ({ values }) =>
    t(values.length > 1 ? text('expected one of {0}') : text('expected {0}'), values.map(String).join(', ')),
  too_small: ({ origin, minimum }) =>
    origin === 'number' || origin === 'int' ? t('must be at least {0}', minimum) : t('must not be empty'),
  too_big: ({ maximum }) => t('must be at most {0}', maximum),
  invalid_key: ({ issues }) => (issues[0] && t(issues[0].message)) ?? t('this key is not allowed'),
  invalid_union: describeUnion,
};

/** The words of an alternative that has any, else what the alternatives expect. */
function describeUnion({ errors }: Extract<Issue, { code: 'invalid_union' }>, value: unknown): string {
  const issues = errors.flat();
  const worded = issues.find((issue) => !isGeneric(issue));
  if (worded) return t(worded.message);
  const expected = issues.flatMap((issue) =>
    issue.code === 'invalid_type' ? (nouns[issue.expected] ?? []) : [],
  );
  const kinds = [...new Set(expected)].map((noun) => t(noun)).join(t(' or '));
  return kinds === ''
    ? t('{0} does not fit here', kindOf(value))
    : t('expected {0}, found {1}', kinds, kindOf(value));
}

const isGeneric = (issue: Issue) => /^(Invalid|Too|Unrecognized)\b/.test(issue.message);

/** The schema's own words where it has any, plain ones for the library's. */
function describe(issue: Issue, value: unknown): string {
  if (!isGeneric(issue)) return t(issue.message);
  const words = wording[issue.code] as ((issue: Issue, value: unknown) => string) | undefined;
  return words?.(issue, value) ?? issue.message;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return t('a list');
  if (value === null || value === undefined) return t('nothing');
  if (typeof value === 'object') return t('a mapping');
  return typeof value === 'string' ? t('text') : `${typeof value} ${JSON.stringify(value)}`;
}
