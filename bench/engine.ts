// Muster's engine in a process that stays: the same modules that the editor and the CLI are bundled from.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { planChecks } from '../src/features/checks/core/checkBatch';
import { type Core, createCore } from '../src/engine/createCore';
import { fanOut } from '../src/platform/batch/fanOut';
import { denyingAuthority, silentLogger } from '../src/platform/host/host';
import { loadInventory } from '../src/platform/inventory/loadInventory';
import type { Inventory } from '../src/platform/inventory/model';
import { type Round, serveRounds } from './serveRounds';
import { sections } from '../src/engine/sections';

const inventories = new Map<string, Promise<Inventory>>();
const warmCores = new Map<string, Core>();

const zeros = Buffer.alloc(64 * 1024);

/** Tasks by their kind, each with the amount of it. */
const tasks: Readonly<Record<string, (amount: number) => unknown>> = {
  sleep: (ms) => setTimeout(ms),
  hash: (bytes) => createHash('sha256').update(zeros.subarray(0, bytes)).digest(),
};

const rounds: Record<string, Round> = {
  load: (file) =>
    Promise.resolve(async () => {
      const { hosts } = await loadSound(file);
      return { latencies: [...hosts.keys()].map(() => 0) };
    }),
  check: async (file) => {
    const inventory = await cachedInventory(file);
    const core = warmCores.get(file) ?? coreOf(inventory);
    warmCores.set(file, core);
    return async () => {
      const { results } = await core.check(planChecks(inventory));
      const healthy = results.filter(({ status }) => status === 'healthy');
      return { latencies: healthy.map(({ latencyMs }) => latencyMs) };
    };
  },
  run: async (file, threads = '0') => {
    const core = coreOf(await cachedInventory(file), Number(threads));
    await startThreads(core, Number(threads));
    return async () => ({ latencies: await runTrue(core), after: () => core.dispose() });
  },
  tasks: (kind, amount, workers) =>
    Promise.resolve(async () => ({ latencies: await runTasks(kind, Number(amount), Number(workers)) })),
  warmRun: async (file) => {
    const core = warmCores.get(file) ?? coreOf(await cachedInventory(file));
    warmCores.set(file, core);
    return async () => ({ latencies: await runTrue(core) });
  },
};

/** A thousand tasks of a kind, each with a deadline as a check has one. */
async function runTasks(kind: string, amount: number, workers: number): Promise<number[]> {
  const results = await fanOut<number, number | undefined>({
    targets: Array.from({ length: 1_000 }, (_, index) => index),
    concurrency: workers,
    deadlineMs: () => 800,
    work: async () => {
      const startedAt = performance.now();
      await tasks[kind]!(amount);
      return performance.now() - startedAt;
    },
    failed: () => undefined,
    skipped: () => undefined,
    isFailure: (result) => result === undefined,
  });
  return results.filter((result) => result !== undefined);
}

async function runTrue(core: Core): Promise<number[]> {
  const { results } = await core.run([...core.inventory!.hosts.values()], { command: ['true'] });
  if (process.env.BENCH_VERBOSE)
    for (const { host, error } of results)
      if (error) process.stderr.write(`${host}: ${JSON.stringify(error)}\n`);
  return results.filter(({ status }) => status === 'ok').map(({ durationMs }) => durationMs);
}

/** Connections of their own to as many hosts, off the clock. */
async function startThreads(core: Core, threads: number): Promise<void> {
  const first = [...core.inventory!.hosts.values()].slice(0, threads);
  await core.run(
    first.map((host) => ({ ...host, ssh: { ...host.ssh, identitiesOnly: true } })),
    { command: ['true'] },
  );
}

function coreOf(inventory: Inventory, threads = 0): Core {
  const core = createCore({
    logger: silentLogger,
    authority: denyingAuthority,
    knownHostsFile: '/dev/null',
    probeThread: { file: join(__dirname, 'probe.worker.js'), takes: 'half' },
    ...(threads > 0 && { sshThreads: { file: join(__dirname, 'ssh.worker.js'), count: threads } }),
  });
  core.inventory = inventory;
  return core;
}

function cachedInventory(file: string): Promise<Inventory> {
  const cached = inventories.get(file) ?? loadSound(file);
  inventories.set(file, cached);
  return cached;
}

async function loadSound(file: string): Promise<Inventory> {
  const inventory = await loadInventory(file, { sections });
  if (inventory.problems.length > 0) throw new Error(JSON.stringify(inventory.problems.slice(0, 3)));
  return inventory;
}

void serveRounds(rounds).finally(() => Promise.all([...warmCores.values()].map((core) => core.dispose())));
