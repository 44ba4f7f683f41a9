import { MusterError } from '../../../../platform/errors/errors';
import { fileFault } from '../../../../platform/files/fileFault';
import { largestFile, readRegularFile } from '../../../../platform/files/regularFile';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import type { Header, HttpRequest } from '../httpRequest';
import { connectionOf } from './connectionOf';
import { fileInside, inLine } from './fileInside';
import { fillIn, requestsNamedIn, type Values } from './fillIn';
import type { BodyPiece, FileRequest, HttpFile } from './httpFile';

const mostRedirects = 10;

/**
 * The request with its variables filled in and its files read, for one host where responses of that host are in it.
 * @throws MusterError USAGE naming the line
 */
export async function requestOfFile(
  written: FileRequest,
  values: Values,
  folder: string,
  rest: Pick<HttpRequest, 'from' | 'http2' | 'tls' | 'socket' | 'compressed'>,
): Promise<HttpRequest> {
  const secrets: string[] = [];
  const filled = async (text: string, line: number) => {
    try {
      const { text: whole, secrets: found } = await fillIn(text, values);
      secrets.push(...found);
      return whole;
    } catch (error) {
      throw inLine(error, line);
    }
  };
  const headers: Header[] = [];
  for (const { name, value, line } of written.headers) headers.push([name, await filled(value, line)]);
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const body = await bodyOf(written, type, folder, filled);
  return {
    ...rest,
    ...(await connectionOf(written, rest, folder, filled)),
    url: absolute(await filled(written.url, written.line), headers),
    ...{ method: written.method, headers, body, secrets },
    maxRedirects: written.followsRedirects ? mostRedirects : 0,
  };
}

/** A path alone is one of the server that the header names. */
function absolute(url: string, headers: readonly Header[]): string {
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  if (!url.startsWith('/') || host === undefined) return url;
  return `${/:(?:443|8443)$/.test(host) ? 'https' : 'http'}://${host}${url}`;
}

async function bodyOf(
  { body, line }: FileRequest,
  type: string,
  folder: string,
  filled: (text: string, line: number) => Promise<string>,
): Promise<Buffer | undefined> {
  if (body.length === 0) return undefined;
  // Lines of a form are one; parts of a message end as mail has them.
  const newline = /^multipart\//i.test(type) ? '\r\n' : '\n';
  const isForm = /^application\/x-www-form-urlencoded/i.test(type);
  const pieces: Buffer[] = [];
  for (const piece of body) {
    if (pieces.length > 0 && !isForm) pieces.push(Buffer.from(newline));
    if (piece.kind === 'text') {
      const text = await filled(piece.text, line);
      pieces.push(Buffer.from(isForm ? text.trim() : text));
    } else {
      const content = await readBodyFile(piece, folder);
      pieces.push(
        piece.isTemplate ? Buffer.from(await filled(content.toString('utf8'), piece.line)) : content,
      );
    }
  }
  return Buffer.concat(pieces);
}

async function readBodyFile(
  { path: name, line }: BodyPiece & { kind: 'file' },
  folder: string,
): Promise<Buffer> {
  const file = await fileInside(folder, name, line);
  try {
    return await readRegularFile(file, largestFile.input);
  } catch (error) {
    const cause = MusterError.is(error)
      ? error
      : new MusterError('USAGE', t('cannot read {0}: {1}', printable(name, 200), fileFault(error)));
    throw inLine(cause, line);
  }
}

/** The requests that have to be answered before this one is sent, the first first, itself the last. @throws MusterError USAGE */
export function requestsUpTo(wanted: FileRequest, { requests, variables }: HttpFile): FileRequest[] {
  const order: FileRequest[] = [];
  const visit = (request: FileRequest, under: readonly FileRequest[]): void => {
    if (order.includes(request)) return;
    if (under.includes(request))
      throw inLine(new MusterError('USAGE', t('the request needs its own response')), request.line);
    for (const name of namesIn(request, variables)) {
      const other = requests.find((one) => one.name === name);
      if (!other)
        throw inLine(new MusterError('USAGE', t('no request has the name “{0}”', name)), request.line);
      visit(other, [...under, request]);
    }
    order.push(request);
  };
  visit(wanted, []);
  return order;
}

function namesIn({ url, headers, body }: FileRequest, variables: HttpFile['variables']): string[] {
  const texts = [
    url,
    ...headers.map(({ value }) => value),
    ...body.map((piece) => (piece.kind === 'text' ? piece.text : '')),
  ];
  // A variable may stand for a value of a response.
  const seen = new Set<string>();
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (const [, word] of text.matchAll(/\{\{\s*([^{}\s]+)\s*\}\}/g)) {
      const value = variables.get(word!)?.value;
      if (value === undefined || seen.has(word!)) continue;
      seen.add(word!);
      texts.push(value);
    }
    for (const name of requestsNamedIn(text)) seen.add(`\0${name}`);
  }
  return [...seen].filter((one) => one.startsWith('\0')).map((one) => one.slice(1));
}
