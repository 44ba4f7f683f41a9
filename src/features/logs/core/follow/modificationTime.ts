const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Earlier ones were never set: images and archives have 1970 or 1980. */
const earliestMs = Date.UTC(2001, 0);

/**
 * The modification time that `ls` shows, without its blanks, in milliseconds since 1970; NaN if it cannot be read. Where
 * it shows no more than the day, the latest time that it may mean.
 */
export function modificationTime(shown: string, now = Date.now()): number {
  const full = /^(\d{4}-\d\d-\d\d)(\d\d:\d\d:\d\d)(?:[.,]\d+)?([+-]\d\d)(\d\d)$/.exec(shown);
  if (full) return Date.parse(`${full[1]}T${full[2]}${full[3]}:${full[4]}`);
  const [, monthAndDay, year] = /^([A-Z][a-z]{2}\d{1,2})(?:(\d{4})|\d\d:\d\d)$/.exec(shown) ?? [];
  if (monthAndDay === undefined) return NaN;
  const latestIn = (of: number | string) =>
    Date.parse(`${monthAndDay.slice(0, 3)} ${monthAndDay.slice(3)} ${of} UTC`) + 2 * dayMs;
  if (year !== undefined) return latestIn(year);
  // With a time of day it is of the last six months.
  const thisYear = new Date(now).getUTCFullYear();
  const latest = latestIn(thisYear);
  return latest <= now + 3 * dayMs ? latest : latestIn(thisYear - 1);
}

/**
 * When the lines of a file were written at the latest, by its modification time; Infinity if that says no more than the
 * moment of reading does. In whole hours, so that it seldom changes.
 */
export function writtenBy(modified: number | undefined, now = Date.now()): number {
  if (modified === undefined || !(modified >= earliestMs && modified < now - hourMs)) return Infinity;
  return Math.ceil(modified / hourMs) * hourMs;
}

/** When the lines of a file were written at the latest, in milliseconds since 1970, as far as is known now. */
export function latestWrite({ modified }: { readonly modified?: number | undefined }): number {
  const now = Date.now();
  return Math.min(now, writtenBy(modified, now));
}
