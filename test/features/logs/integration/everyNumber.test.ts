import { afterAll, beforeAll, expect, test } from 'vitest';
import { SshdFarm } from '../../../harness/sshd';
import { followsWithFlatMemory } from './manyLines';
import { everyNumberIsThere } from './numberedHosts';

const megabyte = 1024 * 1024;
let farm: SshdFarm;
beforeAll(async () => {
  farm = await SshdFarm.create();
});
afterAll(() => farm[Symbol.asyncDispose]());

test(
  'every numbered line of eight hosts is there once, or in a reported gap, across rotations, a cut link and a paused host',
  { timeout: 300_000 },
  async () => {
    await everyNumberIsThere(farm, 30_000, 120_000);
  },
);

test('two million lines are followed with flat memory', { timeout: 300_000 }, async () => {
  await expect(
    followsWithFlatMemory(farm, 2_000_000, { memory: 8 * megabyte, garbage: 50 * megabyte }),
  ).resolves.toBeUndefined();
});
