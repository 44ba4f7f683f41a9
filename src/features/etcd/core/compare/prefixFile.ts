import type { Problem } from '../../../../platform/inventory/model';

/** The first line of every file says which version of the format it has. */
export const prefixFileVersion = 'etcd-prefix/1';

/** Largest file that is written and read, in bytes: it is held in memory while it is compared. */
export const maxFileBytes = 64 * 1024 * 1024;
/** Most keys that are read from a file, each of which costs more memory than its text. */
export const maxFileKeys = 200_000;

export type PrefixFileFormat = 'yaml' | 'json';

/** Where the keys of a file come from. */
export interface PrefixFileHeader {
  /** The cluster's name in the inventory. */
  cluster?: string;
  /** What the keys begin with; names in the file are what follows. */
  prefix: Buffer;
  /** All keys are as they were at this revision. */
  revision?: number;
}

/** A key of a file. */
export interface PrefixFileEntry {
  /** What follows the prefix. */
  name: Buffer;
  value: Buffer;
  /** Seconds that its lease was granted for. */
  ttl?: number;
}

/** What a file holds: `entries` in the order of etcd, to be used only when there are no `problems`. */
export interface PrefixFile {
  /** None for a plain mapping, whose nested mappings are folders. */
  header?: PrefixFileHeader;
  entries: PrefixFileEntry[];
  problems: Problem[];
}

/** JSON for names that end with `.json`, else YAML. */
export function formatOfFile(name: string): PrefixFileFormat {
  return /\.json$/i.test(name) ? 'json' : 'yaml';
}
