import { z } from 'zod';
import type { ValueSource } from '../yaml/valueSource';

/** The part of JSON Schema (draft-07) that zod writes and the editor reads. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: string[];
  items?: JsonSchema | JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  'x-muster'?: ValueSource;
  [keyword: string]: unknown;
}

const converted = new WeakMap<z.ZodType, JsonSchema>();

/** The JSON Schema of what `schema` accepts in the file, before any transformation. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  let json = converted.get(schema);
  if (!json) {
    json = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as JsonSchema;
    delete json.$schema;
    converted.set(schema, json);
  }
  return json;
}

/** A schema and what its `anyOf`, `oneOf` and `allOf` consist of, down to the plain ones. */
export function alternatives(schema: JsonSchema): JsonSchema[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...inner.flatMap(alternatives)];
}
