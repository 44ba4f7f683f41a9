// Checks the direction of dependencies, and that the check itself still sees what it must.
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import configuration from '../.dependency-cruiser.mjs';

/** Fewer modules than sources mean that the tool could not read some, and passed for that reason. */
const sources = (await readdir('src', { recursive: true })).filter((name) => name.endsWith('.ts'));
const fewestModules = sources.length;

async function violations(folder, forbidden = configuration.forbidden) {
  const { output } = await cruise(
    [folder],
    { ...configuration.options, validate: true, ruleSet: { forbidden } },
    undefined,
    { tsConfig: extractTSConfig('tsconfig.json') },
  );
  return output.summary;
}

const summary = await violations('src');
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} → ${to}`);

if (summary.totalCruised < fewestModules) {
  console.error(`only ${summary.totalCruised} modules were read, at least ${fewestModules} were expected`);
  process.exitCode = 1;
}
if (summary.error > 0) process.exitCode = 1;

// A seeded violation in a scratch folder below src/core: a core file that imports `vscode`.
const scratch = await mkdtemp(join('src', 'core', 'seeded-'));
try {
  await mkdir(scratch, { recursive: true });
  await writeFile(
    join(scratch, 'stray.ts'),
    "import type { Uri } from 'vscode';\nexport type Stray = Uri;\n",
  );
  const seeded = await violations(relative('.', scratch));
  if (!seeded.violations.some(({ rule }) => rule.name === 'only-the-editor-knows-vscode')) {
    console.error('the seeded violation was not found: the check is blind');
    process.exitCode = 1;
  }
} finally {
  await rm(scratch, { recursive: true });
}
if (!process.exitCode) console.log(`${summary.totalCruised} modules, no violation, seeded violation found`);
