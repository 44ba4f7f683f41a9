import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { tlsSchema } from '../../../../../platform/tls/tlsSettings';
import { MusterError } from '../../../../../platform/errors/errors';
import type { CredentialRequest, SecretDestination } from '../../../../../platform/host/host';
import { resolvePlaceholders } from '../../../../../platform/inventory/yaml/placeholders';
import { serviceDestination } from '../../../../../platform/host/secretDestination';
import type { Host } from '../../../../../platform/inventory/model';
import { t, text } from '../../../../../platform/l10n/l10n';
import { printable } from '../../../../../platform/text/printable';
import { Redactor } from '../../../../../platform/redaction/redactor';
import {
  brokenAnswer,
  type Endpoint,
  endpointOf,
  get,
  throughSchema,
} from '../../../../../platform/http/endpoint';
import type { CaptureContext, Captured, CaptureOrder, Profiler } from '../profiler';
import { saveStream } from '../saveStream';

const settings = z.strictObject({
  url: z
    .string()
    .regex(/^https?:\/\/./i, text('a URL begins with http:// or https://'))
    .refine(
      (url) => !/^https?:\/\/[^/?#]*@/i.test(url),
      text('a URL holds no user: write “auth”, and the password is asked for'),
    )
    .describe(
      'Where the service serves net/http/pprof, e.g. `http://127.0.0.1:6060`; the path is /debug/pprof by default.',
    ),
  through: throughSchema,
  auth: z
    .strictObject({ username: z.string().min(1).describe('User of HTTP basic authentication.') })
    .optional()
    .describe('HTTP basic authentication. The password is asked for, never written here.'),
  tls: tlsSchema.optional().describe('Trust and client certificate for https.'),
});
type Settings = z.output<typeof settings>;

/** A person may mistype. */
const mostLogins = 3;

/** The last part of the path by kind, where it is another. */
const pages: Readonly<Record<string, string>> = { cpu: 'profile' };

async function capture(
  host: Host,
  { url, through, auth, tls }: Settings,
  order: CaptureOrder,
  context: CaptureContext,
): Promise<Captured> {
  const endpoint = endpointOf(host, url, { through, tls });
  const { kind, hasDuration } = order;
  const folder = endpoint.url.pathname === '/' ? '/debug/pprof' : endpoint.url.pathname.replace(/\/$/, '');
  // The others are what happened since the start of the process, or with seconds the change over them.
  const seconds =
    kind.timed || hasDuration ? `?seconds=${Math.max(1, Math.round(order.durationMs / 1000))}` : '';
  const path = `${folder}/${pages[kind.name] ?? kind.name}${seconds}`;
  const response = await ask(endpoint, path, auth?.username, context);
  context.entered('receiving');
  try {
    await saveStream(response, context.file);
  } catch (error) {
    throw brokenAnswer(host, context.deadline.reason ?? error);
  } finally {
    response.destroy();
  }
  return { command: `GET ${endpoint.url.origin}${path}` };
}

/** Asks with the password where one is wanted, again when it was refused. @throws MusterError */
async function ask(
  endpoint: Endpoint,
  path: string,
  username: string | undefined,
  context: CaptureContext,
): Promise<IncomingMessage> {
  const { host } = endpoint;
  const destination = username === undefined ? undefined : await destinationOf(endpoint, context);
  for (let attempt = 0; ; attempt++) {
    const request =
      username === undefined ? undefined : passwordRequest(endpoint, username, attempt > 0, destination);
    const password = request && (await answerTo(request, context));
    context.entered('recording');
    const credentials = Buffer.from(`${username}:${password}`).toString('base64');
    const headers: Record<string, string> =
      password === undefined ? {} : { authorization: `Basic ${credentials}` };
    const response = await get(endpoint, path, context, headers);
    if (response.statusCode === 200 && !isPage(response)) {
      if (request && password !== undefined) context.authority.accepted?.(request);
      return response;
    }
    const said = new Redactor([password ?? '', credentials]).redact(await beginningOf(response));
    const isLast = username === undefined || password === undefined || attempt + 1 === mostLogins;
    if (response.statusCode !== 401 || isLast) throw refusal(host, response, said, username !== undefined);
  }
}

function passwordRequest(
  { host, url, through }: Endpoint,
  username: string,
  retry: boolean,
  destination: SecretDestination | undefined,
): CredentialRequest {
  const way = through === 'ssh' ? t(' through {0}', host.name) : '';
  return {
    ...{ kind: 'password', echo: false, retry, name: host.name, ...(destination && { destination }) },
    subject: `pprof ${username}@${url.origin}${way}`,
    prompt: t('Password of {0} for {1}{2}', username, url.origin, way),
  };
}

function destinationOf(
  { host, url, through, tls }: Endpoint,
  { transport, deadline, directory }: CaptureContext,
): Promise<SecretDestination> {
  const filled = (value: string | undefined) => value && resolvePlaceholders(value, host);
  const isSecure = url.protocol === 'https:' && tls !== undefined;
  const service = {
    through: through === 'ssh' ? host : undefined,
    tls: isSecure ? { ...tls, ca: filled(tls.ca), serverName: filled(tls.serverName) } : undefined,
    directory,
  };
  return serviceDestination(service, transport, deadline);
}

async function answerTo(
  request: CredentialRequest,
  { authority, deadline }: CaptureContext,
): Promise<string | undefined> {
  const resume = deadline.pause();
  try {
    return await authority.credential(request, deadline.signal);
  } finally {
    resume();
  }
}

const isPage = ({ headers }: IncomingMessage) => /^text\/html\b/.test(headers['content-type'] ?? '');

/** What an answer that is no profile says. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  response.once('data', () => setImmediate(() => response.destroy()));
  let begin = '';
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      begin += chunk.toString();
      if (begin.length > 500) break;
    }
  } catch {
    // As much as there is.
  }
  response.destroy();
  return printable(begin, 200);
}

function refusal(host: Host, response: IncomingMessage, said: string, hasUser: boolean): MusterError {
  const status = response.statusCode ?? 0;
  const details = { host: host.name, phase: 'request' } as const;
  if (status === 401 || status === 403)
    return new MusterError('AUTH', t('the service refused with status {0}', status), {
      ...details,
      hint: hasUser
        ? t('Check the user and the password.')
        : t('Set auth.username (--username) where it wants HTTP basic authentication.'),
    });
  if (/duration exceeds/.test(said))
    return new MusterError('PROTOCOL', said, {
      ...details,
      hint: t('Capture for a shorter time, or raise WriteTimeout of the server that serves net/http/pprof.'),
    });
  if (/already in use|could not enable CPU profiling/i.test(said))
    return new MusterError('CONFLICT', said, {
      ...details,
      hint: t('Somebody else profiles it: try again later.'),
    });
  const page = isPage(response) ? t('a page') : said;
  return new MusterError(
    'PROTOCOL',
    t('the answer is not a profile: status {0}{1}', status, page === '' ? '' : `, ${page}`),
    {
      ...details,
      hint: t(
        'Check that the service imports net/http/pprof and serves it at this URL; another path can be part of it.',
      ),
    },
  );
}

export const goPprof: Profiler<Settings> = {
  type: 'go',
  title: 'Go (net/http/pprof)',
  description: 'Asks a Go service that serves net/http/pprof.',
  settings,
  kinds: [
    {
      ...{ name: 'cpu', description: 'Stacks on the CPU', ending: '.pb.gz', timed: true },
      whenEmpty: text('The service was idle: capture under load.'),
    },
    { name: 'heap', description: 'Memory in use and allocated', ending: '.pb.gz', timed: false },
    { name: 'allocs', description: 'Memory allocated since the start', ending: '.pb.gz', timed: false },
    { name: 'goroutine', description: 'Stacks of all goroutines', ending: '.pb.gz', timed: false },
    {
      ...{ name: 'mutex', description: 'Where locks are contended', ending: '.pb.gz', timed: false },
      whenEmpty: text(
        'The service has to call runtime.SetMutexProfileFraction first, or no lock was contended.',
      ),
    },
    {
      ...{ name: 'block', description: 'Where goroutines wait', ending: '.pb.gz', timed: false },
      whenEmpty: text('The service has to call runtime.SetBlockProfileRate first, or nothing has blocked.'),
    },
    {
      ...{ name: 'trace', description: 'Execution trace', ending: '.profile', timed: true },
      refused: {
        message: text(
          'An execution trace is a log of events, not a profile of stacks: no flame graph can be made of it',
        ),
        hint: text(
          'Save it with curl URL/debug/pprof/trace?seconds=5 and look at it with go tool trace; for waiting goroutines capture block or mutex.',
        ),
      },
    },
  ],
  runsCommands: () => false,
  process: 'none',
  capture,
};
