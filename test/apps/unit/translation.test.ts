import { describe, expect, it } from 'vitest';
import chinese from '../../../l10n/cli.l10n.zh-cn.json';
import { runWords } from '../../../src/shell/cli/output/status';
import { usageError } from '../../../src/shell/cli/usageErrors';
import { speak } from '../../../src/platform/l10n/l10n';
import { translatedTexts } from './translatedTexts';

/** Texts that reach `t()` as values: statuses, and the titles of commander's help. */
const values = ['healthy', 'degraded', 'unhealthy', 'skipped', ...Object.values(runWords)].concat(
  ['Usage', 'Arguments', 'Options', 'Commands'].map((title) => `${title}:`),
);

const placeholders = (text: string) => (text.match(/\{\d\}/g) ?? []).sort();

describe('the Chinese of the shell', () => {
  it('has every text, and none that is not used', async () => {
    const texts = await translatedTexts('cli', ['t']);
    expect(Object.keys(chinese).sort()).toEqual([...new Set([...texts, ...values])].sort());
  });

  it.each(Object.entries(chinese))('keeps the placeholders of “%s”', (english, translated) => {
    expect(placeholders(translated)).toEqual(placeholders(english));
  });
});

describe('an error of commander', () => {
  const unknown = "error: unknown command 'chekc'\n(Did you mean check?)\n";

  it('is left as it is in English, and where it is not known', () => {
    expect(usageError(unknown)).toBe(unknown);
    expect(usageError('error: something new\n')).toBe('error: something new\n');
  });

  it('is said in the language of who reads it', () => {
    speak(chinese);
    expect(usageError(unknown)).toBe('错误:未知命令“chekc”\n(您是不是想写 check?)\n');
    expect(usageError("error: option '--json' cannot be used with option '--ndjson'\n")).toContain(
      '--ndjson”',
    );
    speak({});
  });
});
