import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { muster, type RunningLab, startLabProcess } from '../../../harness/musterCli';

/** Runs a command on `count` hosts of the lab, each with an address and a host key of its own. */
export function describeRunOn(count: number): void {
  describe(`a run on ${count} hosts`, () => {
    let lab: RunningLab;

    beforeAll(async () => {
      lab = await startLabProcess('--hosts', String(count));
    });

    afterAll(async () => {
      expect(await lab.stop()).toBe(0);
    });

    it('verifies, logs in to and runs on every one, and folds what they say into one block', async () => {
      const words = ['run', '--inventory', lab.inventory, 'all', '--concurrency', '50', '--timeout', '60s'];
      const { status, stdout } = await muster([...words, '--', 'echo here']);
      expect(stdout).toMatch(new RegExp(` \\(${count}\\) exit 0\\n-+\\nhere\\n`));
      expect(stdout).toContain(`${count} hosts: ${count} ok`);
      expect(status).toBe(0);
    });
  });
}
