import { MusterError, toMusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';

/** Where alerts are sent. */
export interface Recipient {
  readonly url: string;
  /** May hold secrets: never shown. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Posts JSON, and waits for so many milliseconds. @throws Refusal, MusterError */
export async function post(
  { url, headers }: Recipient,
  content: unknown,
  { signal, limitMs }: { signal: AbortSignal; limitMs: number },
): Promise<void> {
  let status: number;
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', redirect: 'manual', body: JSON.stringify(content) },
      headers: { ...headers, 'Content-Type': 'application/json', 'User-Agent': 'muster' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    });
    status = response.status;
    await response.body?.cancel();
  } catch (error) {
    // What fetch says itself is nothing; why is in the cause.
    const cause: unknown = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw toMusterError(cause);
  }
  if (status >= 200 && status < 300) return;
  throw new Refusal(status);
}

/** The recipient has answered something else than that it is well. */
export class Refusal extends MusterError {
  constructor(readonly status: number) {
    super('PROTOCOL', t('it answered with status {0}', status));
  }

  /** The same would be refused again. */
  get isFinal(): boolean {
    return this.status < 500 && this.status !== 408 && this.status !== 429;
  }
}
