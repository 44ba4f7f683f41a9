import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { patternFor, patternSchema } from '../../../../src/platform/inventory/schema/pattern';
import {
  conclude,
  firstNumber,
  jsonSchema,
  limitSchema,
  matchJson,
  matchLimit,
  matchPattern,
  matchSubstring,
  matchThreshold,
  type Mismatch,
  thresholdSchema,
} from '../../../../src/features/checks/core/expectation';
import type { Host } from '../../../../src/platform/inventory/model';
import { cpuMs } from '../../../harness/cpuMs';
import { unicodeText } from '../../../harness/unicodeText';

const host: Host = {
  name: 'web.01',
  address: '10.0.0.1',
  labels: { env: 'prod' },
  groups: [],
  ssh: {},
  variables: {},
  source: { file: '/muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 },
};

const issuesOf = (schema: z.ZodType, input: unknown) =>
  schema.safeParse(input).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a verdict', () => {
  const degraded: Mismatch = { status: 'degraded', expected: 'a', actual: 'b' };
  const unhealthy: Mismatch = { status: 'unhealthy', expected: 'c', actual: 'd' };

  it('is healthy without mismatches', () => {
    expect(conclude([], 'fine', { phases: { total: 1 } })).toEqual({
      status: 'healthy',
      message: 'fine',
      phases: { total: 1 },
    });
  });

  it('is as bad as the worst mismatch, and tells all of that kind', () => {
    expect(conclude([degraded], '', {})).toMatchObject({ status: 'degraded', message: 'expected a, got b' });
    expect(conclude([degraded, unhealthy, { ...unhealthy, expected: 'e' }], '', {})).toMatchObject({
      status: 'unhealthy',
      message: 'expected c, got d; expected e, got d',
      mismatch: { expected: 'c', actual: 'd' },
    });
  });

  it('shows what a host said on one line, bounded and without control characters', () => {
    fc.assert(
      fc.property(unicodeText(400), (actual) => {
        const { message, mismatch } = conclude([{ ...unhealthy, actual: `\x1b[31m${actual}\u202e` }], '', {});
        expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(message.length).toBeLessThan(200);
        expect(mismatch?.actual.length).toBeLessThanOrEqual(120);
      }),
    );
  });
});

describe('a threshold', () => {
  const holds: Record<string, (value: number, bound: number) => boolean> = {
    lt: (value, bound) => value < bound,
    lte: (value, bound) => value <= bound,
    gt: (value, bound) => value > bound,
    gte: (value, bound) => value >= bound,
    eq: (value, bound) => value === bound,
    ne: (value, bound) => value !== bound,
  };
  const number = fc.integer({ min: -5, max: 5 });

  it('is unhealthy out of its bounds, degraded out of those of warn, else healthy', () => {
    const bounds = fc.dictionary(fc.constantFrom(...Object.keys(holds)), number, {
      minKeys: 1,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(bounds, bounds, number, (critical, warn, value) => {
        const keeps = (all: Record<string, number>) =>
          Object.entries(all).every(([name, bound]) => holds[name]!(value, bound));
        const threshold = thresholdSchema.parse({ ...critical, warn });
        const { status } = conclude(matchThreshold('value', threshold, value), '', {});
        expect(status).toBe(!keeps(critical) ? 'unhealthy' : !keeps(warn) ? 'degraded' : 'healthy');
      }),
    );
  });

  it('is not met by what is no number', () => {
    expect(matchThreshold('value', { lt: 90 }, undefined)).toEqual([
      { status: 'unhealthy', expected: 'value < 90', actual: 'no number' },
    ]);
    expect(matchThreshold('value', { warn: { gte: 1 } }, '7')).toEqual([
      { status: 'degraded', expected: 'value >= 1', actual: '"7"' },
    ]);
  });

  it('needs a bound and knows no others', () => {
    expect(issuesOf(thresholdSchema, {})).toEqual([': needs at least one of lt, lte, gt, gte, eq, ne']);
    expect(issuesOf(thresholdSchema, { lt: 1, warn: {} })).toEqual([
      'warn: needs at least one of lt, lte, gt, gte, eq, ne',
    ]);
    expect(issuesOf(thresholdSchema, { lt: 1, less: 2 })).toEqual([': Unrecognized key: "less"']);
  });
});

describe('a limit in time', () => {
  const schema = limitSchema('warn', 'critical');
  const statusAt = (limit: unknown, ms: number) =>
    conclude(
      matchLimit(
        schema.parse(limit),
        (limitMs) => ms <= limitMs,
        (limitMs) => ({ expected: `${limitMs}`, actual: `${ms}` }),
      ),
      '',
      {},
    ).status;

  it('is critical when given alone', () => {
    expect(statusAt('300ms', 300)).toBe('healthy');
    expect(statusAt('300ms', 301)).toBe('unhealthy');
  });

  it('has a warn and a critical form', () => {
    const limit = { warn: '100ms', critical: '1s' };
    expect([50, 500, 5000].map((ms) => statusAt(limit, ms))).toEqual(['healthy', 'degraded', 'unhealthy']);
    expect(statusAt({ warn: '100ms' }, 5000)).toBe('degraded');
  });

  it('is published as JSON Schema for the text that the user writes', () => {
    expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
      anyOf: [{ type: 'string' }, { type: 'object', additionalProperties: false }],
    });
    expect(schema.safeParse({}).success).toBe(false);
  });
});

describe('a pattern', () => {
  it('matches anywhere, in the syntax of RE2', () => {
    const pattern = patternSchema.parse('(?i)ready|ok');
    expect(matchPattern('a body', pattern, 'all OK here')).toEqual([]);
    expect(matchPattern('a body', pattern, 'down')).toEqual([
      { status: 'unhealthy', expected: 'a body matching /(?i)ready|ok/', actual: '"down"' },
    ]);
  });

  it('may hold placeholders, whose values stand for themselves', () => {
    const pattern = patternFor(host, patternSchema.parse('^{name} \\d{1,3} {{name}}$'));
    expect(pattern.source).toBe('^web\\.01 \\d{1,3} {name}$');
    expect(pattern.test('web.01 220 {name}')).toBe(true);
    expect(pattern.test('web-01 220 {name}')).toBe(false);
  });

  it('that RE2 does not know is refused at load', () => {
    expect(issuesOf(z.strictObject({ banner: patternSchema }), { banner: '(?=x)' })).toEqual([
      expect.stringMatching(/^banner: no RE2 regular expression: .*\(\?=/),
    ]);
  });

  it('takes linear time whatever the host sends', async () => {
    const pattern = patternSchema.parse('^(a+)+$');
    const hostile = () => expect(pattern.test(`${'a'.repeat(50_000)}!`)).toBe(false);
    expect(await cpuMs(hostile)).toBeLessThan(2000);
  });
});

describe('a text that must contain another', () => {
  it('may hold placeholders', () => {
    expect(matchSubstring('a body', host, 'on {name}', 'running on web.01')).toEqual([]);
    expect(matchJson(jsonSchema.parse({ '$.env': '{label.env}' }), host, '{"env":"prod"}')).toEqual([]);
  });

  it('is quoted when it does not', () => {
    expect(matchSubstring('a body', host, 'ok', 'it is ok')).toEqual([]);
    expect(matchSubstring('a body', host, 'ok', ' \n')).toEqual([
      { status: 'unhealthy', expected: 'a body with "ok"', actual: 'nothing' },
    ]);
  });
});

describe('the first number of an output', () => {
  it.each([
    ['93%', 93],
    ['load average: 0.42, 0.31', 0.42],
    ['-7 degrees', -7],
    ['disk-93', 93],
    ['.5', 0.5],
    ['1.5e3', 1500],
    ['none', undefined],
    ['NaN Infinity', undefined],
    ['1e999', undefined],
  ])('of %j is %j', (text, value) => {
    expect(firstNumber(text)).toBe(value);
  });

  it('is any finite number that is printed', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(firstNumber(`value: ${value}\n`)).toBe(value + 0);
      }),
    );
  });
});

describe('expectations on JSON', () => {
  const match = (expectations: unknown, document: string) =>
    matchJson(jsonSchema.parse(expectations), host, document).map(
      ({ status, expected, actual }) => `${status}: ${expected}, got ${actual}`,
    );
  const document = JSON.stringify({
    status: 'up',
    queue: 7,
    nodes: [{ ok: true }, { ok: false }],
    none: null,
  });

  it('hold when each path selects what is expected', () => {
    expect(
      match(
        { '$.status': 'up', '$.queue': 7, '$.nodes[0].ok': true, '$.none': null, "$['queue']": { gt: 1 } },
        document,
      ),
    ).toEqual([]);
  });

  it.each([
    [{ '$.status': 'down' }, 'unhealthy: $.status = "down", got "up"'],
    [{ '$.queue': '7' }, 'unhealthy: $.queue = "7", got 7'],
    [{ '$.queue': { lt: 5 } }, 'unhealthy: $.queue < 5, got 7'],
    [{ '$.queue': { lt: 9, warn: { lt: 5 } } }, 'degraded: $.queue < 5, got 7'],
    [{ '$.missing': 1 }, 'unhealthy: a value at $.missing, got none'],
    [{ '$.nodes[*].ok': true }, 'unhealthy: $.nodes[*].ok = true, got false'],
    [{ '$.nodes': 1 }, 'unhealthy: $.nodes = 1, got [{"ok":true},{"ok":false}]'],
  ])('%j fail', (expectations, message) => {
    expect(match(expectations, document)).toEqual([message]);
  });

  it('hold of JSON behind a byte order mark', () => {
    expect(match({ '$.a': 1 }, '\ufeff{"a":1}')).toEqual([]);
  });

  it('fail on what is no JSON', () => {
    expect(match({ '$.a': 1 }, '<html>')).toEqual(['unhealthy: a JSON body, got "<html>"']);
  });

  it('survive any document, also one nested without end', () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    expect(match({ '$..a': 1 }, deep)).toHaveLength(1);
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(match({ '$..a': 1, '$.b[0]': { lt: 1 } }, json).length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('are refused at load when a path is none, or would run a backtracking expression', () => {
    expect(issuesOf(jsonSchema, { '$[': 1 })).toEqual([expect.stringMatching(/^\$\[: no JSONPath/)]);
    expect(issuesOf(jsonSchema, { "$[?match(@.a, '(a+)+')]": 1 })).toEqual([
      expect.stringMatching(/no JSONPath/),
    ]);
  });
});
