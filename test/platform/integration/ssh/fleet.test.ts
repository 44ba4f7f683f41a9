import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/platform/host/host';
import { runCommand } from '../../../../src/features/runs/core/runBatch';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { host, hostOn, nothingLeft, openResources, poolFor } from './sshFixture';

describe('a fleet of real sshd', () => {
  let farm: SshdFarm;
  let daemons: Sshd[];
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemons = await farm.startMany(32);
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
  });
  afterEach(() => nothingLeft(before, daemons));

  it('runs a command everywhere, with half of the hosts down', async () => {
    await using ssh = await poolFor(farm, daemons);
    const up = daemons.map((daemon, index) => hostOn(farm, daemon, {}, `up-${index}`));
    const down = daemons.map(({ address }, index) =>
      host(`down-${index}`, address, { ...hostOn(farm, daemons[0]!).ssh, port: 1 }),
    );
    const report = await runCommand(
      [...up, ...down],
      { command: ['echo in'] },
      { transport: ssh, concurrency: 16 },
    );
    expect(report.summary).toMatchObject({ total: 64, ok: 32, failed: 32, skipped: 0 });
    expect(new Set(report.results.slice(0, 32).map(({ stdout }) => stdout))).toEqual(new Set(['in\n']));
    expect(new Set(report.results.slice(32).map(({ error }) => error?.code))).toEqual(new Set(['REFUSED']));
    // The second batch does not wait for the dead.
    const again = await runCommand(down, { command: ['true'] }, { transport: ssh, concurrency: 16 });
    expect(new Set(again.results.map(({ error }) => error?.code))).toEqual(new Set(['CIRCUIT_OPEN']));
  });

  it('is connected to once per host, however many commands run', async () => {
    await using ssh = await poolFor(farm, daemons, { logger: silentLogger });
    const logins = daemons.map((daemon) => daemon.logins);
    const hosts = daemons.map((daemon, index) => hostOn(farm, daemon, {}, `host-${index}`));
    for (let round = 0; round < 3; round++) {
      const report = await runCommand(hosts, { command: ['true'] }, { transport: ssh, concurrency: 32 });
      expect(report.summary.ok).toBe(32);
    }
    expect(daemons.map((daemon, index) => daemon.logins - logins[index]!)).toEqual(daemons.map(() => 1));
  });

  it('ends what it runs when the batch is cancelled', async () => {
    await using ssh = await poolFor(farm, daemons);
    const cancel = new AbortController();
    const logins = () => daemons.reduce((sum, daemon) => sum + daemon.logins, 0);
    const begin = logins();
    const hosts = daemons.map((daemon, index) => hostOn(farm, daemon, {}, `host-${index}`));
    const run = runCommand(
      hosts,
      { command: ['echo begun; exec sleep 66'] },
      { transport: ssh, concurrency: 20, signal: cancel.signal },
    );
    await until('twenty logins', () => logins() >= begin + 20);
    cancel.abort();
    const { summary } = await run;
    expect(summary).toMatchObject({ total: 32, ok: 0, failed: 0 });
    // The other 20 had connected, and may have sent the command.
    expect(summary.stopped + summary.skipped).toBe(32);
    expect(summary.skipped).toBeGreaterThanOrEqual(12);
  });
});
