import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import type { Response } from './exchange';
import type { Header } from './httpRequest';

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What is asked for where a Content-Encoding is wanted. */
export const acceptedEncodings: Header = ['accept-encoding', 'gzip, deflate, br'];

/**
 * The body with its Content-Encoding undone, no faster than it is read, which alone bounds what it swells to.
 * @throws MusterError PROTOCOL
 */
export async function* decodedBody({ headers, body }: Response): AsyncGenerator<Buffer> {
  const encodings = headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.toLowerCase().split(/[\s,]+/))
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
  const pieces = body[Symbol.asyncIterator]() as AsyncGenerator<Buffer, void>;
  if (encodings.length === 0) {
    yield* pieces;
    return;
  }
  // What has no body may say how it would be encoded.
  const first = await pieces.next();
  if (first.done === true) return;
  const { value } = first;
  const [encoding = '', ...more] = encodings;
  const decoder = more.length === 0 && Object.hasOwn(decoders, encoding) ? decoders[encoding]!() : undefined;
  try {
    if (!decoder) throw undecodable(encodings.join(', '));
    const all = async function* (): AsyncGenerator<Buffer> {
      yield value;
      yield* pieces;
    };
    yield* pipeline(all, decoder, () => {}) as Readable as AsyncIterable<Buffer>;
  } catch (error) {
    // Those of the body are ours.
    throw error instanceof MusterError ? error : undecodable(encoding, error);
  } finally {
    body.destroy();
  }
}

function undecodable(encoding: string, cause?: unknown): MusterError {
  return new MusterError(
    'PROTOCOL',
    t('the body cannot be decoded: Content-Encoding {0}', printable(encoding, 40)),
    { phase: 'request', cause },
  );
}
