// Checks the direction of dependencies, and that the check itself still sees what it must.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
for (const { rule, from, to } of summary.violations) {
  const { comment } = configuration.forbidden.find(({ name }) => name === rule.name);
  console.error(`${rule.name}: ${from} → ${to}${comment ? `\n  ${comment}` : ''}`);
}

if (summary.totalCruised < fewestModules) {
  console.error(`only ${summary.totalCruised} modules were read, at least ${fewestModules} were expected`);
  process.exitCode = 1;
}
if (summary.error > 0) process.exitCode = 1;

/** Sources that the rules must find, in scratch folders below `folder`. */
const seeds = [
  {
    rule: 'only-the-editor-knows-vscode',
    folder: 'features/checks/core',
    text: "export type { Uri } from 'vscode';",
  },
  {
    rule: 'platform-knows-no-feature',
    folder: 'platform/inventory',
    text: "export type { Probe } from '../../../features/checks/core/probe';",
  },
  {
    rule: 'cores-stand-alone',
    folder: 'features/checks/core',
    text: "export type { Fleet } from '../../../../shell/editor/fleets/fleet';",
  },
  {
    rule: 'logs-builds-on-contracts',
    folder: 'features/logs/core',
    text: "export type { Probe } from '../../../checks/core/probe';",
  },
  {
    rule: 'other-features-build-on-none',
    folder: 'features/forwards/editor',
    text: "export type { Probe } from '../../../checks/core/probe';",
  },
  {
    rule: 'shell-builds-on-contracts',
    folder: 'shell/editor',
    text: "export type { EtcdWatch } from '../../../features/etcd/core/watch/etcdWatch';",
  },
  {
    rule: 'only-apps-know-apps',
    folder: 'shell/editor',
    text: "export { compose } from '../../../apps/composition';",
  },
  {
    rule: 'one-composition',
    folder: 'shell/editor',
    text: "export const load = () => import('../../../engine/createCore');",
  },
  {
    rule: 'pages-know-messages-only',
    folder: 'features/logs/webview',
    text: "export type { LogRow } from '../../core/logRow';",
  },
];

for (const { rule, folder, text } of seeds) {
  const scratch = await mkdtemp(join('src', folder, 'seeded-'));
  try {
    await writeFile(join(scratch, 'stray.ts'), text);
    const seeded = await violations(scratch);
    if (!seeded.violations.some((found) => found.rule.name === rule)) {
      console.error(`the seeded violation of ${rule} was not found: the check is blind`);
      process.exitCode = 1;
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
}
if (!process.exitCode)
  console.log(`${summary.totalCruised} modules, no violation, ${seeds.length} seeded violations found`);
