import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checks } from '../../../../src/features/checks/core/check';
import { type CheckResult, planChecks } from '../../../../src/features/checks/core/checkBatch';
import { CheckStates, type StateChange } from '../../../../src/features/serve/core/checkStates';
import { StateFile } from '../../../../src/features/serve/core/stateFile';
import { silentLogger } from '../../../../src/platform/host/host';
import { parseInventory } from '../../../harness/inventories';
import { scratchFolder } from '../../../harness/scratchFolder';

const inventory = parseInventory(
  `hosts: { a: { address: 127.0.0.1 }, b: { address: 127.0.0.1 } }
checks:
  port: { type: tcp, port: 22, unhealthyAfter: 3, interval: 5s }
  app: { type: tcp, port: 80, after: port }
`,
  '/fleet/muster.yaml',
);

const found = (host: string, status: CheckResult['status'], check = 'port') => ({
  ...{ host, check, status, latencyMs: 1.5, message: `it is ${status}` },
  ...{ traceId: '', measurements: [] },
});

function statesOf(changes: StateChange[] = []) {
  const states = new CheckStates(60_000, (change) => changes.push({ ...change, state: { ...change.state } }));
  return states;
}

describe('States of checks', () => {
  it('are held steady, and change when they have been judged so often', () => {
    const changes: StateChange[] = [];
    const states = statesOf(changes);
    states.replace(planChecks(inventory));
    const state = states.get('a', 'port')!;
    expect(state.intervalMs).toBe(5_000);
    expect(states.get('a', 'app')!.intervalMs).toBe(60_000);
    for (const status of ['healthy', 'unhealthy', 'unhealthy', 'skipped', 'unhealthy'] as const)
      states.take(state, found('a', status));
    expect(changes.map(({ before, state: { judged } }) => [before, judged])).toEqual([
      [undefined, 'healthy'],
      ['healthy', 'unhealthy'],
    ]);
  });

  it('skip what comes after one that is unhealthy, and not what is on another host', () => {
    const states = statesOf();
    states.replace(planChecks(inventory));
    states.take(states.get('a', 'port')!, found('a', 'unhealthy'));
    expect(states.hindrance(states.get('a', 'app')!)?.code).toBe('DEPENDENCY');
    expect(states.hindrance(states.get('b', 'app')!)).toBeUndefined();
  });

  it('outlive a reload, those of hosts that stay', () => {
    const states = statesOf();
    states.replace(planChecks(inventory));
    states.take(states.get('a', 'port')!, found('a', 'unhealthy'));
    states.replace(planChecks(inventory, ['a']));
    expect(states.get('a', 'port')!.judged).toBe('unhealthy');
    expect(states.get('b', 'port')).toBeUndefined();
    expect(states.hindrance(states.get('a', 'app')!)?.code).toBe('DEPENDENCY');
  });

  it('of a check that was under way when its host went are dropped', () => {
    const states = statesOf();
    states.replace(planChecks(inventory));
    const gone = states.get('b', 'port')!;
    states.replace(planChecks(inventory, ['a']));
    states.take(gone, found('b', 'healthy'));
    expect([...states.all].map(({ key }) => key)).not.toContain('b\0port');
  });
});

describe('The file of states', () => {
  it('gives back what was known, also how far a check had turned, for its owner only', async () => {
    await using folder = await scratchFolder();
    const file = new StateFile(join(folder.path, 'deep', 'state.json'), inventory.file, silentLogger);
    const states = statesOf();
    states.replace(planChecks(inventory));
    for (const status of ['healthy', 'unhealthy', 'unhealthy'] as const)
      states.take(states.get('a', 'port')!, found('a', status), 1_000);
    await file.write(states.all, { 'main/reload': { revision: 42 } });
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);

    const { checks: kept, rules } = await file.read();
    expect(rules).toEqual({ 'main/reload': { revision: 42 } });
    const changes: StateChange[] = [];
    const again = statesOf(changes);
    again.replace(planChecks(inventory), kept);
    expect(again.get('a', 'port')).toMatchObject({ judged: 'healthy', lastAt: 1_000, since: 1_000 });
    expect(changes).toEqual([]);
    again.take(again.get('a', 'port')!, found('a', 'unhealthy'));
    expect(changes.map(({ state: { judged } }) => judged)).toEqual(['unhealthy']);
  });

  it('is nothing where it is not there', async () => {
    await using folder = await scratchFolder();
    const file = new StateFile(join(folder.path, 'state.json'), inventory.file, silentLogger);
    expect((await file.read()).checks.size).toBe(0);
  });

  it.each([
    ['empty', ''],
    ['cut short', '{"version":1,"inventory":"/fleet/muster.yaml","checks":[{"host":"a"'],
    ['of another version', '{"version":2,"inventory":"/fleet/muster.yaml","checks":[]}'],
    [
      'with a status that is none',
      '{"version":1,"inventory":"/fleet/muster.yaml","checks":[{"host":"a","check":"port","status":"fine","message":"","latencyMs":1,"lastAt":1}]}',
    ],
    [
      'with a time that is none',
      '{"version":1,"inventory":"/fleet/muster.yaml","checks":[{"host":"a","check":"port","status":"healthy","message":"","latencyMs":1,"lastAt":1e300}]}',
    ],
    ['of another inventory', '{"version":1,"inventory":"/other/muster.yaml","checks":[]}'],
    ['that is not JSON', '\0\0\0\0'],
  ])('is set aside and said when it is one %s', async (_, text) => {
    await using folder = await scratchFolder();
    const path = join(folder.path, 'state.json');
    await writeFile(path, text);
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    expect((await new StateFile(path, inventory.file, logger).read()).checks.size).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('is set aside');
    expect(await readdir(folder.path)).toEqual(['state.json.unreadable']);
    expect(await readFile(`${path}.unreadable`, 'utf8')).toBe(text);
  });

  it('knows the checks of the inventory', () => {
    expect(inventory.section(checks).get('port')!.intervalMs).toBe(5_000);
  });
});
