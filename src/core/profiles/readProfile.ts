import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ZodError } from 'zod';
import { MusterError } from '../errors';
import { t, text } from '../l10n';
import { formatError } from './formatError';
import type { Profile } from './profile';
import { isSvg, readFlameGraphSvg } from './readers/flameGraphSvg';
import { isFolded, readFolded } from './readers/folded';
import { readJson } from './readers/json';
import { isPerfHeader, readPerfScript } from './readers/perfScript';
import { readPprof } from './readers/pprof';
import { textLines } from './textLines';

/** Bytes of a compressed file, unpacked. */
const maxUnpacked = 1024 ** 3;
/** Lines that are looked at to tell a format. */
const lookedAt = 200;

/** Formats that are known and not read, by how they begin. */
const notRead: readonly (readonly [begin: string, message: string, hint: string])[] = [
  [
    'PERFILE2',
    text('this is raw data of perf'),
    text('Turn it into text on the machine that it is from: perf script > FILE'),
  ],
  [
    'FLR\0',
    text('this is a recording of the JVM'),
    text('Open it as a flame graph, or capture collapsed stacks with async-profiler.'),
  ],
  ['go 1.', text('this is an execution trace of Go'), text('Look at it with: go tool trace FILE')],
];

/**
 * Reads a profile of any known format, told by its content. All of it happens in one go: in an editor, in a thread of
 * its own. @throws MusterError FORMAT, TOO_LARGE
 */
export async function readProfile(bytes: Uint8Array, name: string): Promise<Profile> {
  try {
    return read(await unpacked(bytes));
  } catch (error) {
    if (error instanceof ZodError)
      throw inFile(name, formatError(t(error.issues[0]!.message), undefined, error));
    throw MusterError.is(error) ? inFile(name, error) : error;
  }
}

async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxUnpacked });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new MusterError('TOO_LARGE', t('the file is larger than 1 GiB once it is unpacked'), {
        cause: error,
      });
    throw formatError(t('the compressed file is damaged, or only a part of it'), undefined, error);
  }
}

function read(bytes: Uint8Array): Profile {
  if (bytes.length === 0) throw formatError(t('the file is empty'), t('Capture the profile again.'));
  const begin = Buffer.from(bytes.subarray(0, 4096));
  for (const [mark, message, hint] of notRead)
    if (begin.toString('latin1', 0, mark.length) === mark) throw formatError(t(message), t(hint));
  const first = begin
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()[0];
  if (first === '{' || first === '[') return readJson(withoutMark(bytes));
  if (isSvg(begin.toString('utf8'))) return readFlameGraphSvg(bytes);
  if (bytes[0] === 0x0a || begin.some(isControl)) return readPprof(bytes);
  let isText = false;
  let number = 0;
  for (const [, line] of textLines(bytes)) {
    if (isPerfHeader(line)) return readPerfScript(bytes);
    isText ||= isFolded(line);
    if (++number === lookedAt) break;
  }
  if (isText) return readFolded(bytes);
  throw formatError(
    t('the file is of no known format'),
    t(
      'Known are pprof, speedscope, .cpuprofile, .heapprofile, Chrome traces, folded stacks, the output of perf script and pictures of flame graphs (SVG).',
    ),
  );
}

/** What no text holds, but for the escapes of terminals. */
const isControl = (byte: number) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b);

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function inFile(name: string, { code, message, hint, cause }: MusterError): MusterError {
  return new MusterError(code, `${name}: ${message}`, { ...(hint !== undefined && { hint }), cause });
}
