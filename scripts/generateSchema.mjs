// Writes media/muster.schema.json from the schemas that validate muster.yaml.
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { importTypeScript } from './importTypeScript.mjs';

const { inventoryJsonSchema } = await importTypeScript('src/platform/inventory/schema/schema.ts');
const { sectionsWith } = await importTypeScript('src/engine/sections.ts');
const file = 'media/muster.schema.json';
const json = JSON.stringify(inventoryJsonSchema(sectionsWith([], { otherTypes: true })));
await writeFile(file, await format(json, { parser: 'json', printWidth: 110 }));
console.log(file);
