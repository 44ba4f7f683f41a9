import { posix } from 'node:path';
import type { FolderEntry } from '../../../platform/transport/files/readFiles';

/** What somebody has typed of a path: the folder to show, and the beginning of a name in it. */
export interface TypedPath {
  folder: string;
  prefix: string;
}

/** `~` stands for `home`; a path that does not begin with a slash is one below it. */
export function readTypedPath(typed: string, home: string): TypedPath {
  const text = typed.trimStart();
  const below = text === '~' ? '' : text.replace(/^~\//, '');
  const whole = text.startsWith('/') ? text : `${home.replace(/\/$/, '')}/${below}`;
  const slash = whole.lastIndexOf('/');
  return { folder: posix.normalize(whole.slice(0, slash + 1)), prefix: whole.slice(slash + 1) };
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * The entries that fit what was typed of their name: those that begin with it, then those that contain it; folders
 * before files. Hidden ones are there when asked for, or when a dot was typed.
 */
export function matchEntries<Entry extends Pick<FolderEntry, 'name' | 'type'>>(
  entries: readonly Entry[],
  prefix: string,
  withHidden: boolean,
): Entry[] {
  const wanted = prefix.toLowerCase();
  const rank = ({ name, type }: Entry) =>
    (name.toLowerCase().startsWith(wanted) ? 0 : 2) + (type === 'folder' ? 0 : 1);
  return entries
    .filter(({ name }) => withHidden || prefix.startsWith('.') || !name.startsWith('.'))
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b) || byName.compare(a.name, b.name));
}
