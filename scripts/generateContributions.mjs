// Writes the `contributes` of package.json from the contributions of the features.
import { readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { importTypeScript } from './importTypeScript.mjs';

const { contributes } = await importTypeScript('src/apps/contributions.ts');
const file = 'package.json';
const json = JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), contributes }, undefined, 2);
await writeFile(file, await format(json, { parser: 'json-stringify' }));
console.log(file);
