import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { requestText, type WrittenRequest } from './requestText';

const pair = z.object({ name: z.string(), value: z.string() });
const harSchema = z.object({
  log: z.object({
    entries: z
      .array(
        z.object({
          request: z.object({
            method: z.string(),
            url: z.string(),
            headers: z.array(pair).default([]),
            postData: z.object({ text: z.string().optional(), params: z.array(pair).optional() }).optional(),
          }),
        }),
      )
      .max(10_000),
  }),
});

/** Headers that a browser sends to be recognised, or that are decided again. */
const ofBrowser =
  /^(?:host|accept-encoding|sec-.*|dnt|priority|upgrade-insecure-requests|pragma|cache-control)$/i;

/** The requests of an archive (HAR 1.2) as a file of requests, without what logs in. @throws MusterError FORMAT */
export function harToFile(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notHar(error);
  }
  const read = harSchema.safeParse(value);
  if (!read.success) throw notHar(read.error);
  return read.data.log.entries
    .map(({ request: { postData, headers, ...request } }) =>
      requestText({
        ...request,
        headers: headers.filter(({ name }) => !ofBrowser.test(name)),
        body: postData?.text ?? formOf(postData?.params),
      }),
    )
    .join('\n');
}

function notHar(cause: unknown): MusterError {
  return new MusterError('FORMAT', t('it is not an archive of requests (HAR 1.2)'), { cause });
}

function formOf(params: WrittenRequest['headers'] | undefined): string | undefined {
  return (
    params && new URLSearchParams(params.map(({ name, value }): [string, string] => [name, value])).toString()
  );
}
