// Writes media/muster.schema.json from the schemas that validate muster.yaml.
import { build } from 'esbuild';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  stdin: {
    contents: `
      import { inventoryJsonSchema } from './src/core/inventory/schema';
      import { probes } from './src/core/checks/probes';
      export const schema = inventoryJsonSchema(probes);`,
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  packages: 'external',
  logLevel: 'error',
});
const module = { exports: {} };
new Function('module', 'exports', 'require', outputFiles[0].text)(
  module,
  module.exports,
  createRequire(import.meta.url),
);
const file = path.join(root, 'media', 'muster.schema.json');
await writeFile(
  file,
  await format(JSON.stringify(module.exports.schema), { parser: 'json', printWidth: 110 }),
);
console.log(path.relative(root, file));
