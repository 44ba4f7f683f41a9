import { isUtf8 } from 'node:buffer';
import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { FileError } from '../../../platform/transport/files/fileError';
import type { FileStats } from '../../../platform/transport/files/fileSession';
import { readFile } from '../../../platform/transport/files/readFiles';
import type { LocalContent } from './localContent';
import { pieceBytes } from './localContent';
import type { LocalItem } from './localTree';
import type { Reached } from './reachedHost';

/** Bytes of a text that is compared at most. */
const longest = pieceBytes;
/** Milliseconds for one comparison; the worst case is quadratic. */
const patience = 2_000;

/** What would be different in a file of the host, as a unified diff, or why that is not shown. @throws MusterError */
export async function differenceOf(
  { files, waiter }: Reached,
  path: string,
  before: FileStats | undefined,
  item: LocalItem,
  content: LocalContent,
): Promise<string> {
  if (item.size > longest || (before?.size ?? 0) > longest) return t('[too large to compare]');
  const after = item.size === 0 ? Buffer.alloc(0) : await content.whole(item);
  let old = Buffer.alloc(0);
  if (before?.isFile())
    try {
      old = (await readFile(files, path, longest, waiter)).bytes as typeof old;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return `[${MusterError.is(error) ? error.message : ''}]`;
    }
  return unifiedDiff(path, old, after, before !== undefined);
}

/** The difference of two contents, if both are texts. */
export async function unifiedDiff(
  path: string,
  old: Uint8Array,
  after: Uint8Array,
  isThere: boolean,
): Promise<string> {
  if (![old, after].every((bytes) => isUtf8(bytes) && !bytes.includes(0))) return t('[binary files differ]');
  const { FILE_HEADERS_ONLY, formatPatch, structuredPatch } = await import('diff');
  const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const from = isThere ? path : '/dev/null';
  const options = { timeout: patience };
  const patch = structuredPatch(from, path, text(old), text(after), undefined, undefined, options);
  return patch ? formatPatch(patch, FILE_HEADERS_ONLY) : t('[too different to compare]');
}
