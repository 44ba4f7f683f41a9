import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { muster, type RunningLab, startLabProcess } from '../../harness/musterCli';

const count = 1_000;

describe(`a run on ${count} hosts`, () => {
  let lab: RunningLab;

  beforeAll(async () => {
    lab = await startLabProcess('--hosts', String(count));
  });

  afterAll(async () => {
    expect(await lab.stop()).toBe(0);
  });

  it('verifies, logs in to and runs on every one, and folds what they say into one block', async () => {
    const { status, stdout } = await muster([
      'run',
      '--inventory',
      lab.inventory,
      'all',
      '--concurrency',
      '50',
      '--',
      'echo here',
    ]);
    expect(stdout).toMatch(new RegExp(` \\(${count}\\) exit 0\\n-+\\nhere\\n`));
    expect(stdout).toContain(`${count} hosts: ${count} ok`);
    expect(status).toBe(0);
  });
});
