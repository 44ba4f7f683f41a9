import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import {
  CancellationTokenSource,
  ConfigurationTarget,
  type TestController,
  type TestItem,
  type TestMessage,
  type TestRun,
  TestRunRequest,
  tests,
  workspace,
} from 'vscode';
import { denyingAuthority, silentLogger } from '../../../../src/platform/host/host';
import { Batches } from '../../../../src/shell/editor/batches';
import { FleetChecks } from '../../../../src/features/checks/editor/fleetChecks';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import { Fleets } from '../../../../src/shell/editor/fleets/fleets';
import { checkContinuously } from '../../../../src/features/testExplorer/editor/continuousChecks';
import { TestRuns } from '../../../../src/features/testExplorer/editor/testRuns';
import { TestTree } from '../../../../src/features/testExplorer/editor/testTree';
import { until } from '../../../harness/until';

/** What a run was told, beside what it shows in the editor. */
interface Told {
  path: string;
  state: 'passed' | 'failed' | 'errored' | 'skipped';
  messages: TestMessage[];
}

const pathOf = (item: TestItem): string => (item.parent ? `${pathOf(item.parent)}/` : '') + item.label;

describe('The Test Explorer', () => {
  let server: Server;
  let port = 0;
  let folder: string;
  let controller: TestController;
  let fleets: Fleets;
  let fleet: Fleet;
  let tree: TestTree;
  let runs: TestRuns;
  let checks: FleetChecks;
  let told: Told[];
  let output: string;

  const write = async (text: string) => {
    await writeFile(join(folder, 'muster.yaml'), text);
    await fleet?.load();
    await tree?.sync();
  };
  const small = (extra = '') =>
    `hosts: { 'web-[1:2]': { address: 127.0.0.1 }, db: { address: 127.0.0.1 } }
groups: { web: { hosts: 'web-*' } }
checks:
  port: { type: tcp, port: ${port}, timeout: 60s }
  banner: { type: tcp, port: ${port}, on: db, timeout: 60s, expect: { banner: nginx } }
${extra}`;
  const item = (...labels: string[]) => {
    let items = controller.items;
    let found: TestItem | undefined;
    for (const label of labels) {
      found = [...items].map(([, one]) => one).find((one) => one.label === label);
      if (!found) return undefined;
      items = found.children;
    }
    return found;
  };
  const run = (include?: TestItem[], failFast = false, token = new CancellationTokenSource().token) =>
    runs.run(new TestRunRequest(include), token, { failFast });
  const states = () => told.map(({ path, state }) => `${path} ${state}`).sort();

  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('SSH-2.0-test\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });
  after(() => server.close());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tests-'));
    await writeFile(join(folder, 'muster.yaml'), small());
    controller = tests.createTestController('muster-under-test', 'Muster under test');
    fleets = new Fleets({
      ...{ logger: silentLogger, authority: denyingAuthority },
      knownHostsFile: join(folder, 'known_hosts'),
    });
    fleet = await fleets.add('test', 'Test', join(folder, 'muster.yaml'));
    const batches = new Batches();
    checks = new FleetChecks(batches);
    tree = new TestTree(controller, fleets, silentLogger);
    told = [];
    output = '';
    const create = controller.createTestRun.bind(controller);
    controller.createTestRun = (request, name, persist) => listen(create(request, name, persist));
    runs = new TestRuns(controller, tree, { checks, logger: silentLogger });
    await tree.sync();
  });
  afterEach(async () => {
    for (const owned of [runs, tree, checks, fleets, controller]) owned.dispose();
    await rm(folder, { recursive: true });
  });

  function listen(inner: TestRun): TestRun {
    const tell = (state: Told['state']) => (test: TestItem, messages?: unknown, duration?: number) => {
      told.push({
        path: pathOf(test),
        state,
        messages: Array.isArray(messages) ? messages : messages ? [messages as TestMessage] : [],
      });
      (inner[state] as (...args: unknown[]) => void)(test, messages, duration);
    };
    return Object.assign(Object.create(inner) as TestRun, {
      ...{ skipped: tell('skipped'), failed: tell('failed'), errored: tell('errored') },
      passed: (test: TestItem, duration?: number) => {
        told.push({ path: pathOf(test), state: 'passed', messages: [] });
        inner.passed(test, duration);
      },
      appendOutput: (text: string, location?: undefined, test?: TestItem) => {
        output += text;
        inner.appendOutput(text, location, test);
      },
    });
  }

  it('lists groups, and their hosts and checks once they are opened, with their place in muster.yaml', async () => {
    assert.deepEqual(
      [...controller.items].map(([, one]) => one.label),
      ['web', 'Ungrouped', 'By check'],
    );
    assert.equal(item('web')!.children.size, 0);
    await tree.resolve(item('web')!);
    await tree.resolve(item('web', 'web-1')!);
    assert.deepEqual(
      ['web', 'web-1', 'port'].map((_, depth, path) => item(...path.slice(0, depth + 1))!.range!.start.line),
      [1, 0, 3],
    );
    assert.equal(item('web', 'web-1')!.uri!.fsPath, fleet.file);
  });

  it('runs everything: verdicts with durations, expected against actual, and a line of output for each', async () => {
    await run();
    assert.deepEqual(states(), [
      'Ungrouped/db/banner failed',
      'Ungrouped/db/port passed',
      'web/web-1/port passed',
      'web/web-2/port passed',
    ]);
    const [message] = told.find(({ state }) => state === 'failed')!.messages;
    assert.match(message!.expectedOutput!, /nginx/);
    assert.match(message!.actualOutput!, /SSH-2\.0-test/);
    assert.match(output, /^web-1 port: healthy \(\d.*$/m);
    assert.match(output, /^Checked: .*3 healthy/m);
  });

  it('counts a check on a host of two groups once when everything runs, and shows it in the group that is run', async () => {
    await write(
      small().replace(
        "groups: { web: { hosts: 'web-*' } }",
        "groups: { web: { hosts: 'web-*' }, canary: { hosts: web-1 } }",
      ),
    );
    await run();
    assert.deepEqual(states(), [
      'Ungrouped/db/banner failed',
      'Ungrouped/db/port passed',
      'web/web-1/port passed',
      'web/web-2/port passed',
    ]);
    told.length = 0;
    await run([item('canary')!]);
    assert.deepEqual(states(), ['canary/web-1/port passed', 'web/web-1/port passed']);
  });

  it('runs what was chosen without what was hidden', async () => {
    await tree.resolve(item('web')!);
    await runs.run(
      new TestRunRequest([item('web')!], [item('web', 'web-2')!]),
      new CancellationTokenSource().token,
      { failFast: false },
    );
    assert.deepEqual(states(), ['web/web-1/port passed']);
  });

  it('runs a check on all its hosts', async () => {
    await tree.resolve(item('By check')!);
    await run([item('By check', 'port')!]);
    assert.deepEqual(
      states(),
      ['db', 'web-1', 'web-2'].map((host) => `By check/port/${host} passed`),
    );
  });

  it('stops at the first failure where that was asked for, and says why of the others', async () => {
    await write(`defaults: { concurrency: 1 }\n${small().replaceAll(`port: ${port}`, 'port: 1')}`);
    await run(undefined, true);
    assert.equal(states().filter((state) => state.endsWith('failed')).length, 1);
    assert.equal(states().filter((state) => state.endsWith('skipped')).length, 3);
    assert.match(
      told.find(({ state }) => state === 'failed')!.messages[0]!.message as string,
      /REFUSED: .*\n.*Nothing listens on that port/s,
    );
  });

  it('is cancelled', async () => {
    const source = new CancellationTokenSource();
    source.cancel();
    await run(undefined, false, source.token);
    assert.ok(states().length === 4 && states().every((state) => state.endsWith('skipped')));
  });

  it('goes on where that was asked for, until it is stopped', async () => {
    const settings = workspace.getConfiguration('muster');
    await settings.update('autoCheck.interval', '5s', ConfigurationTarget.Global);
    const source = new CancellationTokenSource();
    try {
      const request = new TestRunRequest([item('web')!], undefined, undefined, true);
      const ended = checkContinuously(request, source.token, runs, { checks, logger: silentLogger });
      await until('a second pass', () => told.length >= 4);
      source.cancel();
      await ended;
    } finally {
      source.cancel();
      await settings.update('autoCheck.interval', undefined, ConfigurationTarget.Global);
    }
  });

  it('has the state of a check that is repeated, and skips what comes after one that is unhealthy', async () => {
    const text = small()
      .replace('port: {', 'port: { unhealthyAfter: 2,')
      .replace('banner: {', 'banner: { after: port,');
    await write(text);
    const again = async () => {
      told = [];
      output = '';
      await runs.run(new TestRunRequest(), new CancellationTokenSource().token, {
        ...{ failFast: false, automatic: true },
      });
      return states();
    };
    await again();
    server.close();
    await once(server, 'close');
    assert.deepEqual(await again(), [
      'Ungrouped/db/banner skipped',
      'Ungrouped/db/port passed',
      'web/web-1/port passed',
      'web/web-2/port passed',
    ]);
    assert.match(output, /^web-1 port: healthy, unhealthy 1 of 2 times \(.*REFUSED/m);
    assert.match(output, /^db banner: skipped .*DEPENDENCY: not checked: “port” is unhealthy on db/m);
    assert.ok((await again()).includes('web/web-1/port failed'));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  });

  it('keeps its rows over an edit, adds the new and drops the old', async () => {
    await run();
    const kept = item('web', 'web-1', 'port');
    await write(small('  more: { type: tcp, port: 1, on: web-1 }\n').replace('web-[1:2]', 'web-[1:1]'));
    assert.equal(item('web', 'web-1', 'port'), kept);
    assert.equal(item('web', 'web-2'), undefined);
    await tree.resolve(item('web', 'web-1')!);
    assert.ok(item('web', 'web-1', 'more'));
  });

  /** Every host is in a group, and some are in two. */
  const everything = () => small().replace('groups: {', "groups: { everything: { hosts: '*' },");

  it('shows all that a check elsewhere found, each target once, where some of it is news', async () => {
    await write(everything());
    const all = new Map([[fleet, fleet.targetsOf(fleet.inventory!.hosts.keys())]]);
    const found = ['banner failed', 'port passed'].map((check) => `everything/db/${check}`);
    found.push(...['web-1', 'web-2'].map((host) => `everything/${host}/port passed`));
    await checks.check(all, { quiet: true });
    await until('the verdicts', () => states().length >= 4);
    assert.deepEqual(states(), found);
    await checks.check(all, { quiet: true });
    assert.deepEqual(states(), found, 'the same again is no news');
    // What was shown before counts beside what is news.
    await write(everything().replace('nginx', 'SSH'));
    told = [];
    await checks.check(new Map([[fleet, fleet.targetsOf(fleet.inventory!.hosts.keys())]]), { quiet: true });
    await until('the verdicts', () => states().length >= 4);
    assert.deepEqual(states(), [found[0]!.replace('failed', 'passed'), ...found.slice(1)]);
  });

  it('makes no rows for a check elsewhere of more targets than it can count', async () => {
    await write(
      `hosts: { 'host-[0001:1001]': { address: 127.0.0.1 } }
groups: { fleet: { hosts: 'host-*' } }
checks: { one: { type: tcp, port: 1 } }
`,
    );
    const few = new Map([[fleet, fleet.targetsOf(['host-0001', 'host-0002'])]]);
    await checks.check(few, { quiet: true });
    assert.deepEqual(states(), []);
    assert.equal(item('fleet')!.children.size, 0);
    await tree.resolve(item('fleet')!);
    await tree.resolve(item('fleet', 'host-0002')!);
    await checks.check(few, { quiet: true });
    await until('the row that was opened', () => states().length > 0);
    assert.deepEqual(states(), ['fleet/host-0002/one failed']);
  });

  it('tells of every one of 10,000 checks on 5,000 hosts', async () => {
    await write(
      `defaults: { concurrency: 200 }
hosts: { 'host-[0001:5000]': { address: 127.0.0.1 } }
groups: { fleet: { hosts: 'host-*' } }
checks: { one: { type: tcp, port: ${port}, timeout: 60s }, two: { type: tcp, port: 1, timeout: 60s } }
`,
    );
    await tree.resolve(item('fleet')!);
    assert.equal(item('fleet')!.children.size, 5000);
    await run();
    assert.equal(told.length, 10_000);
    // VS Code 1.100 hangs over more messages; the output has every line.
    assert.equal(told.filter(({ messages }) => messages.length > 0).length, 200);
    assert.equal(output.match(/^host-\d{4} two: unhealthy /gm)?.length, 5000);
  });
});
