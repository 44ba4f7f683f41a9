import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { Batches } from '../../../../src/shell/editor/batches';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import { FleetRuns } from '../../../../src/features/runs/editor/fleetRuns';
import { RunHistory } from '../../../../src/features/runs/editor/runHistory';
import { RunsTree } from '../../../../src/features/runs/editor/view/runsTree';
import { RunStore } from '../../../../src/features/runs/editor/runStore';
import { until } from '../../../harness/until';
import { SshdWorkspace } from '../../../harness/editor/sshdWorkspace';

describe('A run that the end of the window cuts off', () => {
  let workspace: SshdWorkspace;
  let folder: string;
  let fleet: Fleet;

  before(async () => {
    workspace = await SshdWorkspace.create(2);
    folder = await mkdtemp(join(tmpdir(), 'run-history-'));
    const hosts = workspace.daemons.map(
      (daemon, index) => `  cut-${index + 1}: { ${workspace.host(daemon)} }\n`,
    );
    fleet = await workspace.show(`hosts:\n${hosts.join('')}`);
  });
  after(async () => {
    await workspace[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('is written down with what it received, and without an end although it is cancelled', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const store = new RunStore(folder, () => ({ count: 9, bytes: 1e9 }), onError);
    const batches = new Batches();
    const runs = new FleetRuns(batches);
    const history = new RunHistory(store, runs, onError);
    const slow = `[ "\${SSH_CONNECTION##* }" = ${workspace.daemons[0]!.port} ] && { echo begun; sleep 300; }; echo early`;
    const hosts = [...fleet.inventory!.hosts.values()];
    const heard = new Set<string>();
    const onOutput = (host: string) => void heard.add(host);
    const order = { fleet, hosts, selector: 'cut-*', request: { command: [slow] }, quiet: true, onOutput };
    const report = runs.run(order);
    const [entry] = await history.all();
    await until('one host ended, and the other at work', () => entry?.done === 1 && heard.size === 2);

    await history.close();
    const written = await store.read(entry!.head);
    assert.deepEqual(
      written?.results.map(({ host, stdout }) => [host, stdout]),
      [['cut-2', 'early\n']],
    );
    // As the subscriptions of the extension are disposed of, in their order.
    batches.dispose();
    runs.dispose();
    history.dispose();
    assert.equal((await report).summary.stopped, 1);
    const [listed] = await store.list();
    assert.equal(listed?.end, undefined);
    assert.deepEqual(errors, []);
  });

  it('has how it was run and how long each host took, in the rows of this window and of the next', async () => {
    const store = new RunStore(folder, () => ({ count: 9, bytes: 1e9 }), assert.ifError);
    const batches = new Batches();
    const runs = new FleetRuns(batches);
    const history = new RunHistory(store, runs, assert.ifError);
    const hosts = [...fleet.inventory!.hosts.values()];
    const options = { serial: [{ count: 1 }], pauseMs: 1, retries: 1, stdin: Buffer.from('a secret') };
    await runs.run({
      ...{ fleet, hosts, selector: 'cut-*', request: { command: ['cat > /dev/null'] }, quiet: true, options },
    });
    await history.close();
    const control = { serial: [{ count: 1 }], pauseMs: 1, retries: 1 };
    for (const seen of [history, new RunHistory(store, runs, assert.ifError)]) {
      const [entry] = await seen.all();
      assert.deepEqual(entry!.head.control, control);
      const tree = new RunsTree(seen);
      const [group] = await tree.getChildren(tree.nodeOf(entry!));
      for (const row of await tree.getChildren(group)) {
        const { description, accessibilityInformation } = tree.getTreeItem(row);
        const time = /^[\d.]+ m?s · connect [\d.]+ m?s · run [\d.]+ m?s$/;
        assert.match(String(description), time);
        assert.match(accessibilityInformation!.label, /^cut-[12], ok, [\d.]+ m?s, connect /);
      }
      tree.dispose();
      seen.dispose();
    }
    runs.dispose();
    batches.dispose();
  });
});
