import { describe, expect, it } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import { EventRate } from '../../../../src/features/etcd/core/watch/eventRate';
import type { WatchEvent } from '../../../../src/features/etcd/core/watch/etcdWatchRecord';
import { exportRows } from '../../../../src/features/etcd/core/watch/watchExport';
import {
  keyOf,
  valuesOf,
  WatchLog,
  type WatchLogLimits,
} from '../../../../src/features/etcd/core/watch/watchLog';
import { type ChangeType, WatchView } from '../../../../src/features/etcd/core/watch/watchView';

const kv = (key: string, value: string, modRevision: number, lease?: string) => ({
  ...{ key: Buffer.from(key), value: Buffer.from(value), modRevision, lease },
  ...{ createRevision: 1, version: modRevision },
});
const put = (revision: number, key: string, value = 'v', before?: string): WatchEvent => ({
  ...{ type: 'put', revision, key: Buffer.from(key), current: kv(key, value, revision) },
  previous: before === undefined ? undefined : kv(key, before, revision - 1),
  previousUnknown: false,
});
const deletion = (revision: number, key: string, before: string, lease?: 'expired'): WatchEvent => ({
  ...{ type: 'delete', revision, key: Buffer.from(key), current: undefined },
  ...{ previous: kv(key, before, revision - 1), previousUnknown: false },
  ...(lease && { lease }),
});

function logOf(events: WatchEvent[], limits: Partial<WatchLogLimits> = {}): WatchLog {
  const log = new WatchLog(limits);
  for (const event of events) log.add({ type: 'events', events: [event] }, event.revision, { time: 1000 });
  return log;
}
const rowsOf = (log: WatchLog) =>
  Array.from({ length: log.end - log.first }, (_, index) => log.at(log.first + index)!);
const keysOf = (log: WatchLog) => rowsOf(log).map((row) => keyOf(row)?.toString());
const all: ChangeType[] = ['put', 'delete', 'expired'];

describe('The log of a watch', () => {
  it('knows of what was changed before it was connected that its time is unknown, and what it lost', () => {
    const log = new WatchLog();
    log.loseEarlier(4, 3, 900);
    log.add({ type: 'connected', endpoint: 'e', revision: 4 }, 4, { time: 1000, pastUntil: 6 });
    const events = [put(5, 'a'), put(6, 'b'), put(7, 'c')];
    log.add({ type: 'events', events }, 7, { time: 1001, pastUntil: 6 });
    expect(rowsOf(log).flatMap((row) => (row.kind === 'event' ? [row.isPast] : []))).toEqual([
      true,
      true,
      false,
    ]);
    expect([...exportRows(rowsOf(log).slice(0, 1))]).toEqual(['{"event":"lost","revision":4,"changes":3}\n']);
    expect([log.events, log.complete]).toEqual([3, 7]);
  });

  it('keeps the newest rows and tells how many it forgot, and up to which revision', () => {
    const log = logOf(
      Array.from({ length: 10 }, (_, index) => put(index + 1, `k${index + 1}`)),
      { rows: 4 },
    );
    expect(keysOf(log)).toEqual(['k7', 'k8', 'k9', 'k10']);
    expect(log.forgotten).toEqual({ rows: 6, revision: 6 });
    expect(log.events).toBe(10);
    expect(log.at(0)).toBeUndefined();
    expect(log.complete).toBe(10);
  });

  it('drops the oldest values beyond its bytes, and keeps their rows with their sizes', () => {
    const log = logOf(
      [1, 2, 3].map((revision) => put(revision, 'k', 'x'.repeat(40), 'y'.repeat(10))),
      {
        valueBytes: 100,
      },
    );
    const [first, second] = rowsOf(log);
    expect(first).toMatchObject({ valuesForgotten: true, sizes: { before: 10, after: 40 } });
    expect(valuesOf(first as never)).toEqual({ before: undefined, after: undefined });
    expect(second).toMatchObject({ valuesForgotten: false });
    expect(log.rowsWithoutValues).toBe(1);
    expect([...exportRows([first!])]).toEqual([
      '{"revision":1,"type":"put","key":"k","valuesForgotten":true}\n',
    ]);
  });

  it('drops rows when their keys alone are too many bytes', () => {
    const log = logOf(
      [1, 2, 3].map((revision) => put(revision, `${revision}`.repeat(40))),
      { keyBytes: 100 },
    );
    expect(log.end - log.first).toBe(2);
    expect(log.forgotten.rows).toBe(1);
  });

  it('has what happened to the watch in its place among the changes', () => {
    const log = logOf([put(5, 'a')]);
    const error = new MusterError('RESET', 'cut');
    log.add({ type: 'disconnected', endpoint: 'e', error, revision: 5 }, 5, { time: 2000 });
    log.add({ type: 'gap', from: 6, to: 9, reason: 'compacted' }, 5, { time: 3000 });
    const change = { key: Buffer.from('b'), previousRevision: undefined, current: kv('b', 'new', 8) };
    const difference = { type: 'difference', revision: 9, deletionsKnown: true } as const;
    log.add({ ...difference, changes: [change], last: false }, 5, { time: 3000 });
    log.add({ ...difference, changes: [], last: true }, 9, { time: 3000 });
    log.add({ type: 'resumed', endpoint: 'e', revision: 9, awayMs: 1000.4 }, 9, { time: 3000 });
    log.fail(new MusterError('AUTH', 'no longer allowed'), 4000);
    expect(rowsOf(log).map(({ kind }) => kind)).toEqual([
      ...['event', 'control', 'control', 'difference', 'control', 'control', 'control'],
    ]);
    expect(log.complete).toBe(9);
    expect(log.aliveAt).toBe(3000);
    expect(
      [...exportRows(rowsOf(log))].map((line) => JSON.parse(line)).map(({ event, type }) => event ?? type),
    ).toEqual(['put', 'disconnected', 'gap', 'difference', 'converged', 'resumed', 'ended']);
  });
});

describe('The view of a log', () => {
  const seen = (view: WatchView) =>
    view
      .rows(view.first, view.end)
      .map(
        ({ row, count }) =>
          `${keyOf(row)?.toString() ?? 'control'}${count === undefined ? '' : ` ×${count}`}`,
      );

  it('shows the newest first, each at a place that it keeps', async () => {
    const log = logOf([put(1, 'a'), put(2, 'b')]);
    const view = new WatchView(log);
    await view.catchUp();
    expect(view.rows(0, 9).map(({ at }) => at)).toEqual([1, 0]);
    log.add({ type: 'events', events: [put(3, 'c')] }, 3);
    await view.catchUp();
    expect(seen(view)).toEqual(['c', 'b', 'a']);
    expect(view.rows(0, 1).map(({ row }) => keyOf(row)?.toString())).toEqual(['a']);
    expect(view.generation).toBe(0);
  });

  it('filters by a part of the key, a regular expression, and the kind of change; never what happened to the watch', async () => {
    const log = logOf([put(1, '/a/One'), deletion(2, '/a/two', 'x'), deletion(3, '/b/one', 'x', 'expired')]);
    log.add({ type: 'gap', from: 4, to: 5, reason: 'compacted' }, 5);
    const view = new WatchView(log);
    const filtered = async (text: string, isRegex: boolean, types: ChangeType[]) => {
      view.setFilter({ text, isRegex, types });
      await view.catchUp();
      return seen(view);
    };
    expect(await filtered('one', false, all)).toEqual(['control', '/b/one', '/a/One']);
    expect(await filtered('^/a/.*o$', true, all)).toEqual(['control', '/a/two']);
    expect(await filtered('', false, ['expired'])).toEqual(['control', '/b/one']);
    expect(() => view.setFilter({ text: '(', isRegex: true, types: all })).toThrow(RangeError);
    expect(seen(view)).toEqual(['control', '/b/one']);
  });

  it('stands still while it is paused, and loses nothing', async () => {
    const log = logOf([put(1, 'a')]);
    const view = new WatchView(log);
    view.pause();
    log.add({ type: 'events', events: [put(2, 'b'), put(3, 'c')] }, 3);
    await view.catchUp();
    expect(seen(view)).toEqual(['a']);
    expect(view.behind).toBe(2);
    view.setFilter({ text: '', isRegex: false, types: all });
    await view.catchUp();
    expect(seen(view)).toEqual(['a']);
    view.resume();
    await view.catchUp();
    expect(seen(view)).toEqual(['c', 'b', 'a']);
  });

  it('groups by key, the last changed first, with the number of its changes', async () => {
    const log = logOf([put(1, 'a'), put(2, 'b'), put(3, 'a'), put(4, 'c')], { rows: 4 });
    const view = new WatchView(log);
    view.setGrouped(true);
    await view.catchUp();
    expect(seen(view)).toEqual(['c ×1', 'a ×2', 'b ×1']);
    log.add({ type: 'events', events: [put(5, 'c'), put(6, 'd')] }, 6);
    await view.catchUp();
    expect(seen(view)).toEqual(['d ×1', 'c ×2', 'a ×2']);
  });

  it('lets go what the log forgot', async () => {
    const log = logOf([], { rows: 50 });
    const view = new WatchView(log);
    for (let revision = 1; revision <= 30_000; revision++) {
      log.add({ type: 'events', events: [put(revision, `k${revision}`)] }, revision);
      if (revision % 1000 === 0) await view.catchUp();
    }
    await view.catchUp();
    expect(seen(view)).toHaveLength(50);
    expect(seen(view)[0]).toBe('k30000');
    expect(view.end - view.first).toBe(50);
  });

  it('filters 100,000 rows without holding others up', async () => {
    const log = logOf(Array.from({ length: 100_000 }, (_, index) => put(index + 1, `/config/app/${index}`)));
    const view = new WatchView(log);
    view.setFilter({ text: '/(app|web)/.*99$', isRegex: true, types: all });
    let turns = 0;
    let isDone = false;
    const other = () => {
      turns++;
      if (!isDone) setImmediate(other);
    };
    setImmediate(other);
    await view.catchUp();
    isDone = true;
    expect(view.end - view.first).toBe(1000);
    // One for each of its slices, whatever the speed of the machine.
    expect(turns).toBeGreaterThan(1);
  });
});

describe('The rate of events', () => {
  it('counts them by second, over the last minute', () => {
    const rate = new EventRate(3);
    rate.add(5, 10_000);
    rate.add(1, 10_900);
    rate.add(2, 12_000);
    expect(rate.read(12_500)).toEqual([6, 0, 2]);
    expect(rate.read(14_000)).toEqual([2, 0, 0]);
    expect(rate.read(99_000)).toEqual([0, 0, 0]);
  });
});
