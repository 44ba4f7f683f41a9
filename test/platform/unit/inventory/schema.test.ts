import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { probes } from '../../../../src/features/checks/core/probes';
import { alternatives, type JsonSchema } from '../../../../src/platform/inventory/schema/jsonSchema';
import { inventoryJsonSchema } from '../../../../src/platform/inventory/schema/schema';
import { sections, sectionsWith } from '../../../../src/engine/sections';

const schema = inventoryJsonSchema(sections);

/** Every schema below, with the path to it. */
function walk(node: JsonSchema, at = ''): [string, JsonSchema][] {
  const inner = [
    ...Object.entries(node.properties ?? {}).map(([key, value]) => walk(value, `${at}.${key}`)),
    ...(typeof node.additionalProperties === 'object' ? [walk(node.additionalProperties, `${at}.*`)] : []),
    ...[node.items ?? []].flat().map((item) => walk(item, `${at}[]`)),
    ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].map((item) => walk(item, at)),
  ];
  return [[at, node], ...inner.flat()];
}

describe('the published JSON Schema', () => {
  it('is up to date: run `node scripts/generateSchema.mjs` when this fails', async () => {
    const file = path.join(__dirname, '../../../../media/muster.schema.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(
      inventoryJsonSchema(sectionsWith([], { otherTypes: true })),
    );
  });

  it('is explained in docs/inventory.md, key by key', async () => {
    const documentation = await readFile(path.join(__dirname, '../../../../docs/inventory.md'), 'utf8');
    const keys = walk(schema).flatMap(([, node]) => Object.keys(node.properties ?? {}));
    expect([...new Set(keys)].filter((key) => !documentation.includes(`\`${key}\``))).toEqual([]);
  });

  it('is draft-07, which the YAML extension reads', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  });

  it('describes every key', () => {
    const described = new Set(
      walk(schema)
        .filter(([, node]) => node.description)
        .map(([at]) => at),
    );
    const keys = walk(schema).flatMap(([at, node]) =>
      Object.keys(node.properties ?? {}).map((key) => `${at}.${key}`),
    );
    expect(keys.filter((key) => !described.has(key))).toEqual([]);
  });

  it('allows no unknown key in any mapping', () => {
    const open = walk(schema).filter(([, node]) => node.properties && node.additionalProperties !== false);
    expect(open.map(([at]) => at)).toEqual([]);
  });

  it('has one alternative for each kind of check, told by its type', () => {
    const checks = alternatives(schema.properties!.checks!).find(
      (node) => typeof node.additionalProperties === 'object',
    );
    const kinds = (checks!.additionalProperties as JsonSchema).anyOf!;
    expect(kinds.map((kind) => kind.properties?.type?.const)).toEqual(probes.map(({ type }) => type));
    expect(kinds.every((kind) => kind.required?.includes('type'))).toBe(true);
  });
});
