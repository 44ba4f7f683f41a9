// What the licences of bundled packages ask for: a file with their texts, made from what esbuild says that it bundled.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Licences that let us ship the package, with its text. */
const allowed = new Set(
  ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'CC0-1.0', 'CC-BY-4.0'].concat([
    'Unlicense',
    '(MIT AND Zlib)',
    'OFL-1.1',
  ]),
);

/** Where package.json does not say it. */
const licences = { ssh2: 'MIT' };

/** Texts of packages that come without one, and of those that speedscope has in its own bundle. */
const texts = join(import.meta.dirname, 'licences');

/** What speedscope is built with and ships; those with a version are named in its devDependencies. */
const inSpeedscope = [
  ['aphrodite', 'MIT', '2.1.0'],
  ['asap', 'MIT'],
  ['css-in-js-utils', 'MIT'],
  ['hyphenate-style-name', 'BSD-3-Clause'],
  ['inline-style-prefixer', 'MIT'],
  ['jfrview', 'MIT', '0.2.0'],
  ['pako', '(MIT AND Zlib)', '1.0.6'],
  ['preact', 'MIT', '10.4.1'],
  ['protobufjs', 'BSD-3-Clause', '6.8.8'],
  ['source-map', 'BSD-3-Clause', '0.6.1'],
  ['string-hash', 'CC0-1.0'],
  ['uint8array-json-parser', 'MIT', '0.0.2'],
];

const licenceFile = /^(?:licen[cs]e|copying|unlicense|notice)(?:[-.].*)?$/i;

/** The folders of the npm packages whose files esbuild has read. */
export function bundledPackages(metafiles) {
  const folders = metafiles.flatMap(({ inputs }) =>
    Object.keys(inputs).flatMap((input) => {
      const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input.replace(/^[\w-]+:/, '')) ?? [];
      return folder === undefined ? [] : [folder];
    }),
  );
  return [...new Set(folders)].sort();
}

/** @throws Error that names a package without the text of its licence, or with one that is not known */
export async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder))
    .filter((file) => licenceFile.test(file) && !file.endsWith('.csv'))
    .sort();
  const own = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return notice(
    name,
    version,
    licences[name] ?? license,
    own.length > 0 ? own.join('\n\n') : await textOf(name),
  );
}

async function textOf(name) {
  return readFile(join(texts, `${name.replace('/', '+')}.txt`), 'utf8').catch(() => '');
}

function notice(name, version, licence, text) {
  if (!allowed.has(licence))
    throw new Error(`${name}: the licence ${licence} is not one that scripts/thirdPartyNotices.mjs knows`);
  if (text.trim() === '') throw new Error(`${name}: it is bundled and brings no text of its licence`);
  return { name, version, licence, text: text.replace(/\r\n?/g, '\n').trim() };
}

/** speedscope, its font, and what is bundled in it. @throws Error when it is built with other versions than we know */
async function noticesOfSpeedscope(folder) {
  const { devDependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const bundled = inSpeedscope.map(async ([name, licence, version]) => {
    if (version !== undefined && devDependencies[name] !== version)
      throw new Error(
        `speedscope bundles ${name} ${devDependencies[name]}: see scripts/thirdPartyNotices.mjs`,
      );
    return notice(`${name} (in speedscope)`, version ?? '', licence, await textOf(name));
  });
  const font = await readFile(join(folder, 'dist/release/source-code-pro.LICENSE.md'), 'utf8');
  return [
    await noticeOf(folder),
    ...(await Promise.all(bundled)),
    notice('Source Code Pro (in speedscope)', '', 'OFL-1.1', font),
  ];
}

/**
 * Writes the notices of all that is bundled; `hasPages` where the pages of the editor are part of it.
 * @returns what is named in it: names, versions and licences
 */
export async function writeNotices(file, metafiles, hasPages) {
  const notices = await Promise.all(bundledPackages(metafiles).map(noticeOf));
  if (hasPages) notices.push(...(await noticesOfSpeedscope('node_modules/speedscope')));
  const parts = notices.map(
    ({ name, version, licence, text }) =>
      `${'='.repeat(80)}\n${`${name} ${version}`.trim()}\n${licence}\n\n${text}\n`,
  );
  const heading = 'Muster contains the following third-party software, each part under its own licence.\n';
  await writeFile(file, [heading, ...parts].join('\n'));
  return notices.map(({ name, version, licence }) => ({ name, version, licence }));
}
