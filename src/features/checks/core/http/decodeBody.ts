import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import type { HttpResponse } from './responseParser';

const decoders = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/**
 * The response with its Content-Encoding undone, which some servers apply unasked, keeping at most `maxBody`
 * bytes, whatever the body would swell to. @throws MusterError PROTOCOL
 */
export async function decodeBody(response: HttpResponse, maxBody: number): Promise<HttpResponse> {
  const encoding = response.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  if (encoding === 'identity' || response.body.length === 0) return response;
  const decoder = decoders.get(encoding)?.();
  if (!decoder) throw undecodable(encoding);
  decoder.end(response.body);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBody) break;
    }
  } catch (error) {
    // A truncated body lacks its end, and what comes before is good.
    if (!response.truncated) throw undecodable(encoding, error);
  }
  return {
    ...response,
    body: Buffer.concat(chunks).subarray(0, maxBody),
    truncated: response.truncated || size > maxBody,
  };
}

function undecodable(encoding: string, cause?: unknown): MusterError {
  return new MusterError(
    'PROTOCOL',
    t('the body cannot be decoded: Content-Encoding {0}', printable(encoding, 40)),
    {
      phase: 'request',
      hint: t('The service ignores Accept-Encoding: identity; check it or the proxy in front of it.'),
      cause,
    },
  );
}
