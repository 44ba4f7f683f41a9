// Refuses what docs/style.md advises against, in messages, documents and names.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Each banned form, with what to write. */
const bannedForms = [
  [/(?<!there |matters )\b(?:is|are|was|were) no (?!longer\b|more\b|such\b|fewer\b)\w+/i, 'is not a …'],
  [/\b(?:is|are) none\b/i, 'is not one, is not a …'],
  [/\btold of\b|\b(?:is|are) told\b|\btells? of\b/i, 'is reported, reports, shows'],
  [/\banew\b/i, 'again'],
  [/\bof no use\b/i, 'useless'],
  [/\bany more\b/i, 'no longer'],
  [/\bstands? (?:in|there|here|below|above)\b/i, 'is in, is listed below'],
  [/\bc[oa]mes? to an end\b|\bcome to\b/i, 'ends, reaches'],
  [/\b(?:failed to|please try again|an error occurred|something went wrong)\b/i, 'what happened, and why'],
];

/** Words that say nothing of what a file is for. */
const bannedNames = /^(?:utils?|helpers?|misc|common|index|.*Manager)\.(?:ts|mjs)$/i;

/** Its own examples of what not to write are in its table. */
const styleGuide = join('docs', 'style.md');

const json = async (path) => JSON.parse(await readFile(path, 'utf8'));
const inFolder = async (folder, suffix) =>
  (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(folder, name));

async function texts() {
  const messages = (await inFolder('l10n', '.json')).map(async (path) =>
    Object.keys(await json(path)).map((text) => ({ place: path, text })),
  );
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    ...(await inFolder('docs', '.md')),
    ...(await inFolder('api', '.ts')),
  ];
  const lines = documents
    .filter((path) => path !== styleGuide)
    .map(async (path) =>
      (await readFile(path, 'utf8'))
        .split('\n')
        .map((text, index) => ({ place: `${path}:${index + 1}`, text })),
    );
  const titles = Object.entries(await json('package.nls.json')).map(([key, text]) => ({
    place: `package.nls.json ${key}`,
    text,
  }));
  return [...(await Promise.all([...messages, ...lines])).flat(), ...titles];
}

const wrongTexts = (await texts()).flatMap(({ place, text }) =>
  bannedForms.flatMap(([form, better]) => {
    const found = form.exec(text);
    return found ? [`${place}: “${found[0]}”: write “${better}”`] : [];
  }),
);
const files = (
  await Promise.all(['src', 'test', 'scripts', 'bench'].map((folder) => inFolder(folder, 's')))
).flat();
const wrongNames = files
  .filter((path) => bannedNames.test(basename(path)))
  .map((path) => `${path}: a name says what is in the file`);
for (const fault of [...wrongTexts, ...wrongNames]) console.error(fault);
if (wrongTexts.length + wrongNames.length > 0) process.exitCode = 1;
