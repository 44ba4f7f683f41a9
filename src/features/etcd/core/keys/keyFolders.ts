import { keyText } from './keyText';

/** One level below a prefix: a folder of further keys, or a key. */
export interface KeyEntry {
  readonly kind: 'folder' | 'key';
  /** The prefix of the folder with its separator, or the key. */
  readonly bytes: Buffer;
}

/** The next level of a key below `prefix`; a key that ends with the separator is a key of the folder it names. */
export function entryBelow(prefix: Buffer, key: Buffer, separator: Buffer): KeyEntry {
  const at = key.indexOf(separator, prefix.length);
  if (at < 0 || separator.length === 0) return { kind: 'key', bytes: key };
  const end = at + separator.length;
  // The folder would show nothing but itself.
  if (end === key.length && at === prefix.length) return { kind: 'key', bytes: key };
  return { kind: 'folder', bytes: key.subarray(0, end) };
}

/** What to call the last part of a key or folder: one line, safe to show, never empty. */
export function entryLabel(parent: Buffer, { bytes, kind }: KeyEntry, separator: Buffer): string {
  const end = kind === 'folder' ? bytes.length - separator.length : bytes.length;
  const name = keyText(bytes.subarray(parent.length, Math.max(parent.length, end)));
  // An empty part shows what it ends with.
  return name || (kind === 'folder' ? keyText(separator) : '""');
}
