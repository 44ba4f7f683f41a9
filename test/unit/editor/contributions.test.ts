import { readFile } from 'node:fs/promises';
import ts from 'typescript';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { MusterExports } from '../../../api/muster';
import type { ArgumentsOf, CommandId, runMuster } from '../../../src/shell/editor/commands/musterCommands';
import type { ConfigNode, KeyPlace } from '../../../src/features/etcd/editor/config/configNodes';
import { contributes } from '../../../src/apps/contributions';
import type { activate } from '../../../src/apps/extension';
import { sourcesIn } from '../../harness/sourcesIn';

const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

interface Source {
  path: string;
  tree: ts.SourceFile;
}

async function editorSources(): Promise<Source[]> {
  return Promise.all(
    (await sourcesIn('editor')).map(async (path) => ({
      path,
      tree: ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest, true),
    })),
  );
}

function nodesOf<Node extends ts.Node>({ tree }: Source, is: (node: ts.Node) => node is Node): Node[] {
  const found: Node[] = [];
  const visit = (node: ts.Node) => {
    if (is(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** The texts of `l10n.t(…)`; undefined for one that is not a plain string. */
function messagesOf(source: Source): (string | undefined)[] {
  return nodesOf(source, ts.isCallExpression)
    .filter((call) => call.expression.getText() === 'l10n.t')
    .map(({ arguments: [text] }) => (text && ts.isStringLiteralLike(text) ? text.text : undefined));
}

/** The keys of the tables that are given to `registry.register`. */
async function registeredCommands(): Promise<string[]> {
  return (await editorSources())
    .flatMap((source) => nodesOf(source, ts.isCallExpression))
    .filter((call) => call.expression.getText() === 'registry.register')
    .flatMap(({ arguments: [table] }) => (table as ts.ObjectLiteralExpression).properties)
    .map(({ name }) => (name as ts.StringLiteral).text);
}

const placeholders = (text: string) => [...new Set(text.match(/\{\d+\}/g) ?? [])].sort();

it('Other extensions are given the versioned API, and nothing else', () => {
  expectTypeOf<ReturnType<typeof activate>>().toEqualTypeOf<MusterExports>();
});

describe('The contributions of package.json', () => {
  it('name the commands that are registered, and no others', async () => {
    const { contributes } = await json('package.json');
    const contributed = contributes.commands.map(({ command }: { command: string }) => command);
    expect(contributed.toSorted()).toEqual((await registeredCommands()).toSorted());
    expect(contributed).toEqual([...new Set(contributed)]);
  });

  it('are what the features contribute', async () => {
    expect(JSON.stringify((await json('package.json')).contributes)).toBe(JSON.stringify(contributes));
  });

  it('give each command the types of its arguments', () => {
    expectTypeOf<ArgumentsOf<'muster.checkAll'>>().toEqualTypeOf<[]>();
    expectTypeOf<ArgumentsOf<'muster.openKey'>>().toEqualTypeOf<[what?: ConfigNode | KeyPlace]>();
    expectTypeOf<Parameters<typeof runMuster>[0]>().toEqualTypeOf<CommandId>();
  });

  it('show commands in menus only when they exist', async () => {
    const { contributes } = await json('package.json');
    const commands = new Set(contributes.commands.map(({ command }: { command: string }) => command));
    const inMenus = Object.values<{ command: string }[]>(contributes.menus).flat();
    expect(inMenus.filter(({ command }) => !commands.has(command))).toEqual([]);
    expect(inMenus.length).toBeGreaterThan(0);
  });

  it('declare every setting that is read, with a description and a scope', async () => {
    const { contributes } = await json('package.json');
    const read = (await editorSources())
      .flatMap((source) => nodesOf(source, ts.isCallExpression))
      .filter((call) => call.expression.getText() === 'defineSetting')
      .map(({ arguments: [key] }) => `muster.${(key as ts.StringLiteral).text}`);
    type Settings = Record<string, { markdownDescription?: string; scope?: string }>;
    const groups: { title: string; properties: Settings }[] = contributes.configuration;
    const settings = groups.flatMap(({ properties }) => Object.entries(properties));
    expect(settings.map(([key]) => key).toSorted()).toEqual(read.toSorted());
    expect(settings.filter(([, { markdownDescription, scope }]) => !markdownDescription || !scope)).toEqual(
      [],
    );
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
    const messages = (await editorSources()).flatMap(messagesOf);
    expect(messages).not.toContain(undefined);
    expect(Object.keys(chinese).toSorted()).toEqual([...new Set(messages as string[])].toSorted());
    for (const [message, translation] of Object.entries(chinese)) {
      expect(placeholders(translation), message).toEqual(placeholders(message));
    }
  });
});
