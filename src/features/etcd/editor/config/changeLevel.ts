import type { KeyValue } from '../../core/client/etcdModel';
import type { KeyEntry } from '../../core/keys/keyFolders';
import type { ConfigNode, FolderNode, KeyNode, Level, ParentNode } from './configNodes';

/** A key as it is now: without its value, or gone. */
export interface KeyNow {
  key: Buffer;
  kv: KeyValue | undefined;
}

/** What a change asks for. */
export interface ChangedRows {
  redraw: Set<ConfigNode>;
  /** Folders in which keys came or went. */
  recount: Set<FolderNode>;
}

/**
 * Puts a change into the rows below `parent` that were loaded.
 * @returns the folder whose rows it concerns next, if it is not a row of these
 */
export function changeLevel(
  parent: ParentNode,
  level: Level,
  { kind, bytes }: KeyEntry,
  kv: KeyValue | undefined,
  { redraw, recount }: ChangedRows,
): FolderNode | undefined {
  const { entries, next } = level;
  const { cluster } = parent;
  const index = placeOf(entries, bytes);
  const entry = entries[index];
  const there = entry && bytesOf(entry).equals(bytes) ? entry : undefined;
  if (there?.kind === 'folder') {
    recount.add(there);
    return there;
  }
  // What comes after the rows that are there comes with the next page.
  const isShown = next === undefined || bytes.compare(next) < 0;
  if (there && kv) {
    const before = there.kv;
    if (kv.modRevision > before.modRevision) there.kv = kv;
    // A row whose text stays is not drawn anew: that would take the pointer's work on it away.
    if (there.isExplained || (before.lease === undefined) !== (there.kv.lease === undefined))
      redraw.add(there);
  } else if (there) {
    entries.splice(index, 1);
    redraw.add(parent);
  } else if (kv && isShown) {
    const added: FolderNode | KeyNode =
      kind === 'folder'
        ? { kind: 'folder', cluster, parent, prefix: bytes }
        : { kind: 'key', cluster, parent, kv };
    if (added.kind === 'folder') recount.add(added);
    entries.splice(index, 0, added);
    redraw.add(parent);
  }
  return undefined;
}

/** Takes away a folder that has no keys any more. */
export function removeFolder({ parent, prefix }: FolderNode): void {
  const { entries = [] } = parent.level ?? {};
  const index = placeOf(entries, prefix);
  const entry = entries[index];
  if (entry && bytesOf(entry).equals(prefix)) entries.splice(index, 1);
}

/** The index of the first row that is not before `bytes`: rows are in the order of their bytes. */
function placeOf(entries: readonly (FolderNode | KeyNode)[], bytes: Buffer): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bytesOf(entries[middle]!).compare(bytes) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bytesOf(node: FolderNode | KeyNode): Buffer {
  return node.kind === 'folder' ? node.prefix : node.kv.key;
}
