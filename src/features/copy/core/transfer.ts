import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import type { FileSession, Giver } from '../../../platform/transport/files/fileSession';
import { FileError } from '../../../platform/transport/files/fileError';

/** How files are moved, to hosts or from them. */
export interface TransferSettings {
  /** Compare contents by their SHA-256, not size and time. */
  checksum?: boolean;
  /** Change nothing, and say what would be. */
  dryRun?: boolean;
  /** Change nothing, and show what would be different in texts. */
  diff?: boolean;
  /** Keep what is replaced beside it. */
  backup?: boolean;
  /** Keep the part of a file that was sent before the end, and go on after it. */
  resume?: boolean;
  /** Keep the numeric owner and group, which takes root. */
  owners?: boolean;
  /** Have each file brought to the disk before it takes its place. */
  sync?: boolean;
  /** Copy what links lead to and not the links. */
  follow?: boolean;
}

export type ChangeKind = 'new' | 'changed' | 'attributes';

export interface LeftOut {
  path: string;
  reason: string;
}

export interface Change {
  /** Where, on the host or below the folder of the host. */
  path: string;
  kind: ChangeKind;
  /** The difference as a unified diff, or what stands in its place. */
  diff?: string;
}

/** What is counted while files are moved. */
export interface Tally {
  /** Files and links that were, or with `dryRun` would be, new or different. */
  changedFiles: number;
  sameFiles: number;
  /** Bytes that were sent or received, or would be. */
  bytes: number;
  changes: Change[];
  leftOut: LeftOut[];
}

/** Changes that a result lists. */
const mostListed = 10_000;

export const newTally = (): Tally => ({
  changedFiles: 0,
  sameFiles: 0,
  bytes: 0,
  changes: [],
  leftOut: [],
});

/** Whether it was listed, which the first many are. */
export function listChange({ changes }: Tally, change: Change): void {
  if (changes.length < mostListed) changes.push(change);
}

/** Somebody who waits until the answer comes. */
export const patient: Giver = { reason: undefined, onAbort: () => () => {} };

/** What was thrown, with the name of what it is: a full disk is not said by SFTP. @throws it */
export async function orNoSpace<T>(
  files: FileSession,
  folder: string,
  waiter: Giver,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!FileError.of(error, 'failed')) throw error;
    const free = await files.freeSpace(folder, waiter).catch(() => undefined);
    if (!free || free.bytes > files.largestChunk) throw error;
    throw noSpace(files.host, folder, error);
  }
}

export function noSpace(host: string, folder: string, cause?: unknown, needs?: string): FileError {
  const words = t('no space left for {0}', printable(folder, 300));
  return new FileError('noSpace', needs === undefined ? words : `${words}: ${needs}`, {
    ...{ host, cause },
    hint: t('Nothing was replaced. Make room on the host, or copy to another disk.'),
  });
}

const sizes = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
] as const;

/** `1.5 MB` */
export function sizeText(bytes: number): string {
  const [unit, name] = sizes.find(([least]) => bytes >= least) ?? [1, 'B'];
  const amount = bytes / unit;
  return `${amount < 10 && unit > 1 ? amount.toFixed(1) : Math.round(amount)} ${name}`;
}
