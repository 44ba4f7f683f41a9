import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionsAt, hoverAt } from '../../../../src/platform/inventory/schema/schemaLookup';
import { loadInventory, parseInventory } from '../../../harness/inventories';
import { sections } from '../../../../src/engine/sections';
import { propertyRuns } from '../../../harness/propertyRuns';
import { checks } from '../../../../src/features/checks/core/check';
import { unicodeText } from '../../../harness/unicodeText';

const valid = `defaults:
  ssh: { user: ops, proxyJump: bastion, connectTimeout: 5s }
  timeout: 800ms
hosts:
  bastion: &b { labels: { role: jump } }
  web-[01:03]:
    address: "{name}.example.com"
    labels: { role: web, env: prod }
  db-1: { <<: *b, address: 10.0.0.5, ssh: { port: 2222 } }
groups:
  canary: { hosts: [web-01, "web-0?,!web-03"] }
  web: { select: "role=web,!@canary", children: [canary] }
checks:
  health: { type: http, on: web, url: "http://{address}:8080/{label.env}", expect: { status: 200, json: { "$.s": up } } }
  disk: { type: command, run: "df | awk 'NR==2{print $5+0}'", expect: { value: { lt: 90, warn: { lt: 80 } } } }
  cert: { type: tls, port: 443, expect: { validFor: 14d } }
imports:
  - { ansible: hosts.ini }
  - { sshConfig: config }
`;

const yamlPieces = fc.constantFrom(
  ...[
    'hosts:',
    'groups:',
    'checks:',
    'imports:',
    'defaults:',
    '\n',
    '\n  ',
    '\n    ',
    '\t',
    '- ',
    '? ',
    ': ',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '|\n',
    '>\n',
    '#',
    '&a ',
    '*a',
    '<<: ',
    '!!map ',
    '!x ',
    '---\n',
    '...\n',
    '%YAML 9.9\n',
  ],
  ...[
    'a',
    'web-[1:3]',
    'type: http',
    'select: "@a"',
    'null',
    '~',
    '.nan',
    '1e999',
    '0x1',
    '__proto__: ',
    'constructor: ',
  ],
  ...['\r\n', '\r', '\0', '\uFEFF', '\u2028', '\uD800', '💥'],
);
const nonsense = fc.array(yamlPieces, { maxLength: 40 }).map((pieces) => pieces.join(''));

/** The valid inventory with pieces cut out, doubled or put in. */
const mutated = fc
  .array(fc.tuple(fc.nat(valid.length), fc.nat(30), yamlPieces, fc.boolean()), { minLength: 1, maxLength: 6 })
  .map((edits) =>
    edits.reduce(
      (text, [at, length, piece, cut]) =>
        cut ? text.slice(0, at) + text.slice(at + length) : text.slice(0, at) + piece + text.slice(at),
      valid,
    ),
  );

function expectSound(text: string): void {
  const inventory = parseInventory(text, 'muster.yaml');
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const { message, range } of inventory.problems) {
    expect(message).not.toBe('');
    expect(range.line).toBeGreaterThanOrEqual(1);
    expect(range.line).toBeLessThanOrEqual(lines.length);
    expect(range.column).toBeGreaterThanOrEqual(1);
    expect(range.endLine).toBeGreaterThanOrEqual(range.line);
  }
  const hasErrors = inventory.problems.some(({ severity }) => severity === 'error');
  expect(inventory.hosts.size > 0 || hasErrors).toBe(true);
  for (const check of inventory.section(checks).values())
    for (const host of check.hosts) expect(inventory.hosts.has(host)).toBe(true);
  for (const group of inventory.groups.values())
    for (const host of group.hosts) expect(inventory.hosts.has(host)).toBe(true);
}

describe('fuzzed YAML never crashes', { timeout: 120_000 }, () => {
  it('the unharmed inventory is sound', () => {
    expect(parseInventory(valid, 'muster.yaml').problems).toEqual([]);
  });

  it('whatever it is made of', () => {
    fc.assert(fc.property(nonsense, expectSound), { numRuns: propertyRuns(200) });
    fc.assert(fc.property(unicodeText(200), expectSound), {
      numRuns: propertyRuns(75),
    });
  });

  it('nor does a valid inventory that was damaged', () => {
    fc.assert(fc.property(mutated, expectSound), { numRuns: propertyRuns(75) });
  });

  it('nor do damaged imports', async () => {
    const ini = fc.array(
      fc.constantFrom(
        '[a]',
        '[a:children]',
        '[a:vars]',
        '[',
        'x[1:2]',
        'x[',
        'k=v',
        "'",
        '"',
        '\n',
        ' ',
        '=',
        ':',
        '{{',
        '#',
        'ansible_port=',
        'ansible_ssh_common_args=-J',
        'a',
      ),
      { maxLength: 30 },
    );
    const config = fc.array(
      fc.constantFrom(
        'Host ',
        'Match ',
        'exec "x"',
        'Include ',
        'HostName ',
        '=',
        '"',
        '*',
        '!a',
        'a',
        '\n',
        ' ',
        '%h',
        '\\',
        '\0',
      ),
      { maxLength: 30 },
    );
    const files = (texts: Record<string, string>) => (file: string) =>
      Promise.resolve(texts[file.split('/').at(-1)!] ?? '');
    await fc.assert(
      fc.asyncProperty(ini, nonsense, config, async (iniPieces, yaml, configPieces) => {
        const inventory = await loadInventory('/f/muster.yaml', {
          readFile: files({
            'muster.yaml':
              'hosts: { a: }\nimports: [{ ansible: i.ini }, { ansible: y.yml }, { sshConfig: c }]',
            'i.ini': iniPieces.join(''),
            'y.yml': yaml,
            c: configPieces.join(''),
          }),
          readFolder: () => Promise.resolve([]),
        });
        expect(inventory.hosts.has('a')).toBe(true);
      }),
      { numRuns: propertyRuns(75) },
    );
  });

  it('nor do completion and hover in half-typed text', () => {
    const context = { sections, inventory: parseInventory(valid, 'muster.yaml') };
    fc.assert(
      fc.property(mutated, fc.nat(valid.length), (text, offset) => {
        for (const { start, end, label } of completionsAt(text, offset, context).items) {
          expect(label).not.toBe('');
          expect(0 <= start && start <= end && end <= offset).toBe(true);
        }
        const hover = hoverAt(text, offset, context);
        expect(hover === undefined || hover.start <= offset).toBe(true);
      }),
      { numRuns: propertyRuns(50) },
    );
  });
});
