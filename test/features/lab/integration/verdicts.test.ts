import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { planChecks, runChecks, type CheckResult } from '../../../../src/features/checks/core/checkBatch';
import { loadInventory } from '../../../harness/inventories';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { startLab, type Lab, type LabOptions } from '../../../../src/features/lab/core/startLab';
import { OpenSsh } from './openSsh';

/** The pool's contract fulfilled by the real `ssh`, so that the lab is judged apart from Muster's own SSH. */
function openSshPool(ssh: OpenSsh): Pick<HostTransport, 'exec' | 'connect'> {
  return {
    exec: async (host, command, { deadline }) => {
      const child = spawn('ssh', [...ssh.arguments(host.name), ...(command === undefined ? [] : [command])], {
        signal: deadline.signal,
      });
      const closed = once(child, 'close') as Promise<[number | null, string | null]>;
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        exit: closed.then(([exitCode, signal]) => ({ exitCode, signal })),
        close: () => void child.kill(),
      };
    },
    connect: () => Promise.reject(new Error('no check of the lab goes through a host')),
  };
}

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function checked(options: LabOptions): Promise<{ lab: Lab; check: () => Promise<CheckResult[]> }> {
  const lab = await startLab(options);
  cleanups.push(() => lab.stop());
  const inventory = await loadInventory(lab.inventoryFile);
  expect(inventory.problems).toEqual([]);
  const ssh = await OpenSsh.for(inventory);
  cleanups.push(() => ssh[Symbol.asyncDispose]());
  return {
    lab,
    check: async () => {
      const pool = openSshPool(ssh);
      const report = await runChecks(planChecks(inventory), {
        transport: pool,
        concurrency: 4,
      });
      return report.results;
    },
  };
}

function sickOnes(results: readonly CheckResult[]): { host: string; check: string; status: string }[] {
  return results
    .filter(({ status }) => status !== 'healthy')
    .map(({ host, check, status }) => ({ host, check, status }));
}

describe("a check of the lab's inventory", () => {
  it.each<LabOptions>([
    { hosts: 3 },
    { hosts: 5 },
    { hosts: 12 },
    { hosts: 12, oneAddress: true },
    { hosts: 12, sshd: true },
    { hosts: 12, sshd: true, oneAddress: true },
  ])('finds sick what the lab says is sick, with %o', async (options) => {
    const { lab, check } = await checked(options);
    const expected = [...lab.sick];
    expect(sickOnes(await check())).toEqual(expected);
  });

  it('finds sick, among twelve hosts, a failing, a slow and a flapping one, a certificate and a disk', async () => {
    const { lab } = await checked({});
    expect(lab.sick).toEqual([
      { host: 'web-02', check: 'health', status: 'unhealthy' },
      { host: 'web-03', check: 'health', status: 'unhealthy' },
      { host: 'web-04', check: 'health', status: 'unhealthy' },
      { host: 'web-06', check: 'certificate', status: 'degraded' },
      { host: 'db-2', check: 'disk', status: 'degraded' },
    ]);
  });

  it('finds a broken host unhealthy in everything', async () => {
    const { lab, check } = await checked({ hosts: 6 });
    await lab.breakHost('web-01');
    const broken = (await check()).filter(({ host }) => host === 'web-01');
    expect(broken.length).toBeGreaterThan(3);
    expect(new Set(broken.map(({ status }) => status))).toEqual(new Set(['unhealthy']));
  });

  it('loads a fleet of a thousand hosts without a problem', async () => {
    const { lab } = await checked({ hosts: 1000 });
    expect(lab.hosts.length).toBe(1000);
  });
});
