import { afterAll, beforeAll, test } from 'vitest';
import { SshdFarm } from '../../harness/sshd';
import { everyNumberIsThere } from './numberedHosts';

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
