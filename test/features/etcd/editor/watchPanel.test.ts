import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { commands, EventEmitter, TabInputWebview, Uri, ViewColumn, window, workspace } from 'vscode';
import { keyOf, type WatchRow } from '../../../../src/features/etcd/core/watch/watchLog';
import { denyingAuthority, silentLogger } from '../../../../src/platform/host/host';
import { Cluster } from '../../../../src/features/etcd/editor/clusters/cluster';
import type { EtcdClusters } from '../../../../src/features/etcd/editor/clusters/etcdClusters';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import { Fleets } from '../../../../src/shell/editor/fleets/fleets';
import { WatchedValues } from '../../../../src/features/etcd/editor/watch/watchedValues';
import { WatchPanel } from '../../../../src/features/etcd/editor/watch/watchPanel';
import { rowModel } from '../../../../src/features/etcd/editor/watch/watchRows';
import { WatchSession } from '../../../../src/features/etcd/editor/watch/watchSession';
import { targetOf, type WatchStart } from '../../../../src/features/etcd/editor/watch/watchTarget';
import type { FromPanel, ToPanel } from '../../../../src/features/etcd/protocol/watchPanel';
import { EtcdFarm } from '../../../harness/etcd';
import { until } from '../../../harness/until';
import { bytes, connect } from '../integration/etcdFixture';
import { activeMuster, rowWhen } from '../../../harness/editor/muster';
import { clusterEntries } from '../../../../src/features/etcd/core/section/clusterEntry';

describe('A watch in the editor', () => {
  let farm: EtcdFarm;
  let etcd: Awaited<ReturnType<typeof connect>>;
  let cluster: Cluster;
  /** By another name, so that nobody knows that it is the same. */
  let elsewhere: Cluster;
  let fleets: Fleets;
  let folder: string;
  let inventory: Uri;
  let text: string;
  const sessions: WatchSession[] = [];

  before(async () => {
    const muster = await activeMuster();
    farm = await EtcdFarm.start();
    etcd = await connect(farm.endpoints);
    inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
    text = await readFile(inventory.fsPath, 'utf8');
    await writeFile(
      inventory.fsPath,
      `hosts:\n  watched: { address: 127.0.0.1 }\netcd:\n  main: { endpoints: ["${farm.endpoints[0]}"] }\n`,
    );
    await commands.executeCommand('muster.refreshInventory');
    const { fleet } = (await rowWhen(muster, ['watched'], () => true)).node;
    cluster = clusterOf(fleet);
    const [endpoint] = farm.endpoints.map((one) => one.replace('127.0.0.1', 'localhost'));
    folder = await mkdtemp(join(tmpdir(), 'watch-'));
    const other = join(folder, 'muster.yaml');
    await writeFile(other, `etcd:\n  main: { endpoints: ["${endpoint}"] }\n`);
    fleets = new Fleets({
      ...{ logger: silentLogger, authority: denyingAuthority, knownHostsFile: join(folder, 'known_hosts') },
    });
    elsewhere = clusterOf(await fleets.add('elsewhere', 'Elsewhere', other));
  });
  const clusterOf = (fleet: Fleet) =>
    new Cluster(fleet, fleet.inventory!.section(clusterEntries).get('main')!);
  afterEach(() => {
    for (const session of sessions.splice(0)) session.dispose();
  });
  after(async () => {
    cluster.dispose();
    elsewhere.dispose();
    fleets.dispose();
    await rm(folder, { recursive: true });
    await commands.executeCommand('workbench.action.closeAllEditors');
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(await activeMuster(), ['local'], () => true);
    await etcd[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });

  const put = async (key: string, value: string): Promise<number> => {
    const result = await etcd.put(bytes(key), bytes(value));
    assert.ok(result.ok);
    return result.revision;
  };
  const clustersOf = (found: () => Cluster | undefined, onDidChange = new EventEmitter<void>().event) =>
    ({ find: found, onDidChange }) as unknown as EtcdClusters;
  const watch = (start: WatchStart, prefix: string, clusters = clustersOf(() => cluster), lost = 0) => {
    const session = new WatchSession(targetOf(cluster, bytes(prefix), false), start, clusters, lost);
    sessions.push(session);
    return session;
  };
  const rowsOf = ({ log }: WatchSession): WatchRow[] =>
    Array.from({ length: log.end - log.first }, (_, index) => log.at(log.first + index)!);
  const keysOf = (session: WatchSession) =>
    rowsOf(session).flatMap((row) => (row.kind === 'event' ? [keyOf(row)!.toString()] : []));
  const live = (session: WatchSession) => until('a watch', () => session.state.kind === 'live');

  it('from a revision in the past tells every change since, once, and then what changes', async () => {
    await put('/past/before', '1');
    const revision = await put('/past/a', '1');
    await put('/past/a', '2');
    const session = watch({ kind: 'revision', revision }, '/past/');
    await live(session);
    await put('/past/b', '1');
    await until('three changes', () => session.log.events === 3);
    assert.deepEqual(keysOf(session), ['/past/a', '/past/a', '/past/b']);
  });

  it('from a revision that is compacted says which span is unknown, and what it came to', async () => {
    const revision = await put('/gone/a', '1');
    await put('/gone/a', '2');
    const compacted = await put('/gone/b', '1');
    await farm.compact(compacted);
    const session = watch({ kind: 'revision', revision }, '/gone/');
    await live(session);
    const told = rowsOf(session).map((row) =>
      row.kind === 'control' ? row.control.type : `${row.kind} ${keyOf(row)!.toString()}`,
    );
    assert.deepEqual(told, ['gap', 'difference /gone/a', 'difference /gone/b', 'converged', 'connected']);
    const [gap] = rowsOf(session);
    assert.ok(gap?.kind === 'control' && gap.control.type === 'gap');
    assert.deepEqual(
      [gap.control.from, gap.control.to, gap.control.reason],
      [revision, compacted, 'compacted'],
    );
    assert.equal(session.log.events, 0);
  });

  it('goes on after the last revision that it told, as a panel does after a reload', async () => {
    const first = watch({ kind: 'now' }, '/on/');
    await live(first);
    await put('/on/1', '');
    await until('a change', () => first.log.events === 1);
    const { next } = first;
    first.dispose();
    await put('/on/2', '');
    const second = watch(next, '/on/', undefined, first.changes);
    await live(second);
    await put('/on/3', '');
    await until('two changes', () => second.log.events === 2);
    assert.deepEqual(keysOf(second), ['/on/2', '/on/3']);
    // When the first of them was made is unknown; that the earlier one is lost is said.
    const models = rowsOf(second).map((row) => rowModel({ at: row.seq, row, count: undefined }));
    const [lost] = models;
    assert.ok(lost?.kind === 'control' && next.kind === 'revision');
    assert.match(
      lost.text,
      new RegExp(`reloaded: 1 changes up to revision ${next.revision - 1} that stood here are lost`),
    );
    const clock = /\d\d:\d\d:\d\d\.\d{3}$/;
    const times = models.flatMap((model) => (model.kind === 'change' ? [model.time] : []));
    assert.deepEqual(
      times.map((time) => time.replace(clock, '')),
      ['before ', ''],
    );
    assert.equal(second.changes, 3);
  });

  it('begins with the present where the cluster is another one: revisions are of one cluster', async () => {
    const revision = await put('/other/old', '1');
    const session = watch(
      { kind: 'revision', revision },
      '/other/',
      clustersOf(() => elsewhere),
    );
    await live(session);
    await put('/other/new', '1');
    await until('a change', () => session.log.events === 1);
    assert.deepEqual(keysOf(session), ['/other/new']);
  });

  it('waits for its cluster where a window is restored before its inventory is read', async () => {
    const changed = new EventEmitter<void>();
    const found: Cluster[] = [];
    const session = watch(
      { kind: 'now' },
      '/late/',
      clustersOf(() => found[0], changed.event),
    );
    await until('a reason', () => session.state.kind === 'waiting');
    assert.equal(session.log.end, 0);
    found.push(cluster);
    changed.fire();
    await live(session);
    changed.dispose();
  });

  it('stays when another one of the same is closed', async () => {
    const [closed, kept] = [watch({ kind: 'now' }, '/both/'), watch({ kind: 'now' }, '/both/')];
    await Promise.all([live(closed), live(kept)]);
    await put('/both/1', '');
    await until('both', () => closed.log.events === 1 && kept.log.events === 1);
    closed.dispose();
    await put('/both/2', '');
    await until('the one that is left', () => kept.log.events === 2);
    assert.equal(closed.log.events, 1);
  });

  it('is not slowed by a page that is stuck, which is told one thing at a time and what passed by unseen', async () => {
    const panel = window.createWebviewPanel('muster.stuck', '', ViewColumn.Active);
    const told: ToPanel[] = [];
    panel.webview.onDidReceiveMessage((message: FromPanel | { type: 'told'; message: ToPanel }) => {
      if (message.type === 'told') told.push(message.message);
    });
    const watched = new WatchPanel(
      panel,
      targetOf(cluster, bytes('/stuck/'), false),
      { kind: 'now' },
      {
        ...{ clusters: clustersOf(() => cluster), values: new WatchedValues(), logger: silentLogger },
        extensionUri: Uri.file(farm.directory),
      },
    );
    const session = watched['session'];
    await live(session);
    panel.webview.html = stuckPage;
    await until('the first tick', () => told.length === 2);
    for (let at = 0; at < 20_000; at += 100)
      await etcd.apply(
        Array.from({ length: 100 }, (_, index) => ({
          ...{ type: 'put' as const, key: bytes(`/stuck/${at + index}`), value: bytes('1'), ifRevision: 0 },
        })),
      );
    await until('every change', () => session.log.events === 20_000);
    assert.deepEqual(
      told.map(({ type }) => type),
      ['begin', 'tick'],
    );
    await panel.webview.postMessage({ type: 'goOn' });
    const tick = await until('the next tick', () => told[2]);
    assert.ok(tick.type === 'tick');
    assert.match(tick.status.count, /^20,001 rows, 20,000 changes$/);
    assert.match(tick.status.folded, /^19,9\d\d rows came faster than they could be shown/);
    assert.ok(tick.newest.length <= 10);
    panel.dispose();
  });

  it('opens in as many panels as are wanted, each with what it watches as its title', async () => {
    const titles = () =>
      window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof TabInputWebview && input.viewType.endsWith('muster.watch'))
        .map(({ label }) => label);
    await commands.executeCommand('muster.watchPrefix', { kind: 'cluster', cluster });
    const kv = { key: bytes('/config/app.yaml') };
    await commands.executeCommand('muster.watchPrefix', { kind: 'key', cluster, kv });
    await until('two panels', () => titles().length === 2);
    assert.deepEqual(titles(), ['main: all keys', 'main: /config/app.yaml']);
    await commands.executeCommand('workbench.action.closeAllEditors');
    await until('none', () => titles().length === 0);
  });
});

/** Draws nothing before it is told to go on, and says what it is told. */
const stuckPage = `<!doctype html><script>
  const { postMessage } = acquireVsCodeApi();
  let isStuck = true;
  const draw = () => postMessage({ type: 'drawn', newest: 10 });
  window.addEventListener('message', ({ data }) => {
    if (data.type === 'goOn') isStuck = false;
    else postMessage({ type: 'told', message: data });
    if (!isStuck || data.type === 'begin') draw();
  });
  postMessage({ type: 'ready' });
</script>`;
