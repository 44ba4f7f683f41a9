import { expect, test } from 'vitest';
import { StoreHost } from '../../../../src/features/logs/core/store/storeHost';
import type { StoreNews } from '../../../../src/features/logs/core/store/storeMethods';
import { until } from '../../../harness/until';

test('a source is held back while a view is behind what comes, and goes on when it is not', async () => {
  const host = new StoreHost({ memory: 256 * 1024 * 1024, holdMs: 250 }, () => {});
  host.open({ id: 0, feed: 7, prefix: 'web', format: 'auto' });
  const lines = Buffer.from('2026-11-26T12:00:00Z INFO request\n'.repeat(150_000));
  host.append(0, lines, 0, lines.length);
  expect(host.pendingOf(7)).toBe(0);
  host.openView(1, {});
  expect(host.store.readSeq).toBe(150_000);
  host.append(0, lines, 0, lines.length);
  expect(host.pendingOf(7)).toBe(Infinity);
  expect(host.isPending).toBe(true);
  await until('what came is read', () => host.store.readSeq === 300_000);
  expect(host.pendingOf(7)).toBe(0);
  expect(host.isPending).toBe(false);
  host.dispose();
});

test('what is due when a store is disposed is merged and told before', () => {
  const told: StoreNews[] = [];
  const host = new StoreHost({ memory: 256 * 1024 * 1024, holdMs: 250 }, (news) => told.push(news));
  host.open({ id: 0, feed: 7, prefix: 'web', format: 'auto' });
  host.phase(0, 'live');
  const lines = Buffer.from('2026-11-26T12:00:00Z INFO request\n'.repeat(3));
  host.append(0, lines, 0, lines.length);
  host.phase(0, 'ended');
  expect(told).toEqual([]);
  host.dispose();
  expect(told).toMatchObject([{ kind: 'numbers', numbers: { lines: 3, endSeq: 3 } }]);
  host.dispose();
  expect(told).toHaveLength(1);
});
