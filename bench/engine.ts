// Muster's engine in a process that stays: the same modules that the editor and the CLI are bundled from.
import { join } from 'node:path';
import { planChecks } from '../src/features/checks/core/checkBatch';
import { type Core, createCore } from '../src/engine/createCore';
import { denyingAuthority, silentLogger } from '../src/platform/host/host';
import { loadInventory } from '../src/platform/inventory/loadInventory';
import type { Inventory } from '../src/platform/inventory/model';
import { type Round, serveRounds } from './serveRounds';
import { sections } from '../src/engine/sections';

const inventories = new Map<string, Promise<Inventory>>();
const warmCores = new Map<string, Core>();

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
  run: async (file) => {
    const inventory = await cachedInventory(file);
    const core = coreOf(inventory);
    return async () => ({ latencies: await runTrue(core), after: () => core.dispose() });
  },
  warmRun: async (file) => {
    const core = warmCores.get(file) ?? coreOf(await cachedInventory(file));
    warmCores.set(file, core);
    return async () => ({ latencies: await runTrue(core) });
  },
};

async function runTrue(core: Core): Promise<number[]> {
  const { results } = await core.run([...core.inventory!.hosts.values()], { command: ['true'] });
  if (process.env.BENCH_VERBOSE)
    for (const { host, error } of results)
      if (error) process.stderr.write(`${host}: ${JSON.stringify(error)}\n`);
  return results.filter(({ status }) => status === 'ok').map(({ durationMs }) => durationMs);
}

function coreOf(inventory: Inventory): Core {
  const core = createCore({
    logger: silentLogger,
    authority: denyingAuthority,
    knownHostsFile: '/dev/null',
    probeThread: { file: join(__dirname, 'probe.worker.js'), takes: 'half' },
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
