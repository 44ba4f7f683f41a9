import type { LogView } from '../../core/logView';
import type { LogsRequests } from '../../protocol/logsPanel';

/** The position of the next match or bookmark from a place on, which goes round the ends; undefined without one. */
export async function foundPlace(
  view: LogView,
  { what, at, direction }: LogsRequests['find']['args'],
  bookmarks: Iterable<number>,
): Promise<number | undefined> {
  if (what === 'match') return (await (direction === 1 ? view.next(at) : view.previous(at)))?.position;
  const places = await Promise.all([...bookmarks].map((seq) => view.positionOf(seq)));
  const sorted = places.filter((place) => place < view.state.end).sort((a, b) => a - b);
  const next = direction === 1 ? sorted.find((place) => place > at) : sorted.findLast((place) => place < at);
  return next ?? (direction === 1 ? sorted[0] : sorted.at(-1));
}
