import { describe, expect, it } from 'vitest';
import { isSamePin, mostPins, pinOf, readPins } from '../../../../src/features/metrics/editor/pins/pin';
import { pinFigure } from '../../../../src/features/metrics/editor/pins/pinFigure';
import { SeriesStore } from '../../../../src/features/metrics/core/seriesStore';
import { reading, target } from './readings';

const pin = { inventory: 'fleet', host: 'web', source: 'app', series: 'load{of="a"}' };
const at = 1_800_000_000_000;
const load = (value: number, of = 'a') => ({
  ...{ name: 'load', labels: [{ name: 'of', value: of }], kind: 'gauge' as const, value },
});

describe('the pins that the workspace keeps', () => {
  it('are those that make sense, 50 at most', () => {
    expect(readPins([pin, null, { ...pin, host: 1 }, 'web', { ...pin, series: 'x'.repeat(10_001) }])).toEqual(
      [pin],
    );
    expect(readPins({ 0: pin })).toEqual([]);
    expect(readPins(Array.from({ length: 60 }, () => pin))).toHaveLength(mostPins);
  });

  it('are the same by inventory, host, source, name and labels', () => {
    const store = new SeriesStore();
    store.add(target('web'), reading([load(1), load(1, 'b')], { at }));
    const [same, other] = store.all().map((series) => pinOf('fleet', series));
    expect([isSamePin(same!, pin), isSamePin(other!, pin)]).toEqual([true, false]);
    expect(isSamePin({ ...pin, inventory: 'other' }, pin)).toBe(false);
  });
});

describe('a pinned series', () => {
  const web = target('web');
  const known = { target: web, readAt: at, problems: [], problemCount: 0, isComplete: true };
  const figureAfter = (fill: (store: SeriesStore) => void, more: Partial<typeof known> = {}, now = at) => {
    const store = new SeriesStore();
    fill(store);
    return pinFigure(pin, { store, state: { ...known, ...more }, since: 0, now });
  };

  it('is not read yet, then its number', () => {
    const { readAt, ...notYet } = known;
    const store = new SeriesStore();
    expect(pinFigure(pin, { store, state: notYet, since: 0, now: readAt })).toEqual({ isPending: true });
    expect(figureAfter((filled) => filled.add(web, reading([load(4)], { at })))).toEqual({ text: '4' });
  });

  it('is not read yet where its source was last read before it was pinned, for other series', () => {
    const store = new SeriesStore({ isWanted: ({ labels }) => labels[0]?.value === 'b' });
    store.add(web, reading([load(4), load(1, 'b')], { at }));
    const figureSince = (since: number) => pinFigure(pin, { store, state: known, since, now: at });
    expect(figureSince(at)).toEqual({ isPending: true });
    expect(figureSince(at - 1)).toEqual({ gap: 'absent' });
  });

  it('has no number where its source gave none, whatever it was before', () => {
    const before = (store: SeriesStore) => store.add(web, reading([load(4)], { at: at - 1_000 }));
    const then = (series: Parameters<typeof reading>[0]) => (store: SeriesStore) => {
      before(store);
      store.add(web, reading(series, { at }));
    };
    expect(figureAfter(then([]))).toEqual({ gap: 'absent' });
    expect(figureAfter(then([load(NaN)]))).toEqual({ gap: 'nan' });
    expect(figureAfter(then([{ ...load(4), timestampMs: at - 600_000 }]))).toEqual({ gap: 'stale' });
    expect(figureAfter(() => {})).toEqual({ gap: 'absent' });
  });

  it('has the reason where its host could not be read', () => {
    const error = {
      code: 'CONNECT',
      phase: 'connect',
      message: 'refused',
      hint: 'start it',
      causes: [],
    } as const;
    const figure = figureAfter((store) => store.add(web, reading([load(4)], { at })), { error } as never);
    expect(figure).toEqual({ failure: 'refused — start it' });
  });

  it('is stale once its source has not answered for three intervals', () => {
    const { intervalMs } = web.entry;
    const fill = (store: SeriesStore) => store.add(web, reading([load(4)], { at }));
    expect(figureAfter(fill, {}, at + intervalMs * 3)).toEqual({ text: '4' });
    expect(figureAfter(fill, {}, at + intervalMs * 3 + 1)).toEqual({ gap: 'stale' });
  });
});
