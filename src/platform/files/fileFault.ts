import { t, text } from '../l10n/l10n';

const reasons: Record<string, string> = {
  ENOENT: text('there is no such file'),
  ENOTDIR: text('there is no such file'),
  EACCES: text('permission denied'),
  EISDIR: text('it is a folder'),
};

/** What is missing or in the way when something is written. */
const reasonsToWrite: Record<string, string> = {
  ...reasons,
  ENOENT: text('its folder does not exist'),
  ENOTDIR: text('a file is where a folder is to be'),
  EEXIST: text('a file is where a folder is to be'),
  ENOSPC: text('no space left on the disk'),
  EDQUOT: text('no space left on the disk'),
  EROFS: text('the file system cannot be written to'),
};

/** Why a file cannot be read, as people say it. */
export function fileFault(error: unknown): string {
  return faultIn(reasons, error);
}

/** Why a file cannot be written or a folder made, as people say it. */
export function writeFault(error: unknown): string {
  return faultIn(reasonsToWrite, error);
}

function faultIn(known: Record<string, string>, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = known[String(code)];
  return reason === undefined ? message : t(reason);
}
