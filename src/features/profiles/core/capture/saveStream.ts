import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MusterError } from '../../../../platform/errors/errors';
import { refuseBomb } from '../../../../platform/files/inflate';
import { t } from '../../../../platform/l10n/l10n';

/** Bytes of one capture, unpacked. */
const maxBytes = 1024 ** 3;

/**
 * Writes what arrives into a new file that only this user reads, unpacking it if told to; what is written only in part
 * is removed. @throws MusterError TOO_LARGE, or what the stream or the file system says
 */
export async function saveStream(source: Readable, file: string, { unpack = false } = {}): Promise<void> {
  let written = 0;
  const gunzip = unpack ? createGunzip() : undefined;
  const bounded = new Transform({
    transform(chunk: Buffer, _, done) {
      written += chunk.length;
      try {
        if (gunzip) refuseBomb(gunzip.bytesWritten, written);
        if (written > maxBytes) throw tooLarge();
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  const sink = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  try {
    if (gunzip) await pipeline(source, gunzip, bounded, sink);
    else await pipeline(source, bounded, sink);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

function tooLarge(): MusterError {
  return new MusterError('TOO_LARGE', t('the profile is larger than 1 GiB'), {
    phase: 'run',
    hint: t('Capture for a shorter time, or at a lower rate.'),
  });
}
