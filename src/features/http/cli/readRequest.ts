import path from 'node:path';
import { UsageError } from '../../../shell/cli/exitStatus';
import { readBounded } from '../../../shell/cli/boundedInput';
import type { Cli } from '../../../shell/cli/cli';
import { t } from '../../../shell/cli/l10n';
import { given, readCount } from '../../../shell/cli/options';
import { checkRequest, type Header, type HttpRequest } from '../core/httpRequest';
import { type FormPart, multipart } from '../core/multipart';

/** What of a request is written as options. */
export interface RequestOptions {
  header?: string[];
  data?: (string | Buffer)[];
  json?: string;
  form?: string[];
  method?: string;
  m?: string;
  url?: string;
  from: HttpRequest['from'];
  unixSocket?: string;
  location?: boolean;
  maxRedirs?: string;
  cacert?: string;
  cert?: string;
  key?: string;
  insecure?: boolean;
  'http1.1'?: boolean;
  compressed?: boolean;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
const mostRedirects = 50;

/** The words of the command line: hosts, then a method and a URL. @throws UsageError */
export function readWords(
  words: readonly string[],
  { url, method, m, from }: RequestOptions,
): { selectors: readonly string[]; method: string | undefined; url: string } {
  const left = [...words];
  const place = url ?? left.pop();
  if (place === undefined)
    throw new UsageError(t('which URL? Write it last, as in muster http web http://localhost:8080/'));
  const options = method ?? m;
  // The first word is a host, whatever it is called.
  const mayBeMethod = left.length > (from === 'local' ? 0 : 1) && methods.has(left.at(-1)!);
  const word = options === undefined && mayBeMethod ? left.pop() : undefined;
  if (left.length === 0 && from !== 'local')
    throw new UsageError(t('from which hosts? Name some before the URL, or write --from local'));
  return { selectors: left, method: options ?? word, url: place };
}

/** Whether the last word names a file of requests in place of a URL. */
export function namesFile(word: string | undefined): word is string {
  return word !== undefined && /\.(?:http|rest)$/.test(word) && !word.includes('://');
}

/** The request that the options describe. @throws UsageError, MusterError USAGE */
export async function readRequest(
  { method, url }: { method: string | undefined; url: string },
  options: RequestOptions,
  cli: Cli,
): Promise<HttpRequest> {
  const { from, unixSocket, location, maxRedirs, cacert, cert, key, insecure, compressed = false } = options;
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError(t('--cert and --key belong together'));
  const redirects = given(maxRedirs, (text) => readCount(text, '--max-redirs', mostRedirects)) ?? 10;
  const lines = await Promise.all((options.header ?? []).map((text) => headerLines(text, cli)));
  const { headers, omitted } = readHeaders(lines.flat());
  const { body, defaults } = await readBody(options, cli);
  const names = new Set([...omitted, ...headers.map(([name]) => name)].map((name) => name.toLowerCase()));
  const request: HttpRequest = {
    ...{ url, from, socket: unixSocket, compressed, omitted, body },
    method: method ?? (body ? 'POST' : 'GET'),
    headers: [...defaults.filter(([name]) => !names.has(name)), ...headers],
    http2: !options['http1.1'],
    maxRedirects: location ? redirects : 0,
    tls: { ca: cacert, cert, key, insecure: insecure ?? false },
  };
  checkRequest(request);
  return request;
}

/** The text, or the lines of the file that it names. */
async function headerLines(text: string, cli: Cli): Promise<string[]> {
  if (!text.startsWith('@')) return [text];
  const lines = (await readBounded(text.slice(1), '--header', cli)).toString('utf8').split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '');
}

/** As curl has it, `NAME:` is sent without a value by `NAME;`, and not sent at all as it is. @throws UsageError */
export function readHeaders(lines: readonly string[]): { headers: Header[]; omitted: string[] } {
  const headers: Header[] = [];
  const omitted: string[] = [];
  for (const line of lines) {
    const [, name, separator, value = ''] = /^([^:;\s]+)\s*([:;])(.*)$/s.exec(line) ?? [];
    if (name === undefined || (separator === ';' && value.trim() !== ''))
      // A value may be a secret.
      throw new UsageError(t('--header: what is given is not “NAME: VALUE”'));
    const text = value.replace(/^[\t ]+|[\t ]+$/g, '');
    if (separator === ':' && text === '') omitted.push(name);
    else headers.push([name, text]);
  }
  return { headers, omitted };
}

const jsonHeaders: readonly Header[] = [
  ['content-type', 'application/json'],
  ['accept', 'application/json'],
];

/** @throws UsageError */
async function readBody(
  { data, json, form }: RequestOptions,
  cli: Cli,
): Promise<{ body?: Buffer; defaults: readonly Header[] }> {
  if ([data, json, form].filter((one) => one !== undefined).length > 1)
    throw new UsageError(t('give one of --data, --json and --form'));
  if (json !== undefined) return { body: await readContent(json, '--json', cli), defaults: jsonHeaders };
  if (data) {
    const parts = await Promise.all(data.map((text) => readContent(text, '--data', cli)));
    const body = Buffer.concat(
      parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('&'), part])),
    );
    return { body, defaults: [['content-type', 'application/x-www-form-urlencoded']] };
  }
  if (!form) return { defaults: [] };
  const { type, body } = multipart(await Promise.all(form.map((text) => readField(text, cli))));
  return { body, defaults: [['content-type', type]] };
}

async function readContent(text: string | Buffer, option: string, cli: Cli): Promise<Buffer> {
  if (typeof text !== 'string') return text;
  return text.startsWith('@') ? readBounded(text.slice(1), option, cli) : Buffer.from(text);
}

/** @throws UsageError */
async function readField(text: string, cli: Cli): Promise<FormPart> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new UsageError(t('--form: what is given is not NAME=VALUE'));
  const content = await readContent(value, '--form', cli);
  return { name, content, ...(value.startsWith('@') && { file: path.basename(value.slice(1)) }) };
}
