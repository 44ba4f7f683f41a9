import type { ErrorReport } from '../errors/errors';
import { t } from '../l10n/l10n';

/** The first of results with the same trouble. Where their words differ in names or addresses it says whose they are. */
export function exampleOf<Result extends { host: string; message?: string; error?: ErrorReport | undefined }>(
  group: readonly Result[],
): Result {
  const first = group[0]!;
  const wordsOf = ({ message, error }: Result) => JSON.stringify([message, error?.message, error?.causes]);
  const words = wordsOf(first);
  if (group.every((result) => wordsOf(result) === words)) return first;
  const marked = (text: string) => t('for example on {0}: {1}', first.host, text);
  const { message, error } = first;
  return {
    ...first,
    ...(message !== undefined && { message: marked(message) }),
    ...(error && { error: { ...error, message: marked(error.message) } }),
  };
}

/** Two hosts that fail in the same way differ in their name and address only. */
export function withoutNames(messages: readonly string[], host: string): string {
  const name = new RegExp(`(?<![\\w-])${host.replace(/[^\w-]/g, '\\$&')}(?![\\w-])`, 'g');
  return messages
    .join('\n')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b|\[?[0-9a-f]*:[0-9a-f:]+\]?(:\d+)?/gi, '{address}')
    .replace(name, '{name}');
}
