import { MusterError } from '../../../../platform/errors/errors';
import { gunzipBounded } from '../../../../platform/files/inflate';
import { t } from '../../../../platform/l10n/l10n';
import { formatError } from './formatError';
import { withoutIdle } from '../model/idle';
import type { Profile } from '../model/profile';
import { isSvg, readFlameGraphSvg } from './readers/flameGraphSvg';
import { isFolded, readFolded } from './readers/folded';
import { beginsAsJson, readJson } from './readers/json';
import { isPerfScript, readPerfScript } from './readers/perfScript';
import { readPprof } from './readers/pprof';
import { refuseByBegin } from './readers/refusedFormats';
import { textLines } from './textLines';

/** Bytes of a compressed file, unpacked. */
const maxUnpacked = 1024 ** 3;
/** Bytes, and lines that say something with their characters, that are looked at to tell a format. */
const lookedAt = { bytes: 4096, lines: 200, characters: 2 ** 24 };

/**
 * Reads a profile of any known format, told by its content; what is damaged in it is left out and noted. All of it
 * happens in one go: in an editor, in a thread of its own. @throws MusterError FORMAT, TOO_LARGE
 */
export async function readProfile(bytes: Uint8Array, name: string): Promise<Profile> {
  try {
    return withoutIdle(read(await unpacked(bytes)));
  } catch (error) {
    throw MusterError.is(error) ? inFile(name, error) : error;
  }
}

async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await gunzipBounded(bytes, maxUnpacked);
  } catch (error) {
    if (MusterError.is(error)) throw error;
    throw formatError(t('the compressed file is damaged, or only a part of it'), undefined, error);
  }
}

/** What the first of the likely readers makes of it; if none can read it, the most likely one says why. */
function read(file: Uint8Array): Profile {
  const bytes = asUtf8(file);
  const begin = Buffer.from(bytes.subarray(0, lookedAt.bytes));
  const text = begin.toString('utf8');
  if (bytes.length <= begin.length && text.trim() === '')
    throw formatError(t('the file is empty'), t('Capture the profile again.'));
  refuseByBegin(begin);
  let refusal: MusterError | undefined;
  for (const reader of likelyReaders(bytes, begin, text))
    try {
      return reader(bytes);
    } catch (error) {
      if (!MusterError.is(error, 'FORMAT')) throw error;
      refusal ??= error;
    }
  throw refusal ?? unknownFormat(controls(begin) > 0);
}

/** Readers of what a file may be, the most likely one first: its begin alone does not decide, and may be damaged. */
function* likelyReaders(bytes: Uint8Array, begin: Buffer, text: string) {
  const isBinary = controls(begin) > 0;
  if (beginsAsJson(text)) yield readJson;
  if (isSvg(text)) yield readFlameGraphSvg;
  if (isBinary) yield readPprof;
  // A few odd bytes in names do not make binary data of a text.
  if (controls(begin) * 50 > begin.length) return;
  const lines = firstLines(bytes);
  if (isPerfScript(lines)) yield readPerfScript;
  if (lines.some(isFolded)) yield readFolded;
  if (bytes[0] === 0x0a && !isBinary) yield readPprof;
}

/** The first lines that say something. */
function firstLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  let characters = 0;
  for (const [, line] of textLines(bytes)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    characters += line.length;
    if (lines.push(line) === lookedAt.lines || characters > lookedAt.characters) break;
  }
  return lines;
}

/** How many bytes no text holds, but for the escapes of terminals. */
function controls(begin: Uint8Array): number {
  return begin.filter((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)).length;
}

function unknownFormat(isBinary: boolean): MusterError {
  const known = t(
    'Known are pprof, speedscope, .cpuprofile, .heapprofile, Chrome traces, folded stacks, the output of perf script and pictures of flame graphs (SVG).',
  );
  const looksLike = isBinary
    ? t('This is other binary data.')
    : t('This is text, but its lines are neither stacks that end with a weight nor what perf script prints.');
  return formatError(t('the file is of no known format'), `${known} ${looksLike}`);
}

/** Without the mark of its encoding. A text in UTF-16, as PowerShell redirects output, becomes UTF-8. */
function asUtf8(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const encoding = utf16.get(((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0));
  if (encoding === undefined) return bytes;
  const decoder = new TextDecoder(encoding);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += decodedAtOnce)
    parts.push(Buffer.from(decoder.decode(bytes.subarray(at, at + decodedAtOnce), { stream: true })));
  return Buffer.concat(parts);
}

const utf16: ReadonlyMap<number, string> = new Map([
  [0xfffe, 'utf-16le'],
  [0xfeff, 'utf-16be'],
]);
/** Bytes of UTF-16. */
const decodedAtOnce = 2 ** 24;

function inFile(name: string, { code, message, hint, cause }: MusterError): MusterError {
  return new MusterError(code, `${name}: ${message}`, { ...(hint !== undefined && { hint }), cause });
}
