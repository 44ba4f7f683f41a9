import { describe, expect, it } from 'vitest';
import { escapeMarkdown } from '../../../src/shell/editor/hosts/escapeMarkdown';

describe('Text from a host in Markdown', () => {
  it.each([
    ['plain words stay', 'plain words stay'],
    ['**bold** `code`', '\\*\\*bold\\*\\* \\`code\\`'],
    ['[run](command:x)', '\\[run\\]\\(command\\:x\\)'],
    ['<img src=x> &amp;', '&lt;img src\\=x\\> &amp;amp;'],
    ['https://a.example $(pass)', 'https\\://a\\.example \\$\\(pass\\)'],
  ])('%j is written %j', (text, markdown) => {
    expect(escapeMarkdown(text)).toBe(markdown);
  });
});
