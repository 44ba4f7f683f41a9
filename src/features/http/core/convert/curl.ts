import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { shellQuote } from '../../../../platform/text/shellQuote';
import type { Hop } from '../exchange';
import { type HttpRequest, isFraming, shownValue } from '../httpRequest';
import { shellWords } from './shellWords';

/** A request as curl is given it; data that names no file is in bytes. */
export interface CurlRequest {
  url: string;
  method?: string;
  header: string[];
  data?: (string | Buffer)[];
  json?: string;
  form?: string[];
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

interface Reading {
  request: CurlRequest;
  isGet: boolean;
}

type Take = (reading: Reading, value: string) => void;

const data =
  (read: (value: string) => string | Buffer): Take =>
  ({ request }, value) => {
    (request.data ??= []).push(read(value));
  };
const header =
  (name: string): Take =>
  ({ request }, value) =>
    void request.header.push(`${name}: ${value}`);
const ofFile = (value: string) => (value.startsWith('@') ? value : Buffer.from(value));

/** Options that take a value; without one here it says where output goes, or how long to wait. */
const valued: Readonly<Record<string, Take | undefined>> = {
  ...{ '-X': ({ request }, value) => void (request.method = value) },
  ...{ '-H': ({ request }, value) => void request.header.push(value) },
  ...{ '-d': data(ofFile), '--data-ascii': data(ofFile), '--data-binary': data(ofFile) },
  ...{ '--data-raw': data((value) => Buffer.from(value)), '--data-urlencode': data(encoded) },
  ...{ '--json': ({ request }, value) => void (request.json = `${request.json ?? ''}${value}`) },
  ...{ '-F': ({ request }, value) => void (request.form ??= []).push(value) },
  ...{ '-A': header('User-Agent'), '-e': header('Referer') },
  '-b': (reading, value) => {
    if (!value.includes('=')) throw refused(t('cookies of a file'));
    header('Cookie')(reading, value);
  },
  '-u': (reading, value) => {
    if (!value.includes(':')) throw refused(t('a user without a password'));
    header('Authorization')(reading, `Basic ${Buffer.from(value).toString('base64')}`);
  },
  ...{ '--url': ({ request }, value) => void (request.url = value) },
  ...{ '--unix-socket': ({ request }, value) => void (request.unixSocket = value) },
  ...{ '--max-redirs': ({ request }, value) => void (request.maxRedirs = value) },
  ...{ '--cacert': ({ request }, value) => void (request.cacert = value) },
  ...{ '-E': ({ request }, value) => void (request.cert = value) },
  ...{ '--key': ({ request }, value) => void (request.key = value) },
  ...{ '-o': undefined, '-m': undefined, '-w': undefined, '--connect-timeout': undefined },
};

const flags: Readonly<Record<string, ((reading: Reading) => void) | undefined>> = {
  ...{
    '-L': ({ request }) => void (request.location = true),
    '-k': ({ request }) => void (request.insecure = true),
  },
  ...{
    '-I': ({ request }) => void (request.method ??= 'HEAD'),
    '-G': (reading) => void (reading.isGet = true),
  },
  ...{ '--compressed': ({ request }) => void (request.compressed = true) },
  ...{ '--http1.1': ({ request }) => void (request['http1.1'] = true), '--http2': undefined },
  ...{ '-s': undefined, '-S': undefined, '-v': undefined, '-i': undefined, '-f': undefined, '-N': undefined },
  ...{ '-#': undefined, '-O': undefined },
};

const spellings: Readonly<Record<string, string>> = {
  ...{ '--request': '-X', '--header': '-H', '--data': '-d', '--form': '-F', '--user-agent': '-A' },
  ...{ '--referer': '-e', '--cookie': '-b', '--user': '-u', '--cert': '-E', '--output': '-o' },
  ...{ '--max-time': '-m', '--write-out': '-w', '--location': '-L', '--insecure': '-k', '--head': '-I' },
  ...{ '--get': '-G', '--silent': '-s', '--show-error': '-S', '--verbose': '-v', '--include': '-i' },
  ...{ '--fail': '-f', '--no-buffer': '-N', '--progress-bar': '-#', '--remote-name': '-O' },
};

/** The request of a command line of curl, as browsers copy it. @throws MusterError USAGE naming what has no counterpart */
export function fromCurl(command: string): CurlRequest {
  const [program, ...words] = shellWords(command);
  if (program !== 'curl') throw new MusterError('USAGE', t('the command does not begin with curl'));
  const reading: Reading = { request: { url: '', header: [] }, isGet: false };
  const { request } = reading;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('-') || word === '-') {
      if (request.url !== '') throw refused(t('a second URL'));
      request.url = word;
      continue;
    }
    // `-XPOST` is `-X POST`, and `-sL` is `-s -L`.
    const isLong = word.startsWith('--');
    const option = spellings[word] ?? (isLong ? word : word.slice(0, 2));
    const rest = isLong || word.length === 2 ? undefined : word.slice(2);
    if (Object.hasOwn(valued, option)) {
      const value = rest ?? words.shift();
      if (value === undefined) throw refused(t('{0} without a value', option));
      valued[option]?.(reading, value);
    } else if (Object.hasOwn(flags, option)) {
      flags[option]?.(reading);
      if (rest !== undefined) words.unshift(`-${rest}`);
    } else throw refused(printable(option, 40));
  }
  if (request.url === '') throw new MusterError('USAGE', t('the command has no URL'));
  // Whoever copies a request has what frames it as well.
  request.header = request.header.filter((line) => !isFraming(line.split(/[:;]/)[0]!.trim()));
  return reading.isGet ? asQuery(request) : request;
}

function asQuery({ data: pieces = [], ...request }: CurlRequest): CurlRequest {
  const query = pieces.map((one) => one.toString()).join('&');
  const separator = request.url.includes('?') ? '&' : '?';
  return { ...request, url: query === '' ? request.url : `${request.url}${separator}${query}` };
}

/** `content`, `=content` or `name=content`. */
function encoded(value: string): Buffer {
  const [, name, content] = /^([^=@]*)=([^]*)$/.exec(value) ?? [];
  if (content === undefined && value.includes('@')) throw refused(t('data of a file that is to be encoded'));
  const prefix = name === undefined || name === '' ? '' : `${name}=`;
  return Buffer.from(prefix + encodeURIComponent(content ?? value));
}

const refused = (what: string) => new MusterError('USAGE', t('of curl, {0} has no counterpart here', what));

/** A command of curl that sends the same, for a POSIX shell. @throws MusterError USAGE for a body that is not text */
export function toCurl(
  { method, url, headers, body }: Hop,
  { socket, tls, http2, maxRedirects, compressed }: HttpRequest,
  showSecrets = false,
): string {
  const words = ['curl'];
  if (method !== (body ? 'POST' : 'GET')) words.push(...(method === 'HEAD' ? ['--head'] : ['-X', method]));
  for (const header of headers) words.push('-H', `${header[0]}: ${shownValue(header, showSecrets)}`);
  if (body) words.push('--data-raw', textOf(body));
  if (socket !== undefined) words.push('--unix-socket', socket);
  for (const [option, value] of Object.entries({ cacert: tls?.ca, cert: tls?.cert, key: tls?.key }))
    if (value !== undefined) words.push(`--${option}`, value);
  if (tls?.insecure) words.push('--insecure');
  if (!http2) words.push('--http1.1');
  if (compressed) words.push('--compressed');
  if (maxRedirects > 0) words.push('--location', '--max-redirs', `${maxRedirects}`);
  return [...words, url.href].map(shellQuote).join(' ');
}

function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  if (Buffer.from(text).equals(body) && !text.includes('\0')) return text;
  throw new MusterError('USAGE', t('the body is not text, so no command can hold it'));
}
