import { unescape } from 'node:querystring';
import { z } from 'zod';
import { MusterError, reworded, toMusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { Redactor, secretsOf } from '../../../../platform/redaction/redactor';
import { conclude } from '../expectation';
import { addressOf } from '../../../../platform/text/addressOf';
import { type HttpRequest, httpRequest } from '../http/httpRequest';
import { expectSchema, judgeResponse } from '../http/judgeResponse';
import type { Finding, Probe, ProbeContext } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';
import { insecureWarning, tlsOptions, tlsSchema } from '../../../../platform/tls/tlsSettings';
import { socketSchema, wayToSocket } from '../unixSocket';

const maxRedirects = 5;
const defaultMaxBody = 1024 * 1024;

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
    const mismatches = await judgeResponse(host, settings.expect, response, {
      totalMs: total,
      maxBody: settings.maxBody,
    });
    return conclude(
      mismatches.map(({ actual, ...mismatch }) => ({ ...mismatch, actual: redactor.redact(actual) })),
      t('status {0} in {1} ms', response.status, total),
      { ...measured.found, ...(settings.tls?.insecure && { warning: t(insecureWarning) }) },
    );
  } catch (error) {
    throw reworded(toMusterError(error), (text) => redactor.redact(text));
  }
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

export const http: Probe<Settings> = {
  type: 'http',
  description: 'Asks for a URL over HTTP or HTTPS and judges status, headers, body and time.',
  settings,
  socketsOnly: ({ socket }) => socket === undefined,
  run,
};
