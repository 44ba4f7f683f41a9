import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { MusterExports } from '../../../api/muster';
import type { ArgumentsOf, CommandId, runMuster } from '../../../src/shell/editor/commands/musterCommands';
import type { ConfigNode, KeyPlace } from '../../../src/features/etcd/editor/config/configNodes';
import { contributes, contributions } from '../../../src/apps/contributions';
import type { activate } from '../../../src/apps/extension';
import { command } from '../../../src/shell/editor/manifest/contribution';
import { sourcesIn } from '../../harness/sourcesIn';
import { conditionsOf } from '../../harness/whenClause';

const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

interface Source {
  path: string;
  tree: ts.SourceFile;
}

const sources: readonly Source[] = await Promise.all(
  (await sourcesIn('editor')).map(async (path) => ({
    path,
    tree: ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest, true),
  })),
);

function nodesOf<Node extends ts.Node>({ tree }: Source, is: (node: ts.Node) => node is Node): Node[] {
  const found: Node[] = [];
  const visit = (node: ts.Node) => {
    if (is(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const calls = sources.flatMap((source) => nodesOf(source, ts.isCallExpression));

/** What is given first to each call of a function. */
function firstOfCalls(to: string): ts.Expression[] {
  return calls
    .filter((call) => call.expression.getText() === to)
    .flatMap(({ arguments: [first] }) => (first ? [first] : []));
}

/** As `firstOfCalls`; undefined for what is not a plain string. */
function textsOfCalls(to: string): (string | undefined)[] {
  return firstOfCalls(to).map((first) => (ts.isStringLiteralLike(first) ? first.text : undefined));
}

/** The keys of the tables that are given to `registry.register`. */
const registeredCommands = () =>
  firstOfCalls('registry.register')
    .flatMap((table) => [...(table as ts.ObjectLiteralExpression).properties])
    .map(({ name }) => (name as ts.StringLiteral).text);

const placeholders = (text: string) => [...new Set(text.match(/\{\d+\}/g) ?? [])].sort();

it('Other extensions are given the versioned API, and nothing else', () => {
  expectTypeOf<ReturnType<typeof activate>>().toEqualTypeOf<MusterExports>();
});

/** The keys of VS Code that contributions ask. */
const knownToVsCode = [
  'activeCustomEditorId',
  'activeWebviewPanelId',
  'editorHasSelection',
  'editorIsOpen',
  'editorLangId',
  'explorerResourceIsFolder',
  'isWorkspaceTrusted',
  'resourceExtname',
  'resourceFilename',
  'resourceScheme',
  'view',
  'viewItem',
  'webviewId',
  'webviewSection',
  'workspaceFolderCount',
];

const contextKeys = contributions.flatMap(({ contextKeys = {} }) => Object.values(contextKeys));
const commandIds = contributes.commands.map(({ command }) => command);
const viewIds = contributes.views.muster.map(({ id }) => id);

/** All clauses, with what has them. */
const clauses = [
  ...[...Object.values(contributes.menus).flat(), ...contributes.keybindings],
  ...[...contributes.viewsWelcome, ...contributes.views.muster],
  ...contributes.commands.map(({ command, enablement }) => ({ command, when: enablement })),
].flatMap(({ when, ...what }) => (when === undefined ? [] : [{ what, conditions: conditionsOf(when) }]));

describe('The contributions of package.json', () => {
  it('are those of the features: npm run contributions', async () => {
    const lines = (contributed: object) => JSON.stringify(contributed, undefined, 2).split('\n');
    expect(lines((await json('package.json')).contributes)).toEqual(lines(contributes));
  });

  it('name the commands that are registered, and no others', () => {
    expect(commandIds.toSorted()).toEqual(registeredCommands().toSorted());
    expect(commandIds).toEqual([...new Set(commandIds)]);
  });

  it('give each command the types of its arguments', () => {
    expectTypeOf<ArgumentsOf<'muster.checkAll'>>().toEqualTypeOf<[]>();
    expectTypeOf<ArgumentsOf<'muster.openKey'>>().toEqualTypeOf<[what?: ConfigNode | KeyPlace]>();
    expectTypeOf<Parameters<typeof runMuster>[0]>().toEqualTypeOf<CommandId>();
    expectTypeOf<'muster.nothing'>().not.toExtend<CommandId>();
  });

  it('hide from the palette the commands that need a row, and no others', () => {
    expectTypeOf(command<[row: string]>)
      .parameter(0)
      .toHaveProperty('palette')
      .toEqualTypeOf<false>();
    expectTypeOf(command<[row?: string]>)
      .parameter(0)
      .toHaveProperty('palette')
      .toEqualTypeOf<string | undefined>();
    expect(contributes.menus.commandPalette).toContainEqual({ command: 'muster.removeRun', when: 'false' });
  });

  it('ask only keys that are known, and only views that there are', () => {
    expect(clauses.length).toBeGreaterThan(200);
    const known = new Set([...knownToVsCode, ...contextKeys, 'false']);
    for (const { what, conditions } of clauses) {
      expect(
        conditions.map(({ key }) => key).filter((key) => !known.has(key)),
        JSON.stringify(what),
      ).toEqual([]);
      const views = conditions.flatMap(({ key, value }) => (key === 'view' ? [value] : []));
      expect(viewIds, JSON.stringify(what)).toEqual(expect.arrayContaining(views));
    }
  });

  it('ask every key that is set, and set every key that is asked', () => {
    const asked = new Set(clauses.flatMap(({ conditions }) => conditions.map(({ key }) => key)));
    expect(contextKeys.filter((key) => !asked.has(key))).toEqual([]);
    const names = contributions.flatMap(({ contextKeys = {} }) => Object.keys(contextKeys));
    const set = firstOfCalls('setContext').map((key) => key.getText().replace(/^\w+Context\./, ''));
    expect([...new Set(set)].toSorted()).toEqual(names.toSorted());
  });

  it('have the views that are made, and no others', () => {
    expect(viewIds.toSorted()).toEqual(textsOfCalls('window.createTreeView').toSorted());
  });

  it('declare the settings that are read, and no others', () => {
    const read = textsOfCalls('defineSetting').map((key) => `muster.${key}`);
    const declared = contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
    expect(declared.toSorted()).toEqual(read.toSorted());
  });

  it('complete the steps of the walkthrough with commands that there are', () => {
    const steps = contributes.walkthroughs.flatMap(({ steps }) => steps);
    for (const { id, completionEvents } of steps)
      expect(
        commandIds.map((command) => `onCommand:${command}`),
        id,
      ).toEqual(expect.arrayContaining(completionEvents));
    expect(steps.length).toBeGreaterThan(0);
  });

  it('point at files that exist', async () => {
    const { icon, contributes } = await json('package.json');
    const files = [
      icon,
      ...contributes.viewsContainers.activitybar.map((container: { icon: string }) => container.icon),
      ...contributes.yamlValidation.map(({ url }: { url: string }) => url),
      // A picture for each theme.
      ...contributes.walkthroughs[0].steps.flatMap(
        ({ media }: { media: { image: Record<string, string> } }) =>
          ['light', 'dark', 'hc', 'hcLight'].map((theme) => media.image[theme]),
      ),
    ];
    const contents = await Promise.all(files.map((file: string) => readFile(file)));
    expect(contents.every((content) => content.length > 0)).toBe(true);
  });
});

it('Documents and tests call commands as the palette does', async () => {
  const english: Record<string, string> = await json('package.nls.json');
  const shown = contributes.commands.map(
    ({ category, title }) => `${category}: ${english[title.slice(1, -1)]}`,
  );
  const folders = ['docs', 'test', 'bench'].map(async (folder) =>
    (await readdir(folder, { recursive: true })).map((name) => join(folder, name)),
  );
  const files = (await Promise.all(folders)).flat().filter((path) => /\.(md|ts)$/.test(path));
  const texts = await Promise.all(['README.md', ...files].map((path) => readFile(path, 'utf8')));
  // VS Code itself adds those that focus a view.
  const called = texts.flatMap(
    (text) => text.match(/\bMuster(?: \w+)?: (?!Focus on)[A-Z][^'"`“”*\n]*/g) ?? [],
  );
  expect(called.filter((title) => !shown.includes(title))).toEqual([]);
  expect(called.length).toBeGreaterThan(50);
});

describe('The translations', () => {
  it('of package.json have the same keys in every language, all of them used', async () => {
    const english = await json('package.nls.json');
    const chinese = await json('package.nls.zh-cn.json');
    const manifest = await readFile('package.json', 'utf8');
    const used = [...manifest.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!);
    expect(Object.keys(chinese)).toEqual(Object.keys(english));
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(english).toSorted());
  });

  it('of package.json keep the commands that their links call', async () => {
    const english: Record<string, string> = await json('package.nls.json');
    const chinese: Record<string, string> = await json('package.nls.zh-cn.json');
    const links = (text: string) => text.match(/command:[\w.]+/g) ?? [];
    for (const [key, text] of Object.entries(english)) expect(links(chinese[key]!), key).toEqual(links(text));
  });

  it('have every message of the editor in Chinese, with its placeholders, and nothing else', async () => {
    const chinese: Record<string, string> = await json('l10n/bundle.l10n.zh-cn.json');
    const messages = textsOfCalls('l10n.t');
    expect(messages).not.toContain(undefined);
    expect(Object.keys(chinese).toSorted()).toEqual([...new Set(messages as string[])].toSorted());
    for (const [message, translation] of Object.entries(chinese)) {
      expect(placeholders(translation), message).toEqual(placeholders(message));
    }
  });
});
