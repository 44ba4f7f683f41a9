import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AutoCheck, type AutoCheckPort, jittered } from '../../../../src/features/checks/editor/autoCheck';

describe('The interval', () => {
  it('is at most a tenth shorter or longer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5000, max: 86_400_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (ms, random) => {
          expect(Math.abs(jittered(ms, random) - ms)).toBeLessThanOrEqual(ms * 0.1 + 1);
        },
      ),
    );
  });
});

describe('Automatic checks', () => {
  let interval: number | undefined;
  let mayRun: boolean;
  let busy: boolean;
  let begun: { end: () => void; signal: AbortSignal }[];
  let failures: unknown[];
  let auto: AutoCheck;

  beforeEach(() => {
    vi.useFakeTimers();
    [interval, mayRun, busy, begun, failures] = [60_000, true, false, [], []];
    const port: AutoCheckPort = {
      now: Date.now,
      random: () => 0.5,
      interval: () => interval,
      mayRun: () => mayRun,
      isBusy: () => busy,
      check: (signal) => new Promise((end) => begun.push({ end, signal })),
      failed: (error) => failures.push(error),
    };
    auto = new AutoCheck(port);
    auto.update();
  });
  afterEach(() => {
    auto.dispose();
    vi.useRealTimers();
  });

  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('come once an interval', async () => {
    expect(auto.state.kind).toBe('waiting');
    await pass(59_999);
    expect(begun).toHaveLength(0);
    await pass(1);
    expect(auto.state.kind).toBe('checking');
    begun[0]!.end();
    await pass(60_000);
    expect(begun).toHaveLength(2);
  });

  it('never overlap, however long one takes', async () => {
    await pass(600_000);
    auto.update();
    await pass(600_000);
    expect(begun).toHaveLength(1);
  });

  it('pause while nobody looks, and come at once when one is overdue then', async () => {
    mayRun = false;
    auto.update();
    expect(auto.state.kind).toBe('paused');
    await pass(600_000);
    expect(begun).toHaveLength(0);
    mayRun = true;
    auto.update();
    await pass(0);
    expect(begun).toHaveLength(1);
  });

  it('do not hurry when the focus comes back early', async () => {
    await pass(20_000);
    mayRun = false;
    auto.update();
    await pass(10_000);
    mayRun = true;
    auto.update();
    await pass(29_999);
    expect(begun).toHaveLength(0);
    await pass(1);
    expect(begun).toHaveLength(1);
  });

  it('wait for a check that someone asked for', async () => {
    busy = true;
    await pass(62_000);
    expect(begun).toHaveLength(0);
    busy = false;
    await pass(5_000);
    expect(begun).toHaveLength(1);
  });

  it('end when they are switched off, the one under way too', async () => {
    await pass(60_000);
    interval = undefined;
    auto.update();
    expect(begun[0]!.signal.aborted).toBe(true);
    begun[0]!.end();
    await pass(600_000);
    expect(begun).toHaveLength(1);
    expect(auto.state.kind).toBe('off');
  });

  it('end with the window', async () => {
    await pass(60_000);
    auto.dispose();
    expect(begun[0]!.signal.aborted).toBe(true);
    begun[0]!.end();
    await pass(600_000);
    expect(begun).toHaveLength(1);
  });

  it('go on after one that failed', async () => {
    auto.dispose();
    let tries = 0;
    auto = new AutoCheck({
      now: Date.now,
      random: () => 0.5,
      interval: () => 60_000,
      mayRun: () => true,
      isBusy: () => false,
      check: () => Promise.reject(new Error(`try ${++tries}`)),
      failed: (error) => failures.push(error),
    });
    auto.update();
    await pass(120_000);
    expect(tries).toBe(2);
    expect(failures).toHaveLength(2);
  });
});
