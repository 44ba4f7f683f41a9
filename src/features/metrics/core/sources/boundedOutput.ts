import type { Readable } from 'node:stream';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';

/** All that a host sends as UTF-8. @throws MusterError TOO_LARGE, or what breaks the stream */
export async function boundedText(stream: Readable, mostBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes)
      throw new MusterError('TOO_LARGE', t('the host sends more than {0} MB', mostBytes / 1024 / 1024));
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
