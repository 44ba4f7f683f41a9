import { describe, expect, it } from 'vitest';
import { entryBelow, entryLabel } from '../../../../src/features/etcd/core/keys/keyFolders';
import { copiedKey, escapedBytes, keyText } from '../../../../src/features/etcd/core/keys/keyText';

const slash = Buffer.from('/');

describe('A key as text', () => {
  it.each([
    ['/config/app.yaml', '/config/app.yaml'],
    ['配置/应用', '配置/应用'],
    ['😀', '😀'],
    ['a\nb', 'a\\x0ab'],
    ['a\0b', 'a\\x00b'],
    ['\u202eevil', '\\xe2\\x80\\xaeevil'],
    ['back\\slash\n', 'back\\x5cslash\\x0a'],
    ['two  spaces', 'two  spaces'],
  ])('%j is %j', (key, text) => {
    expect(keyText(Buffer.from(key))).toBe(text);
  });

  it('has bytes that are no UTF-8 as their digits, and no more than its limit', () => {
    expect(keyText(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0xe4]))).toBe('a\\xffé\\xe4');
    expect(keyText(Buffer.from('abcdef'), 3)).toBe('abc…');
  });
});

it('A key that is copied is itself, or can be told from every other', () => {
  expect(copiedKey(Buffer.from('a\nb'))).toBe('a\nb');
  expect(copiedKey(Buffer.from([0x61, 0xff]))).toBe('a\\xff');
});

it.each([
  ['a\\xff\\x0A', [0x61, 0xff, 0x0a]],
  ['é\\x5c', [0xc3, 0xa9, 0x5c]],
  ['a\\b\\xg0', [...Buffer.from('a\\b\\xg0')]],
])('%j stands for the bytes %j', (text, bytes) => {
  expect([...escapedBytes(text)]).toEqual(bytes);
});

describe('Folders of keys', () => {
  it.each([
    ['/config/', '/config/app.yaml', 'key', '/config/app.yaml', 'app.yaml'],
    ['/config/', '/config/web/a', 'folder', '/config/web/', 'web'],
    ['', '/config/app', 'folder', '/', '/'],
    ['/', '//twice', 'folder', '//', '/'],
    ['/config/', '/config/', 'key', '/config/', '""'],
    ['/a/', '/a/b/', 'folder', '/a/b/', 'b'],
    ['/a/b/', '/a/b/', 'key', '/a/b/', '""'],
  ])('below %j has %j as a %s', (prefix, key, kind, bytes, label) => {
    const parent = Buffer.from(prefix);
    const entry = entryBelow(parent, Buffer.from(key), slash);
    expect([entry.kind, entry.bytes.toString(), entryLabel(parent, entry, slash)]).toEqual([
      kind,
      bytes,
      label,
    ]);
  });
});
