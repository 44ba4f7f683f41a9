import fc from 'fast-check';
import { Composer, isAlias, isMap, isScalar, isSeq, Parser } from 'yaml';
import { describe, expect, test } from 'vitest';
import { finish } from '../../../../src/platform/inventory/steps';
import { propertyRuns } from '../../../harness/propertyRuns';
import { composing, readingPlainYaml } from '../../../../src/platform/inventory/yaml/plainYaml';

const read = (text: string) => finish(readingPlainYaml(text));
const composed = (text: string) => [...new Composer(composing).compose(new Parser().parse(text), true)];

/** All that the inventory asks of a node. */
function shape(node: unknown): unknown {
  if (isAlias(node)) return { alias: node.source, place: node.range?.slice(0, 2) };
  if (isScalar(node)) {
    const { value, source, type, anchor, tag, range } = node;
    return { value, source, type, anchor, tag, place: range?.slice(0, 2) };
  }
  if (!isMap(node) && !isSeq(node)) return node;
  const items = isMap(node)
    ? node.items.map(({ key, value }) => [shape(key), shape(value)])
    : node.items.map(shape);
  return { items, anchor: node.anchor, tag: node.tag, place: node.range?.slice(0, 2) };
}

const sound: Record<string, string> = {
  'hosts in flow style':
    'hosts:\n  web-1: { address: web-1.example.com, labels: { role: web, rack: 01 } }\n  web-2: {}\n',
  'hosts in block style':
    'hosts:\n  web-1:\n    address: 10.0.0.1\n    labels:\n      role: web\ngroups:\n  a: { hosts: [web-1, "b"] }\n',
  'hosts without settings': 'hosts:\n  a:\n  b: # why\n  c:   \n\n  d:',
  'values that are no text':
    'a: 12\nb: 0x1f\nc: 1.10\nd: true\ne: ~\nf: Null\ng: .inf\nh: 1e3\ni: 2024-01-01\nj: no\n12: x\ntrue: y\n',
  quotes: `a: "x: y # z"\n'b c': 'd'\n"[01:20]": { "k": 'v' }\n`,
  'what needs the library': `a: "esc\\n\\u263a"\nb: |\n  one: 1\n  # two\nc: many\n  words\nd: 'it''s'\ne: !!str 5\nf: x\n`,
  lists: 'a:\n- one\n- two: 2\nb:\n  - three\nc: [1, [x, { y: z }]]\nd: e\n',
  'flow collections over several lines': 'a: {\n  b: c,\n}\nd: [\n  1,\n  2 ]\ne: f\n',
  'anchors, aliases and merges':
    'x-base: &base\n  user: a\nhosts:\n  b: &b { c: d }\n  e: *b\n  f: { <<: *base }\n  g:\n    <<: *base\n    h: &i j\n',
  'comments anywhere':
    '# first\na: # of a\n  # before b\n  b: c # of c\n    # deeper\n  # same\n\n # less\nd: e\n  # last\n',
  'a mark at the beginning': '# first\n--- # begins\na: b\n',
  'carriage returns': 'a:\r\n  b: c\r\n\r\n  # d\r\ne: { f: g }\r\nh: i',
  'characters beyond ASCII': 'café: { ort: 北京 }\n"💥": 💥 ü\nb: \u00a0x\n',
  'a mapping that is indented': '  a: b\n  c:\n     d: e\n',
  'colons and hashes within words': 'a: http://{address}:80/x?y=z#top\nb: a:b\nc: { d: a:b, e: x#y }\n',
};

const faulty: Record<string, string> = {
  'a quote that is not closed': 'a: "b\nc: d\n',
  'a brace that is not closed': 'a: { b: c\nd: e\n',
  'a mapping in a line': 'a: b: c\n',
  'less indentation than its siblings': 'a:\n    b: c\n  d: e\n',
  'a tab as indentation': 'a:\n\tb: c\n',
  'two documents': 'a: b\n---\nc: d\n',
  'words after a quote': 'a: "b" c\n',
  'a missing comma': 'a: { b: c d: e }\n',
  'a key without a value': 'a: b\nc\n',
  'a reserved character': 'a: @b\n',
  'an unknown tag': 'a: !vault b\n',
  'a document that ends before its entries do': 'a: |\n  b\n...\nc: d\n',
  'a line of blanks with a tab': 'a: # b\n\t\nc: d\n',
  'no mapping': '- a\n- b\n',
  nothing: '# nothing\n',
};

describe('what is plain is read as the library reads it', () => {
  test.each(Object.entries(sound))('%s', (_, text) => {
    const [document] = composed(text);
    expect(document?.errors).toEqual([]);
    expect(shape(read(text))).toEqual(shape(document?.contents));
  });

  test('in every text that comes of others by small changes', () => {
    const pieces = [
      ...' \n\t#:-{}[],"\'&*|>!%?\r\\',
      '---\n',
      '...\n',
      '\r\n',
      '  ',
      '# x\n',
      '\ufeff',
      '<<: *b\n',
    ];
    const change = fc.record({
      at: fc.noBias(fc.double({ min: 0, max: 1, noNaN: true })),
      length: fc.nat(2),
      piece: fc.constantFrom('', ...pieces),
    });
    let compared = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(sound)),
        fc.array(change, { maxLength: 3 }),
        (text, changes) => {
          const changed = changes.reduce((before, { at, length, piece }) => {
            const start = Math.floor(at * before.length);
            return before.slice(0, start) + piece + before.slice(start + length);
          }, text);
          const plain = read(changed);
          if (!plain) return;
          compared++;
          const [document, ...others] = composed(changed);
          expect([others.length, document?.errors, document?.warnings]).toEqual([0, [], []]);
          expect(shape(plain)).toEqual(shape(document?.contents));
        },
      ),
      { numRuns: propertyRuns(1000) },
    );
    expect(compared).toBeGreaterThan(100);
  });
});

describe('what the library has words for is left to it', () => {
  test.each(Object.entries(faulty))('%s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  test('nesting without bound', () => {
    const deep = `${'{a: '.repeat(5000)}b${'}'.repeat(5000)}`;
    expect(read(`a: ${deep}\n`)).toBeUndefined();
  });
});

test('a long text is read in short steps', () => {
  const hosts = Array.from(
    { length: 1000 },
    (_, index) => `  web-${index}: { address: a, labels: { b: c } }\n`,
  );
  const steps = readingPlainYaml(`hosts:\n${hosts.join('')}`);
  let yields = 0;
  while (!steps.next().done) yields++;
  expect(yields).toBeGreaterThan(20);
});
