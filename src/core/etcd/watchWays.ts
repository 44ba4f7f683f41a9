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

/** What a watch does differently because etcd lives, but does not get a revision across. */
export type WayChange = 'patience' | 'unsplit' | 'unsplitWithoutPrevious' | 'withoutPrevious';

export const ordinaryWay: Omit<WatchWay, 'change'> = { previous: true, split: true, patience: 1 };

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
