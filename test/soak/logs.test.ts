import { afterAll, beforeAll, expect, test } from 'vitest';
import { SshdFarm } from '../harness/sshd';
import { followsWithFlatMemory } from '../features/logs/integration/manyLines';
import { everyNumberIsThere } from '../features/logs/integration/numberedHosts';

const megabyte = 1024 * 1024;
let farm: SshdFarm;
beforeAll(async () => {
  farm = await SshdFarm.create();
});
afterAll(() => farm[Symbol.asyncDispose]());

test('ten million lines are followed with flat memory', async () => {
  await expect(
    followsWithFlatMemory(farm, 10_000_000, { memory: 64 * megabyte, garbage: 100 * megabyte }),
  ).resolves.toBeUndefined();
});

test('every one of a million numbered lines on each of eight hosts is there once, or in a reported gap', async () => {
  console.info(await everyNumberIsThere(farm, 1_000_000, 300_000));
});
