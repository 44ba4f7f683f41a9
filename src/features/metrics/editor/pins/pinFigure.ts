import { figureText } from '../../core/figureText';
import type { FollowedState } from '../../core/metricFollower';
import type { Gap } from '../../core/rates';
import type { SeriesStore } from '../../core/seriesStore';
import { reasonOf } from '../reasonOf';
import { type Pin, pinOf } from './pin';

/** What is known of a pinned series: its number as people read it, why there is none, or that it is not read yet. */
export type PinFigure =
  | { readonly text: string }
  | { readonly gap: Gap }
  | { readonly failure: string }
  | { readonly isPending: true };

/** A number that is older than so many of its source's intervals says nothing about now. */
const intervalsHeld = 3;
/** Short intervals are kept late while the machine is busy. */
const leastHeldMs = 5_000;

/** What a figure is taken from. Times are in milliseconds since 1970. */
export interface FigureSource {
  readonly store: SeriesStore;
  readonly state: FollowedState;
  /** A reading that is not later says nothing of the series, which was not kept then. */
  readonly since: number;
  readonly now: number;
}

/** The present figure of a series, never an old one. */
export function pinFigure(pin: Pin, { store, state, since, now }: FigureSource): PinFigure {
  if (state.error) return { failure: reasonOf(state.error) };
  if (state.readAt === undefined || state.readAt <= since) return { isPending: true };
  if (now - state.readAt > Math.max(leastHeldMs, state.target.entry.intervalMs * intervalsHeld))
    return { gap: 'stale' };
  const series = store
    .all()
    .find(
      (one) => one.host === pin.host && one.source === pin.source && pinOf('', one).series === pin.series,
    );
  if (!series) return { gap: 'absent' };
  const { unit, isRate } = series;
  const { value, gap } = store.latest(series.id, false);
  return gap ? { gap } : { text: figureText(value, { unit, isRate }) };
}
