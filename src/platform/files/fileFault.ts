import { t, text } from '../l10n/l10n';

const reasons: Record<string, string> = {
  ENOENT: text('there is no such file'),
  ENOTDIR: text('there is no such file'),
  EACCES: text('permission denied'),
  EISDIR: text('it is a folder'),
};

/** Why a file cannot be read or written, as people say it. */
export function fileFault(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = reasons[String(code)];
  return reason === undefined ? message : t(reason);
}
