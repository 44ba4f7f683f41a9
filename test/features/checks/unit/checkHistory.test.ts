import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../../src/features/checks/core/checkBatch';
import { CheckHistory } from '../../../../src/features/checks/editor/checkHistory';
import { figuresOf, sparkline, stateChangesOf } from '../../../../src/features/checks/editor/historyFigures';
import { decodeHistory, encodeHistory } from '../../../../src/features/checks/editor/historyFile';
import type { PastResult } from '../../../../src/features/checks/editor/resultColumns';
import { propertyRuns } from '../../../harness/propertyRuns';

const start = Date.UTC(2026, 10, 23);
const result = (changes: Partial<CheckResult> = {}): CheckResult => ({
  ...{ host: 'web-1', check: 'health', status: 'healthy', latencyMs: 12.5, message: 'status 200' },
  ...changes,
});
const past = (status: PastResult['status'], latencyMs = 1, at = 0): PastResult => ({
  ...{ at, status, latencyMs, message: '' },
});

const pastResults = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
    status: fc.constantFrom('healthy', 'degraded', 'unhealthy'),
    latencyMs: fc.integer({ min: 0, max: 10_000_000 }).map((tenths) => tenths / 10),
    message: fc.string({ maxLength: 100 }),
  }),
  { minLength: 1, maxLength: 120 },
);

describe('The history of a check', () => {
  it('is its last 50 results, whatever they are', () => {
    fc.assert(
      fc.property(pastResults, pastResults, (results, others) => {
        const history = new CheckHistory();
        for (const [index, { at, ...found }] of results.entries()) {
          history.record(result(found), at);
          const other = others[index];
          if (other) history.record(result({ ...other, host: 'web-2' }), other.at);
        }
        expect(history.results('web-1', 'health')).toEqual(results.slice(-50));
        expect(history.lastAt('web-1', 'health')).toBe(results.at(-1)!.at);
      }),
    );
  });

  it('stays when the check becomes another, but its last result does not, nor is it stored', async () => {
    const history = new CheckHistory();
    history.record(result(), start);
    history.record(result({ host: 'web-2' }), start);
    history.supersede((host) => host === 'web-1');
    expect(history.isOutdated).toBe(true);
    expect(history.results('web-1', 'health')).toHaveLength(1);
    expect(['web-1', 'web-2'].map((host) => history.last(host, 'health')?.status)).toEqual([
      undefined,
      'healthy',
    ]);
    const stored = new CheckHistory();
    await decodeHistory(await encodeHistory(history), stored);
    expect(stored.keys()).toEqual([{ host: 'web-2', check: 'health' }]);
    history.record(result({ status: 'unhealthy' }), start + 1000);
    expect(history.last('web-1', 'health')?.status).toBe('unhealthy');
    expect(history.results('web-1', 'health')).toHaveLength(2);
  });

  it('leaves out what was skipped', () => {
    const history = new CheckHistory();
    history.record(result({ status: 'skipped' }), start);
    expect(history.results('web-1', 'health')).toEqual([]);
    history.record(result(), start);
    history.record(result({ status: 'skipped' }), start + 1000);
    expect(history.results('web-1', 'health')).toHaveLength(1);
    expect(history.last('web-1', 'health')?.status).toBe('healthy');
  });

  it('holds no secrets and no long texts', () => {
    const history = new CheckHistory();
    const error = {
      code: 'AUTH',
      message: 'hunter2 was refused',
      causes: ['hunter2', 'b', 'c', 'd'],
    } as const;
    history.record(
      result({
        status: 'unhealthy',
        message: `hunter2 ${'x'.repeat(900)}`,
        error: { ...error, causes: [...error.causes] },
      }),
      start,
      (text) => text.replaceAll('hunter2', '•••'),
    );
    const last = history.last('web-1', 'health')!;
    expect(JSON.stringify([last, history.results('web-1', 'health')])).not.toContain('hunter2');
    expect(last.message).toHaveLength(200);
    expect(last.error).toEqual({ code: 'AUTH', message: '••• was refused', causes: ['•••', 'b', 'c'] });
  });

  it('of 15,000 checks takes a few megabytes, full', () => {
    const before = process.memoryUsage();
    const history = new CheckHistory();
    for (let round = 0; round < 50; round++) {
      for (let index = 0; index < 15_000; index++) {
        const host = `node-${Math.floor(index / 3)}`;
        history.record(result({ host, check: `check-${index % 3}`, latencyMs: round }), start + round * 1000);
      }
    }
    expect(history.size).toBe(15_000);
    expect(history.results('node-4999', 'check-2')).toHaveLength(50);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(16 * 2 ** 20);
  });

  it('survives 70,000 distinct messages: none of those kept is another’s', () => {
    const history = new CheckHistory();
    for (let index = 0; index < 70_000; index++)
      history.record(result({ message: `message ${index}` }), start);
    const kept = history.results('web-1', 'health').map(({ message }) => message);
    for (const [index, message] of kept.entries())
      expect(['', `message ${69_950 + index}`]).toContain(message);
    expect(history.last('web-1', 'health')!.message).toBe('message 69999');
  });
});

describe('The file of a history', () => {
  it('gives back what was written', async () => {
    await fc.assert(
      fc.asyncProperty(pastResults, fc.string({ maxLength: 20 }), async (results, name) => {
        const host = name.replaceAll('\0', '');
        const history = new CheckHistory();
        for (const { at, ...found } of results) history.record(result({ host, ...found }), at);
        const read = new CheckHistory();
        expect(await decodeHistory(await encodeHistory(history), read)).toBe(0);
        expect(read.results(host, 'health')).toEqual(history.results(host, 'health'));
        expect(read.last(host, 'health')).toEqual(history.last(host, 'health'));
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it('comes before what was found while it was read', async () => {
    const stored = new CheckHistory();
    stored.record(result({ status: 'unhealthy' }), start);
    const history = new CheckHistory();
    history.record(result(), start + 5000);
    await decodeHistory(await encodeHistory(stored), history);
    expect(history.results('web-1', 'health').map(({ status }) => status)).toEqual(['unhealthy', 'healthy']);
    expect(history.last('web-1', 'health')!.status).toBe('healthy');
  });

  it('has what two windows found, in the order of time and each once', async () => {
    const found = (...times: readonly (readonly [seconds: number, CheckResult['status']])[]) => {
      const history = new CheckHistory();
      for (const [seconds, status] of times) history.record(result({ status }), start + seconds * 1000);
      return history;
    };
    const own = found([0, 'healthy'], [10, 'degraded'], [30, 'healthy']);
    await decodeHistory(await encodeHistory(found([0, 'healthy'], [20, 'unhealthy'])), own);
    const kept = own.results('web-1', 'health').map(({ at, status }) => [(at - start) / 1000, status]);
    expect(kept).toEqual([
      [0, 'healthy'],
      [10, 'degraded'],
      [20, 'unhealthy'],
      [30, 'healthy'],
    ]);
    expect(own.last('web-1', 'health')!.status).toBe('healthy');
    await decodeHistory(await encodeHistory(found([40, 'unhealthy'])), own);
    expect(own.last('web-1', 'health')!.status).toBe('unhealthy');
  });

  it('is read as far as it makes sense', async () => {
    const stored = new CheckHistory();
    for (const host of ['a', 'b', 'c']) stored.record(result({ host }), start);
    const [head, first, second, third] = (await encodeHistory(stored)).split('\n');
    const damaged = [head, first, second!.slice(0, 40), '[{"host":3},"h",[1],[1],["x"]]', '{}', third].join(
      '\n',
    );
    const history = new CheckHistory();
    expect(await decodeHistory(damaged, history)).toBe(3);
    expect(history.keys().map(({ host }) => host)).toEqual(['a', 'c']);
  });

  it('never brings reading to fall over, whatever it holds', async () => {
    const head = (await encodeHistory(new CheckHistory())).trim();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.json(), fc.string())), async (lines) => {
        await decodeHistory([head, ...lines, ''].join('\n'), new CheckHistory());
      }),
    );
  });

  it('is refused when it is none, or of another version', async () => {
    for (const text of ['', 'x', '{"format":"muster-check-history","version":2}\n']) {
      await expect(decodeHistory(text, new CheckHistory())).rejects.toThrow(RangeError);
    }
  });
});

describe('The figures of a history', () => {
  it('count states, and take percentiles of what answered', () => {
    const results = [
      ...Array.from({ length: 100 }, (_, index) => past('healthy', index + 1)),
      past('unhealthy', 9999),
    ];
    expect(figuresOf(results)).toEqual({
      ...{ total: 101, healthy: 100, degraded: 0, unhealthy: 1 },
      latency: { p50: 50, p95: 95, p99: 99, max: 100 },
    });
    expect(figuresOf([past('unhealthy')]).latency).toBeUndefined();
  });

  it('name each change of state with how long the state before lasted', () => {
    const results = [
      past('healthy', 1, 0),
      past('healthy', 1, 60_000),
      past('unhealthy', 1, 120_000),
      past('healthy', 1, 180_000),
    ];
    expect(stateChangesOf(results)).toEqual([
      { at: 120_000, from: 'healthy', to: 'unhealthy', lastedMs: 120_000 },
      { at: 180_000, from: 'unhealthy', to: 'healthy', lastedMs: 60_000 },
    ]);
    expect(stateChangesOf([])).toEqual([]);
  });

  it('draw one character for each result: low to high, and failures apart', () => {
    expect(
      sparkline([past('healthy', 1), past('degraded', 9), past('unhealthy', 500), past('healthy', 5)]),
    ).toBe('▁█×▅');
    expect(sparkline([past('unhealthy'), past('unhealthy')])).toBe('××');
    fc.assert(
      fc.property(pastResults, (results) => {
        expect(sparkline(results)).toMatch(new RegExp(`^[▁▂▃▄▅▆▇█×]{${results.length}}$`));
      }),
    );
  });
});
