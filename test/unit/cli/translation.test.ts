import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import chinese from '../../../l10n/cli.l10n.zh-cn.json';

/** Texts that reach `t()` as values: statuses, and the titles of commander's help. */
const values = ['healthy', 'degraded', 'unhealthy', 'skipped', 'ok', 'failed'].concat(
  ['Usage', 'Arguments', 'Options', 'Commands'].map((title) => `${title}:`),
);

/** The texts of `t('…')` in the sources of the shell. */
async function messages(): Promise<string[]> {
  const names = await readdir('src/cli', { recursive: true });
  const found: string[] = [];
  for (const name of names.filter((file) => file.endsWith('.ts'))) {
    const source = await readFile(join('src/cli', name), 'utf8');
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText(tree) === 't') {
        const [text] = node.arguments;
        if (text && ts.isStringLiteralLike(text)) found.push(text.text);
      }
      ts.forEachChild(node, visit);
    };
    const tree = ts.createSourceFile(name, source, ts.ScriptTarget.Latest);
    visit(tree);
  }
  return found;
}

const placeholders = (text: string) => (text.match(/\{\d\}/g) ?? []).sort();

describe('the Chinese of the shell', () => {
  it('has every text, and none that is not used', async () => {
    expect(Object.keys(chinese).sort()).toEqual([...new Set([...(await messages()), ...values])].sort());
  });

  it.each(Object.entries(chinese))('keeps the placeholders of “%s”', (english, translated) => {
    expect(placeholders(translated)).toEqual(placeholders(english));
  });
});
