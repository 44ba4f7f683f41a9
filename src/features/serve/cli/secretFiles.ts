import path from 'node:path';
import { fileFault } from '../../../platform/files/fileFault';
import { readToEnd, withRegularFile } from '../../../platform/files/regularFile';
import { decoded } from '../../../platform/redaction/urlSecrets';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import type { Recipient } from '../core/alerts/recipient';
import { parseConsents } from '../core/rules/ruleService';

const mostBytes = 64 * 1024;
const fewestCharacters = 16;

/** The ids of the rules that may run; none without a file. @throws UsageError, MusterError FORMAT */
export async function readConsents({ consents }: { consents?: string }, cwd: string): Promise<Set<string>> {
  return consents === undefined
    ? new Set()
    : parseConsents(await ownText(consents, '--consents', cwd, 0o022));
}

/** The lines of a file that only its owner may read. @throws UsageError naming `option` */
async function secretLines(file: string, option: string, cwd: string): Promise<string[]> {
  return (await ownText(file, option, cwd, 0o077)).split(/\r?\n/);
}

/** The text of a file whose mode gives others none of these rights. @throws UsageError naming `option` */
async function ownText(file: string, option: string, cwd: string, rights: number): Promise<string> {
  const fail = (why: string) => new UsageError(`${option}: ${file}: ${why}`);
  try {
    // Of the file that is read, not of another that is there a moment later.
    return await withRegularFile(path.resolve(cwd, file), async (handle, { mode, uid, size }) => {
      if (process.platform !== 'win32') {
        if ((mode & rights) !== 0) throw fail(t('others may read or write it: chmod 600'));
        if (uid !== 0 && uid !== process.geteuid!()) throw fail(t('it belongs to another user'));
      }
      return (await readToEnd(handle, size, mostBytes)).toString('utf8');
    });
  } catch (error) {
    throw error instanceof UsageError ? error : fail(fileFault(error));
  }
}

/** The token of those who ask. @throws UsageError */
export async function readToken(file: string, cwd: string): Promise<string> {
  const [line = ''] = await secretLines(file, '--token-file', cwd);
  if (/^[\x21-\x7e]+$/.test(line) && line.length >= fewestCharacters) return line;
  throw new UsageError(
    t(
      '--token-file: {0}: its first line is not {1} or more characters without blanks',
      file,
      fewestCharacters,
    ),
  );
}

/** The URL that a text is; undefined for what is none of http or https. */
export function urlOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

/**
 * A URL, or `@FILE`: a URL and after it headers, a line each. What logs in is not given on the command line, which every
 * user of this machine sees. @throws UsageError
 */
export async function readRecipient(text: string, option: string, cwd: string): Promise<Recipient> {
  const isFile = text.startsWith('@');
  const [url = '', ...rest] = isFile ? await secretLines(text.slice(1), option, cwd) : [text];
  const parsed = urlOf(url.trim());
  const shown = isFile ? text : withoutCredentials(text);
  if (!parsed) throw new UsageError(t('{0}: “{1}” is not a URL of http or https', option, shown));
  if (!isFile && (parsed.password !== '' || parsed.username !== '' || withoutCredentials(url) !== url))
    throw new UsageError(t('{0}: a secret does not belong on the command line: give @FILE', option));
  const headers: Record<string, string> = {};
  if (parsed.username !== '' || parsed.password !== '') {
    const pair = [parsed.username, parsed.password].map(decoded).join(':');
    headers.Authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    parsed.username = parsed.password = '';
  }
  for (const line of rest.map((one) => one.trim()).filter((one) => one !== '')) {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~\w]+):\s*([\x20-\x7e]+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(
        t('{0}: {1}: below the URL are headers, such as Authorization: Bearer …', option, text),
      );
    headers[name] = value;
  }
  return { url: parsed.href, headers };
}
