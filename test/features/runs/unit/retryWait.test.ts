import { describe, expect, it } from 'vitest';
import { runCommand, type RunOptions } from '../../../../src/features/runs/core/runBatch';
import { MusterError } from '../../../../src/platform/errors/errors';
import { parseInventory } from '../../../harness/inventories';

const inventory = parseInventory('hosts: { gone: }', '/fleet/muster.yaml');

/** A run on a host that refuses every connection, while the first wait for another attempt ends. */
async function refused(options: Partial<RunOptions>, onAttempt = () => {}) {
  const { results } = await runCommand(
    [...inventory.hosts.values()],
    { command: ['true'] },
    {
      ...{ concurrency: 1, retries: 5, ...options },
      transport: {
        exec: () => {
          onAttempt();
          return Promise.reject(new MusterError('REFUSED', 'connection refused', { host: 'gone' }));
        },
      },
    },
  );
  return results[0]!;
}

describe('A wait for another attempt', () => {
  it('that the time for the host ends leaves the reason that was found', async () => {
    expect(await refused({ timeoutMs: 50 })).toMatchObject({
      ...{ status: 'failed', exitCode: null },
      error: { code: 'REFUSED', message: 'connection refused' },
    });
  });

  it('that is cancelled is a command that was never started', async () => {
    const ending = new AbortController();
    const onAttempt = () => setImmediate(() => ending.abort());
    expect(await refused({ signal: ending.signal }, onAttempt)).toMatchObject({
      ...{ status: 'skipped', error: { code: 'CANCELLED' } },
    });
  });
});
