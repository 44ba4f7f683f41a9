import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { HttpResult, KeptResponse } from '../../../../src/features/http/core/httpBatch';
import {
  comparedText,
  responsesText,
  responseText,
  type ResponseRecord,
} from '../../../../src/features/http/editor/responseText';
import type { Traced } from '../../../../src/platform/batch/conduct';
import { Redactor } from '../../../../src/platform/redaction/redactor';

const phase = (name: string, value: number) => ({
  ...{ name: 'phase', value, unit: 'ms', attributes: { phase: name } },
});

function answered(
  host: string,
  body: string,
  { status = 200, ...headers }: Record<string, string | number> = {},
): Traced<HttpResult> {
  const response = {
    ...{ status, statusText: status === 200 ? 'OK' : 'Bad Gateway', protocol: 'http/1.1' },
    ...{ url: 'http://a/', redirects: 0, headers, size: body.length, truncated: false, body },
    sha256: createHash('sha256').update(body).digest('hex'),
  };
  return {
    ...{ host, status: 'ok', durationMs: 34, response: response as KeptResponse, traceId: 't' },
    measurements: [phase('connect', 1.2), phase('wait', 30)],
  } as unknown as Traced<HttpResult>;
}

const recordOf = (results: Traced<HttpResult>[], secrets: string[] = []): ResponseRecord => ({
  ...{
    request: 'GET http://a/',
    selector: '@web',
    startedAt: new Date(0),
    isInsecure: false,
    redactor: new Redactor(secrets),
  },
  report: {
    ...{ results, traceId: 'trace-1' },
    summary: { total: results.length, ok: 0, failed: 0, stopped: 0, skipped: 0, durationMs: 40 },
  },
});

const textOf = (result: Traced<HttpResult>, secrets?: string[]) =>
  responseText(recordOf([result], secrets), result);

it('A response whose server was not verified says so before everything that came from it', () => {
  const results = [answered('web-1', 'a'), answered('web-2', 'b')];
  const record = { ...recordOf(results), isInsecure: true };
  const warning = 'certificate verification is off (insecure)';
  expect(responseText(record, results[0]!).text).toMatch(
    new RegExp(`trace-1\\n# ${warning.replace(/[()]/g, '\\$&')}\\n`),
  );
  expect(responsesText(record)).toMatch(/^# Warning +certificate verification is off \(insecure\)$/m);
});

it('A response has its phases, status and headers before a body that is coloured as what it is', () => {
  const type = 'application/json';
  expect(textOf(answered('web-1', '{"a":1}', { 'content-type': type, 'set-cookie': '•••' }))).toEqual({
    extension: '.jsonc',
    text: `// GET http://a/
// web-1 · 200 OK · 34 ms · 7 B
// connect 1.2 ms · wait 30 ms
// 1970-01-01T00:00:00.000Z · trace-1
//
// HTTP/1 200 OK
// content-type: application/json
// set-cookie: •••

{
  "a": 1
}
`,
  });
  const { extension, text } = textOf(
    answered('web-1', '<p>\x1b[2J</p>', { 'content-type': 'text/html', 'x-a': 'a --><script>' }),
  );
  expect(extension).toBe('.html');
  expect(text).toMatch(/^<!--\nGET [^]*x-a: a …<script>\n-->\n\n<p>␛\[2J<\/p>\n$/);
});

it('A response without a body, or with bytes that are not text, is shown as well', () => {
  expect(textOf(answered('a', '')).text).toMatch(/\n# HTTP\/1 200 OK\n$/);
  const bytes = answered('a', '', { 'content-type': 'application/json' });
  Object.assign(bytes.response!, { body: undefined, bodyBase64: '/w==', size: 1 });
  const { extension, text } = textOf(bytes);
  expect([extension, text.split('\n\n')[1]]).toEqual(['.txt', '[1 bytes that are not text]\n']);
});

it('What a server repeats of a secret is not shown, and what else looks like one is', () => {
  const { text } = textOf(answered('a', 'you sent s3cr3t-t0ken; password=hunter2hunter2'), ['s3cr3t-t0ken']);
  expect(text).toContain('you sent •••; password=hunter2hunter2\n');
});

it('Without a response there is what went wrong', () => {
  const error = { code: 'REFUSED', message: 'a:80 refused', causes: ['ECONNREFUSED'], phase: 'connect' };
  const failed = {
    ...answered('a', ''),
    status: 'failed',
    response: null,
    error,
  } as unknown as Traced<HttpResult>;
  const { extension, text } = textOf(failed);
  expect(extension).toBe('.txt');
  expect(text).toContain('# a · REFUSED · 34 ms\n');
  expect(text).toContain('a:80 refused');
});

it('Responses of many hosts are folded, and compared without what differs each time', () => {
  const results = [
    answered('web-1', 'ok', { date: 'now' }),
    answered('web-2', 'ok', { date: 'later' }),
    answered('web-3', 'down', { status: 502 }),
    answered('web-4', 'ok', { status: 502 }),
  ];
  const record = recordOf(results);
  const text = responsesText(record);
  expect(text).toContain('2 hosts: 200, same body; 2: 502, 2 bodies');
  const blocks = text.split(/──── (.*) ────\n/);
  expect(blocks.filter((_, index) => index % 2 === 1)).toEqual([
    'web-3 (1 host) · 502 Bad Gateway',
    'web-4 (1 host) · 502 Bad Gateway',
    'web-[1-2] (2 hosts) · 200 OK',
    'Time for each host, the slowest first',
  ]);
  expect(blocks[6]).toBe('HTTP/1 200 OK\ndate: now\n\n[the same body as web-4]\n\n');
  expect(comparedText(record, results[0]!).text).toBe('# HTTP/1 200 OK\n\nok\n');
});

it('Documents are bounded, however much the hosts have said', () => {
  const long = Array.from({ length: 20 }, (_, index) => answered(`web-${index}`, `${index}`.repeat(300_000)));
  expect(responsesText(recordOf(long)).length).toBeLessThan(4.1 * 1024 ** 2);
  const huge = `[${'[1],'.repeat(2 ** 18)}1]`;
  const { text } = textOf(answered('a', huge, { 'content-type': 'application/json' }));
  expect(text.length).toBeLessThan(4.1 * 1024 ** 2);
});
