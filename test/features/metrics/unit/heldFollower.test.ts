import { describe, expect, it } from 'vitest';
import { MetricFollower } from '../../../../src/features/metrics/core/metricFollower';
import { until } from '../../../harness/until';
import { reading, target } from './readings';

describe('a follower that is held', () => {
  it('reads nothing, has a gap for it, and goes on when it is resumed', async () => {
    let readings = 0;
    const load = { ...{ name: 'load', labels: [], kind: 'gauge' as const, value: 1 } };
    const follower = new MetricFollower(
      [target('web')],
      () => {
        readings++;
        return Promise.resolve(reading([load], { at: Date.now() }));
      },
      { intervalMs: 1 },
    );
    await until('readings', () => readings > 1);
    // The reading before it is over when the next turn comes.
    follower.hold();
    await until('the end of what was under way', () => follower.all()[0]!.readAt !== undefined);
    const before = readings;
    const [series] = follower.store.all();
    expect(follower.store.points(series!.id).some(({ figure }) => 'gap' in figure)).toBe(true);
    follower.resume();
    await until('more readings', () => readings > before + 1);
    await follower.dispose();
    const last = readings;
    follower.resume();
    await follower.ended;
    expect(readings).toBe(last);
  });

  it('ends while it is held', async () => {
    const follower = new MetricFollower([target('web')], () => Promise.resolve(reading([])), {
      intervalMs: 1,
    });
    follower.hold();
    await follower.dispose();
    await expect(follower.ended).resolves.toBeDefined();
  });
});
