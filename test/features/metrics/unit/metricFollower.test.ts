import { afterEach, describe, expect, it } from 'vitest';
import { MetricFollower } from '../../../../src/features/metrics/core/metricFollower';
import { MusterError } from '../../../../src/platform/errors/errors';
import { until } from '../../../harness/until';
import { reading, target } from './readings';

const targets = ['a', 'b', 'c'].map((host) => target(host));
const gauge = (value: number) => [{ name: 'load', labels: [], kind: 'gauge' as const, value }];

let follower: MetricFollower | undefined;
afterEach(() => follower?.dispose());

describe('sources that are followed', () => {
  it('are read again and again, and tried again after a failure', async () => {
    let asked = 0;
    follower = new MetricFollower(
      [targets[0]!],
      () => {
        asked++;
        if (asked === 2) return Promise.reject(new MusterError('REFUSED', 'no'));
        return Promise.resolve(reading(gauge(asked), { at: Date.now() }));
      },
      { intervalMs: 1 },
    );
    const errors: (string | undefined)[] = [];
    follower.onChange(({ error }) => errors.push(error?.code));
    await until('four readings', () => errors.length >= 4);
    expect(errors.slice(0, 4)).toEqual([undefined, 'REFUSED', undefined, undefined]);
    const [series] = follower.store.all();
    const figures = follower.store.points(series!.id).map(({ figure }) => figure);
    expect(figures.slice(0, 4)).toEqual([{ value: 1 }, { gap: 'absent' }, { value: 3 }, { value: 4 }]);
    expect(follower.all()[0]).toMatchObject({ problemCount: 0, isComplete: true });
  });

  it('are never read twice at once, and no more of them than there may be', async () => {
    let underWay = 0;
    let most = 0;
    const readOf = new Map<string, number>();
    follower = new MetricFollower(
      targets,
      async ({ host }) => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        readOf.set(host.name, (readOf.get(host.name) ?? 0) + 1);
        return reading(gauge(1));
      },
      { intervalMs: 1, concurrency: 2 },
    );
    await until('all are read', () => targets.every(({ host }) => (readOf.get(host.name) ?? 0) >= 3));
    expect(most).toBe(2);
  });

  it('end with what is under way', async () => {
    let begun = 0;
    let ended = 0;
    follower = new MetricFollower(targets, (_, deadline) => {
      begun++;
      return new Promise((_resolve, reject) =>
        deadline.onAbort(() => {
          ended++;
          reject(deadline.reason!);
        }),
      );
    });
    await until('all are under way', () => begun === 3);
    await follower.dispose();
    expect(ended).toBe(3);
    expect(follower.store.all()).toEqual([]);
  });
});
