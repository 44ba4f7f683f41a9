import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { momentOf, type Recurring, Schedule } from '../../../../src/features/serve/core/schedule';
import { Slots } from '../../../../src/features/serve/core/slots';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => vi.useRealTimers());

/** What is done, at which millisecond. */
class Log {
  readonly at: { key: string; ms: number }[] = [];
  private readonly startedAt = performance.now();

  note(key: string): void {
    this.at.push({ key, ms: performance.now() - this.startedAt });
  }

  of(key: string): number[] {
    return this.at.filter((one) => one.key === key).map(({ ms }) => ms);
  }
}

const many = (count: number, intervalMs: number): Recurring[] =>
  Array.from({ length: count }, (_, index) => ({ key: `host-${index}\0health`, intervalMs }));

/** Work that takes that long, in fake time. */
const taking = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

describe('A schedule', () => {
  it('spreads checks evenly over their interval, from the first one on', async () => {
    const log = new Log();
    const schedule = new Schedule<Recurring>(new Slots(50), async ({ key }) => log.note(key));
    schedule.replace(many(300, 30_000));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(schedule.begun).toBe(600);
    expect(schedule.missed).toBe(0);
    for (const { key, intervalMs } of many(300, 30_000)) {
      const [first, second] = log.of(key);
      expect(first).toBeCloseTo(momentOf(key) * intervalMs, -1);
      expect(second! - first!).toBeCloseTo(intervalMs, -1);
    }
  });

  it('has moments of 5,000 checks that leave no second of 30 empty or crowded', () => {
    const seconds = new Array<number>(30).fill(0);
    for (const { key } of many(5_000, 1)) seconds[Math.floor(momentOf(key) * 30)]!++;
    // 167 are to be expected, with a deviation of 13.
    expect(Math.min(...seconds)).toBeGreaterThan(110);
    expect(Math.max(...seconds)).toBeLessThan(230);
  });

  it('keeps the moments of a key, whatever else there is', () => {
    const moments = new Set(many(1_000, 1).map(({ key }) => momentOf(key)));
    expect(moments.size).toBe(1_000);
    expect(momentOf('a\0b')).toBe(momentOf('a\0b'));
  });

  it('lets nothing overlap itself, and counts what it misses', async () => {
    const log = new Log();
    let underWay = 0;
    let most = 0;
    const schedule = new Schedule<Recurring>(new Slots(10), async ({ key }) => {
      log.note(key);
      most = Math.max(most, ++underWay);
      await taking(2_500);
      underWay--;
    });
    schedule.replace([{ key: 'slow', intervalMs: 1_000 }]);
    await vi.advanceTimersByTimeAsync(12_000);
    const [first, second] = log.of('slow');
    expect(most).toBe(1);
    expect(second! - first!).toBe(3_000);
    expect(log.of('slow').length).toBe(4);
    expect(schedule.missed).toBeGreaterThanOrEqual(6);
  });

  it('begins at its moments, however long the work takes within its interval', async () => {
    const log = new Log();
    let next = 0;
    const schedule = new Schedule<Recurring>(new Slots(10), async ({ key }) => {
      log.note(key);
      await taking([10, 700, 300, 990][next++ % 4]!);
    });
    schedule.replace([{ key: 'ping', intervalMs: 1_000 }]);
    await vi.advanceTimersByTimeAsync(20_000);
    const at = log.of('ping');
    expect(at).toEqual(at.map((_, index) => at[0]! + index * 1_000));
    expect(schedule.missed).toBe(0);
  });

  it('lets none wait for a slot behind ever more, but begins late and says how late', async () => {
    const schedule = new Schedule<Recurring>(new Slots(1), () => taking(1_000));
    schedule.replace(many(10, 5_000));
    await vi.advanceTimersByTimeAsync(100_000);
    expect(schedule.underWay).toBeLessThanOrEqual(10);
    expect(schedule.begun).toBeGreaterThan(95);
    expect(schedule.missed).toBeGreaterThan(50);
    const { counts, sum } = schedule.lateness;
    expect(counts.reduce((all, one) => all + one)).toBe(schedule.begun);
    expect(sum).toBeGreaterThan(50);
  });

  it('begins again where it was before a restart, and soon with what is overdue or new', async () => {
    const log = new Log();
    const now = Date.now();
    const schedule = new Schedule<Recurring>(new Slots(10), async ({ key }) => log.note(key));
    const hour = 3_600_000;
    schedule.replace([
      { key: 'recent', intervalMs: hour, lastAt: now - 600_000 },
      { key: 'overdue', intervalMs: hour, lastAt: now - 2 * hour },
      { key: 'new', intervalMs: hour },
      { key: 'of the future', intervalMs: hour, lastAt: now + 10 * hour },
    ]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(log.at.map(({ key }) => key).sort()).toEqual(['new', 'overdue']);
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(log.of('recent')).toEqual([3_000_000]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(log.of('of the future')).toEqual([hour]);
  });

  it('goes on through a reload, without what is gone, and with another interval', async () => {
    const log = new Log();
    const schedule = new Schedule<Recurring>(new Slots(10), async ({ key }) => log.note(key));
    schedule.replace([
      { key: 'stays', intervalMs: 10_000 },
      { key: 'goes', intervalMs: 10_000 },
      { key: 'faster', intervalMs: 60_000 },
    ]);
    await vi.advanceTimersByTimeAsync(60_000);
    const before = log.of('goes').length;
    schedule.replace([
      { key: 'stays', intervalMs: 10_000 },
      { key: 'faster', intervalMs: 1_000 },
    ]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.of('goes').length).toBe(before);
    const gaps = log.of('stays').map((ms, index, all) => ms - (all[index - 1] ?? ms - 10_000));
    expect(gaps.every((gap) => gap === 10_000)).toBe(true);
    expect(log.of('faster').length).toBeGreaterThan(55);
  });

  it('does not overlap itself through a reload with another interval', async () => {
    let underWay = 0;
    let most = 0;
    const schedule = new Schedule<Recurring>(new Slots(10), async () => {
      most = Math.max(most, ++underWay);
      await taking(5_000);
      underWay--;
    });
    schedule.replace([{ key: 'a', intervalMs: 10_000 }]);
    await vi.advanceTimersByTimeAsync(10_000);
    for (const intervalMs of [1_000, 2_000, 1_500]) {
      schedule.replace([{ key: 'a', intervalMs }]);
      await vi.advanceTimersByTimeAsync(7_000);
    }
    expect(most).toBe(1);
  });

  it('stops: what is under way ends, and nothing begins', async () => {
    const log = new Log();
    let ended = 0;
    const schedule = new Schedule<Recurring>(new Slots(1), async ({ key }) => {
      log.note(key);
      await taking(3_000);
      ended++;
    });
    schedule.replace(many(5, 1_000));
    await vi.advanceTimersByTimeAsync(1_500);
    const begun = schedule.begun;
    let isStopped = false;
    void schedule.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(isStopped).toBe(true);
    expect(ended).toBe(begun);
    expect(schedule.begun).toBe(begun);
  });
});
