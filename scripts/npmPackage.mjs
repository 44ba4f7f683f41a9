// What the npm package of the CLI has beside its bundles: package.json, README, licence, man page.
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manPage } from './manPage.mjs';

/** @param manifest package.json of the extension, with which it shares what is said there */
export async function writeNpmPackage(folder, manifest, program, date) {
  const { version, license, publisher, keywords, repository, homepage, bugs } = manifest;
  const own = {
    name: `@${publisher}/cli`,
    version,
    description: program.description(),
    ...{ keywords, homepage, bugs, repository, license },
    bin: { muster: 'cli.js' },
    man: ['./muster.1'],
    engines: { node: manifest.engines.node },
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
  await writeFile(join(folder, 'muster.1'), manPage(program, version, date));
  await copyFile('LICENSE', join(folder, 'LICENSE'));
  for (const readme of ['README.md', 'README.zh-cn.md'])
    await copyFile(join('docs/npm', readme), join(folder, readme));
}
