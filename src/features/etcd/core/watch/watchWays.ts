import type { IStatusResponse } from 'etcd3/lib/rpc';

/** How a watch is asked for. */
export interface WatchWay {
  /** Whether etcd looks up what was before each event. */
  previous: boolean;
  /** Whether etcd splits large messages. */
  split: boolean;
  /** How many times as long as usual an answer may take. */
  patience: number;
  /** What it changes, for those who read about it. */
  change: WayChange;
}

export type AskedWay = Omit<WatchWay, 'change'>;

/** What a watch does differently because etcd lives, but does not get a revision across. */
export type WayChange = 'patience' | 'unsplit' | 'unsplitWithoutPrevious' | 'withoutPrevious';

export const ordinaryWay: AskedWay = { previous: true, split: true, patience: 1 };

/**
 * What is tried for a revision that does not come, in this order. To split a message, etcd measures what it has so far
 * once per event, and it looks up the values before one by one: for tens of thousands of keys of one revision that
 * takes minutes, or for ever.
 */
export const otherWays: readonly WatchWay[] = [
  { previous: true, split: true, patience: 5, change: 'patience' },
  { previous: true, split: false, patience: 10, change: 'unsplit' },
  { previous: false, split: false, patience: Infinity, change: 'unsplitWithoutPrevious' },
];

/** When a message that is not split is too large. */
export const lastWay: WatchWay = {
  ...{ previous: false, split: true, patience: Infinity, change: 'withoutPrevious' },
};

/** The way for a revision that is known to delete more keys than etcd can split and look up in a moment. */
export const massDeletionWay = otherWays.at(-1)!;

/** Keys that one revision may delete without that being a matter of seconds for etcd. */
export const manyKeys = 2_000;

/** Bytes of a database whose messages need not be split. */
const smallDatabase = 256 * 1024 * 1024;

/**
 * The way for a range that holds so many keys that one revision may delete too many of them: nothing is lost then on
 * finding out. Messages are not split where all that the member has fits into a few. On etcd 3.4 looking up
 * tens of thousands of values kept a watch silent for more than two minutes.
 */
export function wayForMany({ version, dbSize }: Pick<IStatusResponse, 'version' | 'dbSize'>): AskedWay {
  return { previous: !/^3\.[0-4]\./.test(version), split: Number(dbSize) > smallDatabase, patience: 10 };
}
