// `npm run release`: builds all that a release has into dist/release, and prints the commands that publish it. It never
// publishes and never tags: what cannot be taken back is done by a person who has seen what it is. `--dry-run` builds even
// what must not be released, and says why it must not.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { sourceOf } from './builtFrom.mjs';
import { nodeVersions } from './nodeExecutables.mjs';
import { execute } from './prerequisites.mjs';
import { sbom } from './sbom.mjs';
import { writeSums } from './sums.mjs';

const out = 'dist/release';
const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const { version, publisher } = manifest;
const tag = `v${version}`;
const source = await sourceOf('.');

const reasons = await reasonsAgainst();
for (const reason of reasons) console.error(`${tag} must not be released: ${reason}`);
if (reasons.length > 0 && !values['dry-run']) process.exit(1);

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const vsix = `muster-${version}.vsix`;
const image = `muster-${version}-oci-linux-amd64.tar`;
await script('package', '--out', join(out, vsix));
await script('packageBinary', '--target', 'all', '--out', 'dist/binary');
for (const name of await readdir('dist/binary'))
  if (name !== 'SHA256SUMS') await copyFile(join('dist/binary', name), join(out, name));
await script('ociImage', '--binary', join(out, 'muster-linux-x64'), '--out', join(out, image));
await must('npm', ['pack', '--silent', '--pack-destination', out, './dist/npm']);
// That of all bundles, so those of the editor too.
await copyFile('dist/THIRD-PARTY-NOTICES.txt', join(out, 'THIRD-PARTY-NOTICES.txt'));
const bundled = JSON.parse(await readFile('dist/bundled.json', 'utf8'));
await writeFile(join(out, 'sbom.cdx.json'), await sbom(manifest, source, bundled, nodeVersions));
await writeSums(out);

const tarball = (await readdir(out)).find((name) => name.endsWith('.tgz'));
for (const name of await readdir(out))
  console.log(`${((await stat(join(out, name))).size / 1024 ** 2).toFixed(1).padStart(7)} MiB  ${name}`);
const what = values['dry-run'] ? 'These would publish it' : 'These publish it';
console.log(`
${what}, in ${out}, one after the other:

  sha256sum --check SHA256SUMS
  git tag --sign ${tag} ${source.commit} && git push origin ${tag}
  npx vsce publish --packagePath ${vsix}
  npm publish --access public ${tarball}
  skopeo copy oci-archive:${image} docker://REGISTRY/${publisher}/muster:${version}
  upload all files of this folder to the page of the release ${tag}`);

/** Why this commit must not be released as this version. */
async function reasonsAgainst() {
  const changelog = await readFile('CHANGELOG.md', 'utf8');
  const headings = [...changelog.matchAll(/^## (\S+)/gm)].map(([, name]) => name);
  const { version: locked } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const tagged = await promisify(execFile)('git', ['tag', '--list', tag]).then(
    ({ stdout }) => stdout !== '',
    () => false,
  );
  const faults = {
    'it is not built in a clone, so nobody could say of which commit it is.': source.commit === null,
    'files differ from the commit. Commit them first.': source.modified === true,
    [`the tag ${tag} exists. Raise "version" in package.json.`]: tagged,
    [`package-lock.json says ${locked}. Run npm install.`]: locked !== version,
    [`CHANGELOG.md has no heading "## ${version}".`]: !headings.includes(version),
    'CHANGELOG.md has changes below "## Unreleased".': /^## Unreleased\s+-/m.test(changelog),
  };
  return Object.keys(faults).filter((fault) => faults[fault]);
}

async function script(name, ...args) {
  await must(process.execPath, [`scripts/${name}.mjs`, ...args]);
}

async function must(...command) {
  if ((await execute(...command)) !== 0) throw new Error(`${command.flat().join(' ')} failed.`);
}
