import { afterEach, describe, expect, it } from 'vitest';
import chinese from '../../../l10n/core.l10n.zh-cn.json';
import { errorChain, errorReport, MusterError, toMusterError } from '../../../src/platform/errors/errors';
import { parseInventory } from '../../harness/inventories';
import { sections } from '../../../src/engine/sections';
import { completionsAt } from '../../../src/platform/inventory/schema/schemaLookup';
import { speak } from '../../../src/platform/l10n/l10n';
import { translatedTexts } from './translatedTexts';

const placeholders = (text: string) => [...new Set(text.match(/\{\d\}/g) ?? [])].sort();

describe('the Chinese of the core', () => {
  it('has every text, and none that is not used', async () => {
    const texts = await translatedTexts('core', ['t', 'text']);
    expect(Object.keys(chinese).sort()).toEqual(texts.sort());
  });

  it.each(Object.entries(chinese))('keeps the placeholders of “%s”', (english, translated) => {
    expect(placeholders(translated)).toEqual(placeholders(english));
  });
});

describe('people who read Chinese', () => {
  afterEach(() => speak({}));

  it('are told what is wrong with an inventory', () => {
    speak(chinese);
    const { problems } = parseInventory(
      'hosts:\n  a: { adress: x, ssh: { port: none } }\n  b: { address: "10.0.0.1:22" }\ngroups: { g: { hosts: c } }\n',
      'muster.yaml',
    );
    expect(problems.map(({ message }) => message)).toEqual([
      '未知键“adress”',
      '应为端口，即 1 到 65535 的整数',
      '“10.0.0.1:22” 带有端口：请写在 ssh.port 或检查中',
      '没有主机或组“c”',
    ]);
  });

  it('are told what a key is for', () => {
    speak(chinese);
    const { items } = completionsAt('hosts:\n  a:\n    la', 20, { sections });
    expect(items.find(({ label }) => label === 'labels')?.description).toContain('标签，可自由选择');
  });

  it('are told what went wrong down to its cause, and what to do', () => {
    speak(chinese);
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(errorChain(errorReport(toMusterError(refused)))).toContain(
      '该端口上没有监听：请检查端口，以及服务是否在运行。',
    );
    const wrapped = new MusterError('RESET', 'x', { cause: refused });
    expect(errorChain(errorReport(wrapped))).toContain('原因：connect ECONNREFUSED');
  });
});
