import { escapedBytes } from '../core/keys/keyText';
import { UsageError } from '../../../shell/cli/exitStatus';
import type { PasswordOptions } from '../../../shell/cli/terminal/givenPassword';
import { t } from '../../../shell/cli/l10n';
import type { CommonOptions } from '../../../shell/cli/options';

/** Options of every command on etcd, as written. */
export interface EtcdOptions extends CommonOptions, PasswordOptions {
  cluster?: string;
  escaped?: boolean;
  timeout?: string;
  acceptNew?: boolean;
}

/** Options of commands that write. */
export interface WriteOptions extends EtcdOptions {
  ifRevision?: string;
  yes?: boolean;
}

/** A key or a prefix as bytes. @throws UsageError */
export function readKey(text: string, { escaped }: EtcdOptions): Buffer {
  if (!escaped) return Buffer.from(text);
  if (/\\(?!x[\da-f]{2})/i.test(text))
    throw new UsageError(t('"{0}": with --escaped a backslash is written \\x5c', text));
  return escapedBytes(text);
}

/** As `readKey`, of one key. @throws UsageError when it is empty: etcd has no such key */
export function readWholeKey(text: string, options: EtcdOptions): Buffer {
  const key = readKey(text, options);
  if (key.length === 0) throw new UsageError(t('a key has one byte at least'));
  return key;
}

/** @throws UsageError */
export function readRevision(text: string | undefined, option: string, least = 1): number | undefined {
  if (text === undefined) return undefined;
  const revision = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (revision >= least) return revision;
  throw new UsageError(t('{0}: "{1}" is not a number from {2}', option, text, least));
}
