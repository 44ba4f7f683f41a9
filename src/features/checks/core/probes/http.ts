import { unescape } from 'node:querystring';
import { z } from 'zod';
import { MusterError, reworded, toMusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { hidden } from '../../../../platform/redaction/spans';
import { isCredentialHeader } from '../../../../platform/redaction/secretNames';
import { Redactor, secretsOf } from '../../../../platform/redaction/redactor';
import { patternFor, patternSchema } from '../../../../platform/inventory/schema/pattern';
import {
  conclude,
  jsonSchema,
  limitSchema,
  matchJson,
  matchLatency,
  matchPattern,
  matchSubstring,
  type Mismatch,
} from '../expectation';
import { decodeBody } from '../http/decodeBody';
import { addressOf } from '../../../../platform/text/addressOf';
import { type HttpRequest, httpRequest } from '../http/httpRequest';
import type { HttpResponse } from '../http/responseParser';
import type { Finding, Probe, ProbeContext } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';
import { insecureWarning, tlsOptions, tlsSchema } from '../../../../platform/tls/tlsSettings';
import { socketSchema, wayToSocket } from '../unixSocket';

const maxRedirects = 5;
const defaultMaxBody = 1024 * 1024;

const statusSchema = z.union([
  z.number().int().min(100).max(599),
  z.string().regex(/^[1-5]xx$/i, text('a status is a number such as 200, or a class such as 2xx')),
]);

const expectSchema = z
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

const settings = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/./i, text('a URL begins with http:// or https://'))
      .describe('URL with placeholders, e.g. `http://{address}:8080/health`.'),
    socket: socketSchema,
    method: z
      .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      .default('GET')
      .describe('Request method.'),
    headers: z
      .record(
        z
          .string()
          .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, text('no HTTP header name'))
          .refine(
            (name) => !/^(connection|content-length|transfer-encoding)$/i.test(name),
            text('Muster sets this header itself'),
          ),
        z.string(),
      )
      .default({})
      .describe('Headers to send; values may hold placeholders. Another origin does not get them.'),
    body: z.string().optional().describe('Body to send; may hold placeholders.'),
    followRedirects: z.boolean().default(true).describe(`Follow up to ${maxRedirects} redirects.`),
    maxBody: z
      .number()
      .int()
      .min(0)
      .max(4 * 1024 * 1024)
      .default(defaultMaxBody)
      .describe('Bytes of the body to read at most. Default: 1 MiB.'),
    tls: tlsSchema.optional().describe('Trust and client certificate for https.'),
    expect: expectSchema.describe('What the response must be like.'),
  })
  .refine(
    ({ method, expect }) =>
      method !== 'HEAD' || (expect.body ?? expect.bodyMatches ?? expect.json) === undefined,
    {
      path: ['expect'],
      message: text('the answer to HEAD has no body'),
    },
  );

type Settings = z.output<typeof settings>;
type Expect = Settings['expect'];

async function run(host: Host, settings: Settings, context: ProbeContext): Promise<Finding> {
  const measured = new ProbeMeasurements();
  const { request, secrets } = requestFor(host, settings, context.directory);
  const { socket } = settings;
  if (socket !== undefined) request.way = wayToSocket(socket, host, context, measured);
  // The answer may repeat what it was asked with.
  const redactor = new Redactor(secrets);
  try {
    const response = await httpRequest(request, context.deadline, measured);
    const total = measured.total();
    const { body, truncated } = response;
    measured.record('http.response.body.size', body.length, 'By', truncated ? { truncated } : undefined);
    const mismatches = await judge(host, settings, response, total);
    return conclude(
      mismatches.map(({ actual, ...mismatch }) => ({ ...mismatch, actual: redactor.redact(actual) })),
      t('status {0} in {1} ms', response.status, total),
      { ...measured.found, ...(settings.tls?.insecure && { warning: t(insecureWarning) }) },
    );
  } catch (error) {
    throw reworded(toMusterError(error), (text) => redactor.redact(text));
  }
}

async function judge(
  host: Host,
  { expect, maxBody }: Settings,
  response: HttpResponse,
  totalMs: number,
): Promise<Mismatch[]> {
  return [
    ...matchStatus(expect.status, response.status),
    ...matchHeaders(host, expect.headers, response),
    ...(await matchBody(host, expect, response, maxBody)),
    ...matchLatency(expect.maxLatency, totalMs),
  ];
}

function requestFor(
  host: Host,
  settings: Settings,
  directory: string,
): { request: HttpRequest; secrets: string[] } {
  const url = urlFor(host, settings.url);
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(settings.headers))
    headers.set(name.toLowerCase(), headerValue(host, name, resolvePlaceholders(value, host)));
  const body = settings.body === undefined ? undefined : resolvePlaceholders(settings.body, host);
  const secrets = secretsOf(url, headers, body);
  if (url.username !== '' && !headers.has('authorization')) {
    const credentials = unescape(`${url.username}:${url.password}`);
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
    url.username = url.password = '';
  }
  const { hostname } = url;
  const request: HttpRequest = {
    url,
    method: settings.method,
    headers,
    body,
    maxRedirects: settings.followRedirects ? maxRedirects : 0,
    maxBody: settings.maxBody,
    tlsFor(target) {
      // The client certificate and the name are meant for the host that the user named.
      const { ca, insecure = false } = settings.tls ?? {};
      const tls = target.hostname === hostname ? settings.tls : { ca, insecure };
      return tlsOptions(tls, addressOf(target), host, directory);
    },
  };
  return { request, secrets };
}

function urlFor(host: Host, template: string): URL {
  const address = host.address.includes(':') ? `[${host.address}]` : host.address;
  const text = resolvePlaceholders(template, host, { address });
  try {
    return new URL(text);
  } catch (error) {
    throw new MusterError(
      'INVENTORY',
      t('the url of the check is not a URL once the placeholders are filled in'),
      {
        host: host.name,
        phase: 'inventory',
        hint: t('Check its url, and the address and labels of the host.'),
        cause: error,
      },
    );
  }
}

function headerValue(host: Host, name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\uffff]*$/.test(value)) return value;
  throw new MusterError('INVENTORY', t('the value of the header {0} holds a control character', name), {
    host: host.name,
    phase: 'inventory',
  });
}

function matchStatus(wanted: Expect['status'], status: number): Mismatch[] {
  const choices = wanted === undefined ? ['2xx', '3xx'] : [wanted].flat();
  const holds = choices.some((choice) =>
    typeof choice === 'number' ? choice === status : Number(choice[0]) === Math.floor(status / 100),
  );
  return holds
    ? []
    : [{ status: 'unhealthy', expected: t('status {0}', choices.join(t(' or '))), actual: `${status}` }];
}

function matchHeaders(host: Host, wanted: Expect['headers'], { headers }: HttpResponse): Mismatch[] {
  return Object.entries(wanted ?? {}).flatMap(([name, pattern]) =>
    matchPattern(t('header {0}', name), patternFor(host, pattern), headers.get(name.toLowerCase()) ?? '').map(
      (mismatch) => (isCredentialHeader(name) ? { ...mismatch, actual: hidden } : mismatch),
    ),
  );
}

async function matchBody(
  host: Host,
  expect: Expect,
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

export const http: Probe<Settings> = {
  type: 'http',
  description: 'Asks for a URL over HTTP or HTTPS and judges status, headers, body and time.',
  settings,
  socketsOnly: ({ socket }) => socket === undefined,
  run,
};
