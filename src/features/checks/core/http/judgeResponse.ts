import { z } from 'zod';
import type { Host } from '../../../../platform/inventory/model';
import { patternFor, patternSchema } from '../../../../platform/inventory/schema/pattern';
import { t, text } from '../../../../platform/l10n/l10n';
import { isCredentialHeader } from '../../../../platform/redaction/secretNames';
import { hidden } from '../../../../platform/redaction/spans';
import {
  jsonSchema,
  limitSchema,
  matchJson,
  matchLatency,
  matchPattern,
  matchSubstring,
  type Mismatch,
} from '../expectation';
import { decodeBody } from './decodeBody';
import type { HttpResponse } from './responseParser';

const statusSchema = z.union([
  z.number().int().min(100).max(599),
  z.string().regex(/^[1-5]xx$/i, text('a status is a number such as 200, or a class such as 2xx')),
]);

/** What a response must be like. */
export const expectSchema = z
  .strictObject({
    status: z
      .union([statusSchema, z.array(statusSchema).min(1)])
      .optional()
      .describe('Status or class (`2xx`), or a list of them. Default: 200 to 399.'),
    headers: z
      .record(z.string(), patternSchema)
      .optional()
      .describe('Regular expression (RE2) for the value of each header.'),
    body: z.string().optional().describe('Text that the body contains.'),
    bodyMatches: patternSchema.optional().describe('Regular expression (RE2) that matches in the body.'),
    json: jsonSchema
      .optional()
      .describe('JSONPath (RFC 9535) → the value there, or bounds on it: `{ lt: 5, warn: { lt: 3 } }`.'),
    maxLatency: limitSchema(
      text('Slower than this is degraded.'),
      text('Slower than this is unhealthy: from name lookup to the last byte, redirects included.'),
    ).optional(),
  })
  .prefault({});

export type ExpectedResponse = z.output<typeof expectSchema>;

/** What is not as expected. @throws MusterError PROTOCOL for a body that cannot be decoded */
export async function judgeResponse(
  host: Host,
  expect: ExpectedResponse,
  response: HttpResponse,
  { totalMs, maxBody }: { totalMs: number; maxBody: number },
): Promise<Mismatch[]> {
  return [
    ...matchStatus(expect.status, response.status),
    ...matchHeaders(host, expect.headers, response),
    ...(await matchBody(host, expect, response, maxBody)),
    ...matchLatency(expect.maxLatency, totalMs),
  ];
}

function matchStatus(wanted: ExpectedResponse['status'], status: number): Mismatch[] {
  const choices = wanted === undefined ? ['2xx', '3xx'] : [wanted].flat();
  const holds = choices.some((choice) =>
    typeof choice === 'number' ? choice === status : Number(choice[0]) === Math.floor(status / 100),
  );
  return holds
    ? []
    : [{ status: 'unhealthy', expected: t('status {0}', choices.join(t(' or '))), actual: `${status}` }];
}

function matchHeaders(
  host: Host,
  wanted: ExpectedResponse['headers'],
  { headers }: HttpResponse,
): Mismatch[] {
  return Object.entries(wanted ?? {}).flatMap(([name, pattern]) =>
    matchPattern(t('header {0}', name), patternFor(host, pattern), headers.get(name.toLowerCase()) ?? '').map(
      (mismatch) => (isCredentialHeader(name) ? { ...mismatch, actual: hidden } : mismatch),
    ),
  );
}

async function matchBody(
  host: Host,
  expect: ExpectedResponse,
  response: HttpResponse,
  maxBody: number,
): Promise<Mismatch[]> {
  if (expect.body === undefined && !expect.bodyMatches && !expect.json) return [];
  const { body, truncated } = await decodeBody(response, maxBody);
  const text = new TextDecoder().decode(body);
  const mismatches = [
    ...(expect.body === undefined ? [] : matchSubstring(t('a body'), host, expect.body, text)),
    ...(expect.bodyMatches ? matchPattern(t('a body'), patternFor(host, expect.bodyMatches), text) : []),
    ...(expect.json ? matchJson(expect.json, host, text) : []),
  ];
  if (!truncated) return mismatches;
  const actual = t('more than the {0} bytes that maxBody lets be judged', maxBody);
  return mismatches.map((mismatch) => ({ ...mismatch, actual }));
}
