import { alternatives, type JsonSchema } from './jsonSchema';
import type { ValueSource } from '../yaml/valueSource';

export type Path = readonly PropertyKey[];

/**
 * The schemas that speak about the place `path` leads to. Where several are possible (entries of different
 * types), `root`, the value they are laid upon, narrows them by the constants of their properties.
 */
export function schemasAt(schema: JsonSchema, path: Path, root?: unknown): JsonSchema[] {
  let schemas = narrowed(alternatives(schema), root);
  let value = root;
  for (const key of path) {
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
    schemas = schemasBelow(schemas, key, value);
  }
  return schemas;
}

/** The schemas that speak about `value`, which stands at `key` of what `schemas` speak about. */
export function schemasBelow(schemas: readonly JsonSchema[], key: PropertyKey, value: unknown): JsonSchema[] {
  return narrowed(schemas.flatMap((candidate) => step(candidate, key)).flatMap(alternatives), value);
}

/** Where the values of a place come from, if any of its schemas says so. */
export function valueSourceOf(schemas: readonly JsonSchema[]): ValueSource | undefined {
  return schemas.map((schema) => schema['x-muster']).find((found) => found !== undefined);
}

function step(schema: JsonSchema, key: PropertyKey): JsonSchema[] {
  if (typeof key === 'number') return schema.items === undefined ? [] : [schema.items].flat();
  const name = String(key);
  if (schema.properties && Object.hasOwn(schema.properties, name)) return [schema.properties[name]!];
  const patterns = Object.entries(schema.patternProperties ?? {});
  const matching = patterns.filter(([pattern]) => new RegExp(pattern).test(name)).map(([, inner]) => inner);
  if (matching.length > 0) return matching;
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}

/** Drops the schemas whose constants contradict `value`, unless that leaves none. */
function narrowed(schemas: JsonSchema[], value: unknown): JsonSchema[] {
  if (typeof value !== 'object' || value === null) return schemas;
  const fitting = schemas.filter((schema) =>
    Object.entries(schema.properties ?? {}).every(([name, { const: constant }]) => {
      const actual = (value as Record<string, unknown>)[name];
      return constant === undefined || actual === undefined || actual === null || actual === constant;
    }),
  );
  return fitting.some((schema) => schema.properties) ? fitting : schemas;
}

/** The keys known at a place, by name. */
export function keysOf(schemas: readonly JsonSchema[]): Map<string, JsonSchema> {
  const keys = new Map<string, JsonSchema>();
  for (const schema of schemas) {
    for (const [name, inner] of Object.entries(schema.properties ?? {}))
      if (!keys.has(name)) keys.set(name, inner);
  }
  return keys;
}

/** The values that a place enumerates. */
export function valuesOf(schemas: readonly JsonSchema[]): { value: unknown; description?: string }[] {
  return schemas.flatMap(({ enum: listed, const: constant, type, description }) => {
    if (listed) return listed.map((value) => ({ value, description }));
    if (constant !== undefined) return [{ value: constant, description }];
    return type === 'boolean' ? [true, false].map((value) => ({ value, description })) : [];
  });
}
