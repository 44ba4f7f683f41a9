import { randomInt, randomUUID } from 'node:crypto';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { jsonAt } from '../bodyText';
import type { KeptResponse } from '../httpBatch';
import type { HttpFile } from './httpFile';

/** What variables of a file stand for. */
export interface Values {
  readonly variables: HttpFile['variables'];
  /** Given from outside; they win. */
  readonly given: Readonly<Record<string, string>>;
  /** `{{$secret NAME}}`; undefined where it is unknown. */
  secret(this: void, name: string): Promise<string | undefined>;
  /** What was answered to the request of that name; undefined before it was sent. */
  response(this: void, name: string): KeptResponse | undefined;
  /** Whether nothing was sent yet: what responses will have is left out. */
  readonly isRehearsal?: boolean;
  /** Whether the text is to be the same whenever it is used: only variables of the file stand for something. */
  readonly isConstant?: boolean;
}

/** A text with its variables filled in, and the secrets that are in it. */
export interface FilledIn {
  readonly text: string;
  readonly secrets: readonly string[];
}

const variable = /\{\{([^{}\n]*)\}\}/g;
const fromResponse = /^([\w-]+)\.(?:response|res)\.(body|headers)\.(.+)$/;
/** UTF-16 units that a text may swell to. */
const longest = 64 * 1024 ** 2;

/** The requests whose responses a text needs, each once. */
export function requestsNamedIn(text: string): string[] {
  const names = [...text.matchAll(variable)].flatMap(
    ([, word]) => fromResponse.exec(word!.trim())?.[1] ?? [],
  );
  return [...new Set(names)];
}

/** The names of the secrets in a text, each once. */
export function secretsNamedIn(text: string): string[] {
  const names = [...text.matchAll(variable)].flatMap(
    ([, word]) => /^\$(?:secret|processEnv)\s+(\S+)$/.exec(word!.trim())?.[1] ?? [],
  );
  return [...new Set(names)];
}

/** Fills in `{{name}}`. @throws MusterError USAGE for what stands for nothing */
export async function fillIn(text: string, values: Values, under: readonly string[] = []): Promise<FilledIn> {
  const parts: string[] = [];
  const secrets: string[] = [];
  let end = 0;
  let length = 0;
  for (const { 0: whole, 1: word, index } of text.matchAll(variable)) {
    const value = await valueOf(word!.trim(), values, under);
    secrets.push(...value.secrets);
    parts.push(text.slice(end, index), value.text);
    end = index + whole.length;
    length += value.text.length;
    if (length > longest) throw usage(t('a text with its variables filled in is too long'));
  }
  return { text: parts.join('') + text.slice(end), secrets };
}

async function valueOf(word: string, values: Values, under: readonly string[]): Promise<FilledIn> {
  const { variables, given, secret, response, isRehearsal, isConstant } = values;
  const plain = (text: string): FilledIn => ({ text, secrets: [] });
  if (Object.hasOwn(given, word)) return plain(given[word]!);
  const own = variables.get(word);
  if (own) {
    if (under.includes(word)) throw usage(t('the variable “{0}” stands for itself', printable(word, 60)));
    return fillIn(own.value, values, [...under, word]);
  }
  const [, name, part, path] = fromResponse.exec(word) ?? [];
  if (isConstant && (name !== undefined || word.startsWith('$')))
    throw usage(t('{0} is a secret, or another value each time', `{{${printable(word, 80)}}}`));
  if (name !== undefined && isRehearsal) return plain('');
  if (name !== undefined) {
    const answer = response(name);
    if (!answer)
      throw usage(
        t('“{0}” has not been sent, so {1} stands for nothing', name, `{{${printable(word, 80)}}}`),
      );
    // What a login answers logs in.
    const text = part === 'body' ? inBody(answer, path!, word) : inHeaders(answer, path!, word);
    return { text, secrets: [text] };
  }
  const [function_, ...rest] = word.split(/\s+/);
  if (function_ === '$secret' || function_ === '$processEnv') {
    const found = rest.length === 1 ? await secret(rest[0]!) : undefined;
    if (found !== undefined) return { text: found, secrets: [found] };
    throw usage(t('the secret “{0}” is not known', printable(rest.join(' '), 60)));
  }
  const make = Object.hasOwn(made, function_!) ? made[function_!]!(rest) : undefined;
  if (make !== undefined) return plain(make);
  throw usage(t('{0} stands for nothing: define it with @NAME = VALUE', `{{${printable(word, 80)}}}`));
}

/** What is made when it is asked for. */
const made: Readonly<Record<string, (words: readonly string[]) => string | undefined>> = {
  $guid: () => randomUUID(),
  $uuid: () => randomUUID(),
  $timestamp: () => `${Math.floor(Date.now() / 1000)}`,
  $isoTimestamp: () => new Date().toISOString(),
  $datetime: ([format]) =>
    ({ iso8601: new Date().toISOString(), rfc1123: new Date().toUTCString() })[format ?? 'iso8601'],
  $randomInt: ([from = '0', to = '1000']) => {
    const bounds = [Number(from), Number(to)] as const;
    const isSound =
      bounds.every(Number.isSafeInteger) && bounds[0] < bounds[1] && bounds[1] - bounds[0] < 2 ** 47;
    return isSound ? `${randomInt(...bounds)}` : undefined;
  },
};

function inHeaders({ headers }: KeptResponse, name: string, word: string): string {
  const value = headers[name.toLowerCase()];
  if (value === undefined) throw absent(word);
  return [value].flat().join(', ');
}

const step = /\.([\w-]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/y;

/** `*` is all of it; a path has names and numbers only. */
function inBody({ body = '' }: KeptResponse, path: string, word: string): string {
  if (path === '*') return body;
  if (!path.startsWith('$')) throw absent(word);
  const keys: string[] = [];
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (!match) throw usage(t('{0} is not a path of names and numbers', printable(path, 80)));
    keys.push(match.slice(1).find((part) => part !== undefined)!);
  }
  const value = jsonAt(body, keys);
  if (value === null)
    throw usage(t('{0} stands for nothing: the response is not JSON', `{{${printable(word, 80)}}}`));
  if (value === undefined) throw absent(word);
  return value.startsWith('"') ? (JSON.parse(value) as string) : value;
}

function absent(word: string): MusterError {
  return usage(t('{0} stands for nothing: the response has no such value', `{{${printable(word, 80)}}}`));
}

const usage = (message: string) => new MusterError('USAGE', message);
