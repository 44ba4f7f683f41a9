import { createGunzip, type Gunzip } from 'node:zlib';
import { MusterError } from '../errors/errors';
import { t } from '../l10n/l10n';

/** Bytes that anything may be unpacked to, however small it is packed. */
const freeBytes = 64 * 1024 ** 2;
/** How many times larger than what was read may be what comes of it: honest profiles have 50 to 100, bombs 1000. */
const mostTimes = 200;

/**
 * Refuses what swells as no honest file does, while it is unpacked.
 * @param read bytes of the packed file so far
 * @param written bytes that came of them
 * @throws MusterError TOO_LARGE
 */
export function refuseBomb(read: number, written: number): void {
  if (written <= freeBytes || written <= read * mostTimes) return;
  throw new MusterError(
    'TOO_LARGE',
    t('the compressed data swells to more than {0} times its size', mostTimes),
    { hint: t('No honest profile does: do not open it, or unpack it yourself and look at it.') },
  );
}

/**
 * Unpacks a gzip file of memory.
 * @param most bytes
 * @throws MusterError TOO_LARGE; Error of zlib for what is damaged
 */
export async function gunzipBounded(packed: Uint8Array, most: number): Promise<Buffer> {
  const gunzip: Gunzip = createGunzip({ chunkSize: 256 * 1024 });
  gunzip.end(packed);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    refuseBomb(gunzip.bytesWritten, size);
    if (size > most)
      throw new MusterError('TOO_LARGE', t('the file is larger than 1 GiB once it is unpacked'));
  }
  return Buffer.concat(chunks, size);
}
