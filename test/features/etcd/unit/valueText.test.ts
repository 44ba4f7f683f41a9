import { describe, expect, it } from 'vitest';
import { hexDump } from '../../../../src/features/etcd/core/keys/hexDump';
import { valueLanguage, valueText } from '../../../../src/features/etcd/core/keys/valueText';

describe('A value', () => {
  it('is text when it is UTF-8 without NUL bytes', () => {
    expect(valueText(Buffer.from('größe: 1\n'))).toBe('größe: 1\n');
    expect(valueText(Buffer.from([0xff, 0xfe]))).toBeUndefined();
    expect(valueText(Buffer.from('a\0b'))).toBeUndefined();
    expect(valueText(Buffer.alloc(0))).toBe('');
  });

  it.each([
    ['/app.yaml', 'anything', 'yaml'],
    ['/app.YML', '', 'yaml'],
    ['/app', '{ "a": 1 }', 'json'],
    ['/app', '[broken', 'plaintext'],
    ['/app', 'a: 1\nb:\n  - x\n', 'yaml'],
    ['/app', '# note\n[server]\nport = 80\n', 'toml'],
    ['/app', 'server.port=80\nname=x\n', 'properties'],
    ['/app', '<a/>', 'xml'],
    ['/app', '#!/bin/sh\necho', 'shellscript'],
    ['/app', 'hello world', 'plaintext'],
    ['/app', '42', 'plaintext'],
    ['/app.constructor', 'x', 'plaintext'],
  ])('of %s that is %j is %s', (key, text, language) => {
    expect(valueLanguage(Buffer.from(key), text)).toBe(language);
  });

  it('that is no text is shown as hexdump does', () => {
    expect(hexDump(Buffer.from('0123456789abcdef\n\xff', 'latin1'))).toBe(
      [
        '00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|',
        '00000010  0a ff                                             |..|',
      ].join('\n'),
    );
  });
});
