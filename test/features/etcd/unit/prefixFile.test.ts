import { describe, expect, it } from 'vitest';
import type { PrefixFileFormat } from '../../../../src/features/etcd/core/compare/prefixFile';
import { readPrefixFile } from '../../../../src/features/etcd/core/compare/readPrefixFile';
import {
  type ExportedKey,
  writePrefixFile,
} from '../../../../src/features/etcd/core/compare/writePrefixFile';

const prefix = Buffer.from('/config/');
const formats: PrefixFileFormat[] = ['yaml', 'json'];

async function written(
  keys: readonly (ExportedKey & { key: Buffer })[],
  format: PrefixFileFormat,
): Promise<string> {
  const pages = async function* () {
    for (let at = 0; at < keys.length; at += 3) yield keys.slice(at, at + 3);
  };
  const header = { cluster: 'main', prefix, revision: 42 };
  const parts: string[] = [];
  for await (const part of writePrefixFile(header, pages(), format)) parts.push(part);
  return parts.join('');
}

const read = (text: string | Buffer, separator = '/', maxKeys?: number) =>
  readPrefixFile(Buffer.from(text), { file: 'keys.yaml', separator, ...(maxKeys && { maxKeys }) });
const problemsOf = async (text: string | Buffer, maxKeys?: number) =>
  (await read(text, '/', maxKeys)).problems.map(
    ({ range, message }) => `${range.line}:${range.column} ${message}`,
  );
const key = (name: string | Buffer, value: string | Buffer, ttl?: number) => ({
  key: Buffer.concat([prefix, Buffer.from(name)]),
  value: Buffer.from(value),
  ...(ttl !== undefined && { ttl }),
});
const inOrder = (keys: ReturnType<typeof key>[]) => keys.toSorted((a, b) => a.key.compare(b.key));

const names = [
  ...[
    '',
    ' ',
    'with space',
    ' leading',
    'trailing ',
    'new\nline',
    '\ttab',
    'emoji 🦭',
    '100%',
    '%2F',
    '..',
    '.',
  ],
  ...[
    '../up',
    '/leading',
    '//doubled//slashes/',
    'a//b',
    'keys',
    'base64',
    'muster',
    '<<',
    'null',
    '~',
    '1',
    'true',
  ],
  ...[
    'a: b',
    'a #b',
    '- a',
    '? a',
    '&a',
    '*a',
    '!a',
    '|',
    '"',
    "'",
    'back\\slash',
    '\0',
    'a\0b',
    '\u202eright',
  ],
  ...[
    '__proto__',
    'constructor',
    '#',
    '中文',
    '---',
    'x'.repeat(2000),
    '{',
    '[',
    '\u{e0001}',
    '\ufeff',
    '\x85',
  ],
];
const values = [
  ...[
    '',
    ' ',
    '\n',
    '\n\n',
    'a\n',
    'a\n\n',
    '\na',
    ' a\nb',
    'a\n  b\n c',
    'a\n ',
    'a\n \n',
    'a\n\nb\n',
    '\ta\nb',
  ],
  ...[
    'a\r\nb',
    'a\u2028b',
    'null',
    '80',
    'yes',
    '1.10',
    '0x1f',
    '# no comment\nx',
    'a: b\nc: [d]\n',
    '---\n...\n',
  ],
  ...[
    '%YAML 1.2\nx',
    '\u202eevil\nx',
    '\ufeffx',
    '😀\n😀',
    "it's",
    '"quoted"\nx',
    'x\n\t',
    'x\n   \ny',
    'tab\there\n',
  ],
];
const notText = [[0], [0xff], [0xc3, 0x28], [0x61, 0, 0x62], [0xff, 0xfe, 0x0a]].map((bytes) =>
  Buffer.from(bytes),
);

describe('A file of keys', () => {
  it.each(formats)('has every byte of keys and values as %s', async (format) => {
    const keys = inOrder([
      ...names.map((name, index) => key(name, values[index % values.length]!)),
      ...values.map((value, index) => key(`value-${index}`, value)),
      ...notText.map((bytes, index) => key(`binary-${index}`, bytes)),
      ...notText.slice(1, 3).map((bytes) => key(bytes, bytes)),
      key('leased', 'a\nb', 60),
      key('leased binary', Buffer.from([0, 1]), 7),
      key('big', Buffer.alloc(1_400_000, 'line of a large value\n')),
      key('big binary', Buffer.alloc(1_400_000, Buffer.from([0, 1, 255]))),
    ]);
    const text = await written(keys, format);
    const { header, entries, problems } = await read(text);
    expect(problems).toEqual([]);
    expect(header).toEqual({ cluster: 'main', prefix, revision: 42 });
    expect(entries.map(({ name }) => name)).toEqual(keys.map((one) => one.key.subarray(prefix.length)));
    for (const [index, { value, ttl }] of entries.entries()) {
      expect(value.equals(keys[index]!.value), entries[index]!.name.toString()).toBe(true);
      expect(ttl).toBe(keys[index]!.ttl);
    }
    expect(await written(keys, format)).toBe(text);
    if (format === 'json') JSON.parse(text);
  });

  it('is YAML that people read: lines stand as lines, and what looks like something else is quoted', async () => {
    const keys = [
      key('app/app.yaml', 'port: 80\n\nname: shop\n'),
      key('app/port', '80'),
      key('app/url', 'http://shop:80/'),
      key('lock', 'held', 30),
      key(Buffer.from([0xff]), Buffer.from([0, 1])),
    ];
    expect(await written(keys, 'yaml')).toBe(
      `muster: etcd-prefix/1
cluster: main
prefix: /config/
revision: 42
keys:
  app/app.yaml: |
    port: 80

    name: shop
  app/port: "80"
  app/url: http://shop:80/
  lock:
    ttl: 30
    value: held
base64Keys:
  "/w==": { base64: AAE= }
`.replace('"/w=="', '/w=='),
    );
    expect(await written(keys.slice(1, 2), 'json')).toBe(`{
  "muster": "etcd-prefix/1",
  "cluster": "main",
  "prefix": "/config/",
  "revision": 42,
  "keys": {
    "app/port": "80"
  }
}
`);
  });

  it.each(formats)('without keys is one of no keys as %s', async (format) => {
    expect(await read(await written([], format))).toMatchObject({ entries: [], problems: [] });
  });

  it('may be a plain mapping, whose mappings are folders and whose values are as written', async () => {
    const text = 'app:\n  port: 080\n  tls: { on: yes, "ca": |-\n x }\n';
    const { header, entries, problems } = await read(
      'app:\n  port: 080\n  tls: { on: yes }\n  " a ": ""\nx: 1.10\n',
    );
    expect(problems).toEqual([]);
    expect(header).toBeUndefined();
    expect(entries.map(({ name, value }) => [name.toString(), value.toString()])).toEqual([
      ['app/ a ', ''],
      ['app/port', '080'],
      ['app/tls/on', 'yes'],
      ['x', '1.10'],
    ]);
    expect(
      (await read('{"a": {"b": 1, "c": true}}', '::')).entries.map(({ name }) => name.toString()),
    ).toEqual(['a::b', 'a::c']);
    expect(await problemsOf(text)).not.toEqual([]);
  });

  const head = 'muster: etcd-prefix/1\nprefix: /a/\n';
  it.each([
    ['', '1:1 the file is empty'],
    ['- a\n', '1:1 the file must be a mapping of keys to values'],
    ['{"a":"b"', '1:9 flow map must end with a }'],
    ['{"a":"b"} x', '1:11 unexpected scalar at node end'],
    ['{"a":"1","a":"2"}', '1:10 duplicate key “a”: the first is in line 1'],
    ['a: b\n---\nc: d\n', '2:1 only one document may be in the file'],
    ['a: 1\nb: 2\na: 3\n', '3:1 duplicate key “a”: the first is in line 1'],
    ['a/b: 1\na: { b: 2 }\n', '2:6 duplicate key “a/b”: the first is in line 1'],
    ['a: [b]\n', '1:4 a value must be text'],
    ['a: {}\n', '1:4 etcd has no folders without keys'],
    ['a:\n', '1:1 a key without value: write "" for an empty one'],
    ['a: null\n', '1:1 a key without value: write "" for an empty one'],
    ['? [a]\n: b\n', '1:3 the name of a key must be text'],
    ['a: !mine x\n', '1:4 unresolved tag: !mine'],
    [
      'muster: etcd-prefix/9\n',
      '1:9 “etcd-prefix/9” is not a version that this Muster reads, which is etcd-prefix/1',
    ],
    ['muster: etcd-prefix/1\nkeys: {}\n', '1:1 there must be either “prefix” or “prefixBase64”'],
    [head, '1:1 there are no “keys”'],
    [`${head}keys: [a]\n`, '3:7 “keys” must be a mapping'],
    [`${head}keys: { a: b }\nkeys: { c: d }\n`, '4:1 duplicate “keys”'],
    [`${head}keys: {}\nkeyz: {}\n`, '4:1 “keyz” is not known here'],
    [`${head}keys:\n  a: { base64: "!" }\n`, '4:16 this is not Base64'],
    [`${head}keys:\n  a: { base64: AA==, value: b }\n`, '4:3 a value has either “base64” or “value”'],
    [`${head}keys:\n  a: { b: c }\n`, '4:8 a value is text, or has “base64” or “value”, and “ttl”'],
    [`${head}keys:\n  a: { value: b, ttl: -1 }\n`, '4:23 “ttl” must be a number of seconds'],
    [`${head}keys:\n  a: b\nbase64Keys:\n  YQ==: c\n`, '6:3 duplicate key “a”: the first is in line 4'],
    [`${head}keys: {}\nbase64Keys: { "%": c }\n`, '4:15 “%” is not Base64'],
  ])('%j is told: %s', async (text, problem) => {
    expect(await problemsOf(text)).toContain(problem);
  });

  it('refuses what would take more memory than it has bytes', async () => {
    expect(await problemsOf('a: &a x\nb: *a\n')).toContain('2:4 anchors and aliases of YAML are not read');
    expect(await problemsOf('a: '.repeat(50_000))).not.toEqual([]);
    expect(await problemsOf('{"a":'.repeat(100_000))).not.toEqual([]);
    const many = Array.from({ length: 1_001 }, (_, index) => `"${index}": ""\n`).join('');
    expect(await problemsOf(many, 1_000)).toEqual(['1001:1 more than 1000 keys are not read from a file']);
    expect(await problemsOf(many)).toEqual([]);
    expect(await problemsOf(Buffer.alloc(64 * 1024 ** 2 + 1))).toEqual([
      '1:1 the file is larger than 64 MiB',
    ]);
    expect(await problemsOf(Buffer.from([0x61, 0x3a, 0x20, 0xff]))).toEqual(['1:1 the file is not UTF-8']);
  });

  it('is not written beyond its limit', async () => {
    const large = Array.from({ length: 50 }, (_, index) => key(String(index), Buffer.alloc(1_400_000, 'x')));
    await expect(written(large, 'yaml')).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('takes binary values as YAML writes them', async () => {
    const { entries } = await read('a: !!binary AAH/\n');
    expect(entries.map(({ value }) => [...value])).toEqual([[0, 1, 255]]);
  });

  it('is read in steps that can be ended', async () => {
    const text = Buffer.from('k: v\n'.repeat(100_000));
    const controller = new AbortController();
    const reading = readPrefixFile(text, { file: 'x', separator: '/', signal: controller.signal });
    setImmediate(() => controller.abort(new Error('enough')));
    await expect(reading).rejects.toThrow('enough');
  });
});
