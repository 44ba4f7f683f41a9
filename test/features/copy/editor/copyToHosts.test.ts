import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commands, Uri, window, workspace } from 'vscode';
import { fetchedFiles } from '../../../../src/features/copy/editor/fetchedFiles';
import { foldersOf } from '../../../../src/features/copy/editor/fetchFromHosts';
import { FleetTransfers } from '../../../../src/features/copy/editor/fleetTransfers';
import type { CopyOrder, FetchOrder } from '../../../../src/features/copy/editor/transferOrder';
import { transferText } from '../../../../src/features/copy/editor/transferText';
import type { TransferReport } from '../../../../src/features/copy/core/copyBatch';
import { foldFiles } from '../../../../src/features/files/editor/foldFiles';
import { Batches } from '../../../../src/shell/editor/batches';
import { ReportDocuments } from '../../../../src/shell/editor/documents/reportDocuments';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import { activeMuster, rowWhen } from '../../../harness/editor/muster';
import { SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';

/** Gives the server what is sent to it in pieces, so that a copy takes its time. */
const slowly = `#!/usr/bin/env python3
import os, subprocess, sys, time
server = subprocess.Popen(['/usr/lib/openssh/sftp-server', '-d', sys.argv[1]], stdin=subprocess.PIPE)
while piece := os.read(0, 32768):
    os.write(server.stdin.fileno(), piece)
    if len(piece) > 4096: time.sleep(0.05)
server.stdin.close()
`;

describe('Copying to hosts and fetching from them', () => {
  let farm: SshdFarm;
  let inventory: Uri;
  let text: string;
  let fleet: Fleet;
  const batches = new Batches();
  const transfers = new FleetTransfers(batches);
  const documents = new ReportDocuments('muster-copy-test');
  const names = ['copy-1', 'copy-2', 'copy-3', 'slow', 'frozen'];

  /** Where paths of a host begin, which all share one file system. */
  const homeOf = (host: string) => join(farm.directory, `home-${host}`);
  const local = (name: string) => join(farm.directory, name);
  const choose = (...chosen: string[]) => ({
    fleet,
    hosts: chosen.map((name) => fleet.inventory!.hosts.get(name)!),
    selector: chosen.join(' '),
  });
  const copyOf = (source: string, ...hosts: string[]): CopyOrder => ({
    ...{ kind: 'copy', ...choose(...hosts) },
    ...{ sources: [source], destination: 'app.conf', settings: {} },
  });
  const web = ['copy-1', 'copy-2', 'copy-3'] as const;

  before(async () => {
    const muster = await activeMuster();
    farm = await SshdFarm.create();
    const script = await farm.write('slowly', slowly, 0o755);
    const entries = await Promise.all(
      names.map(async (name) => {
        await mkdir(homeOf(name));
        const server = name === 'slow' ? script : '/usr/lib/openssh/sftp-server -d';
        const daemon = await farm.start({ config: [`Subsystem sftp ${server} ${homeOf(name)}`] });
        return { name, daemon, line: await daemon.knownHostsLine() };
      }),
    );
    const knownHosts = await farm.write('known_hosts', entries.map(({ line }) => line).join(''));
    const ssh = `identityFile: ${farm.clientKey}, knownHosts: ${knownHosts}, user: ${userInfo().username}`;
    const hosts = entries.map(
      ({ name, daemon }) =>
        `  ${name}: { address: ${daemon.address}, ssh: { port: ${daemon.port}, ${ssh} } }\n`,
    );
    inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml');
    text = await readFile(inventory.fsPath, 'utf8');
    await writeFile(
      inventory.fsPath,
      `hosts:\n${hosts.join('')}groups:\n  still: { hosts: [frozen], readOnly: true }\n`,
    );
    await commands.executeCommand('muster.refreshInventory');
    const group = await rowWhen(muster, ['still'], () => true);
    fleet = group.node.fleet;
  });
  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    documents.dispose();
    batches.dispose();
    await writeFile(inventory.fsPath, text);
    await commands.executeCommand('muster.refreshInventory');
    await rowWhen(await activeMuster(), ['local'], () => true);
    await farm[Symbol.asyncDispose]();
  });

  it('plans say what would change, and write nothing', async () => {
    await writeFile(local('app.conf'), 'new\n');
    await writeFile(join(homeOf('copy-2'), 'app.conf'), 'older\n');
    const plan = await transfers.plan(copyOf(local('app.conf'), ...web));
    assert.deepEqual(
      plan.results.map(({ changes }) => changes.map(({ kind }) => kind)),
      [['new'], ['changed'], ['new']],
    );
    assert.equal(plan.summary.changed, 3);
    assert.deepEqual(await readdir(homeOf('copy-1')), []);
    assert.equal(await readFile(join(homeOf('copy-2'), 'app.conf'), 'utf8'), 'older\n');
  });

  it('copies to three hosts, byte for byte, and the second time to none', async () => {
    const order = copyOf(local('app.conf'), ...web);
    const startedAt = new Date();
    const report = await transfers.carryOut(order);
    assert.deepEqual(
      report.results.map(({ status, changedFiles }) => [status, changedFiles]),
      [
        ['ok', 1],
        ['ok', 1],
        ['ok', 1],
      ],
    );
    for (const host of web) {
      assert.deepEqual(await readdir(homeOf(host)), ['app.conf']);
      assert.equal(await readFile(join(homeOf(host), 'app.conf'), 'utf8'), 'new\n');
    }
    const again = await transfers.plan(order);
    assert.deepEqual([again.summary.changed, again.summary.same], [0, 3]);
    await documents.show('Copied', transferText({ order, kind: 'copy', startedAt, report }));
    const shown = window.activeTextEditor!.document;
    assert.equal(shown.languageId, 'muster-run');
    assert.match(shown.getText(), /# Verdict +3 hosts changed\n/);
    assert.match(
      shown.getText(),
      /──── copy-2 \(1 host\) · 1 file changed, 4 B ────\n {2}~ ~\/app\.conf\n[^]*copy-\[1,3\] \(2 hosts\) · 1 file changed, 4 B ────\n {2}\+ ~\/app\.conf\n/,
    );
  });

  it('asks before it writes: no dialog can be answered here, and the file stays', async () => {
    await writeFile(local('app.conf'), 'newer\n');
    const given = { files: [local('app.conf')], selector: 'copy-1', destination: 'app.conf' };
    const report = await commands.executeCommand<TransferReport | undefined>('muster.copyToHosts', given);
    assert.equal(report, undefined);
    assert.equal(await readFile(join(homeOf('copy-1'), 'app.conf'), 'utf8'), 'new\n');
  });

  it('refuses hosts of a group that is read-only, before anything is connected to', async () => {
    await assert.rejects(transfers.carryOut(copyOf(local('app.conf'), 'copy-1', 'frozen')), {
      code: 'READ_ONLY',
    });
    const given = { files: [local('app.conf')], selector: 'frozen', destination: 'app.conf' };
    assert.equal(await commands.executeCommand('muster.copyToHosts', given), undefined);
    assert.deepEqual(await readdir(homeOf('frozen')), []);
    assert.equal(await readFile(join(homeOf('copy-1'), 'app.conf'), 'utf8'), 'new\n');
  });

  it('that is cancelled leaves the old file and nothing else', async () => {
    const folder = homeOf('slow');
    await writeFile(join(folder, 'app.conf'), 'old\n');
    await writeFile(local('large'), Buffer.alloc(16 * 1024 * 1024, 'x'));
    const cancel = new AbortController();
    const copying = transfers.carryOut(copyOf(local('large'), 'slow'), cancel.signal);
    await until('a part of the file', async () => (await readdir(folder)).length > 1);
    cancel.abort();
    const report = await copying;
    assert.equal(report.results[0]!.status, 'stopped');
    assert.deepEqual(await readdir(folder), ['app.conf']);
    assert.equal(await readFile(join(folder, 'app.conf'), 'utf8'), 'old\n');
  });

  it('fetches into a folder for each host, and what differs is in groups', async () => {
    await writeFile(join(homeOf('copy-3'), 'app.conf'), 'another\n');
    const folder = local('fetched');
    const order: FetchOrder = { kind: 'fetch', ...choose(...web), source: 'app.conf', folder };
    const report = await transfers.carryOut(order);
    assert.equal(report.summary.ok, 3);
    assert.deepEqual((await readdir(folder)).sort(), [...web]);
    assert.equal(await readFile(join(folder, 'copy-1', 'app.conf'), 'utf8'), 'new\n');
    const files = await fetchedFiles(await foldersOf(order, report), order.source);
    assert.deepEqual(
      files.map(({ path }) => path),
      ['app.conf'],
    );
    assert.deepEqual(
      foldFiles(files[0]!.results).map(({ hostSet }) => hostSet),
      ['copy-[1-2]', 'copy-3'],
    );
  });

  it('fetches with the arguments of a key binding, and from hosts that are read-only', async () => {
    await writeFile(join(homeOf('frozen'), 'app.conf'), 'kept\n');
    const given = { selector: 'frozen', path: 'app.conf', folder: local('of-frozen') };
    const report = await commands.executeCommand<TransferReport>('muster.fetchFromHosts', given);
    assert.equal(report.summary.ok, 1);
    assert.equal(await readFile(join(local('of-frozen'), 'frozen', 'app.conf'), 'utf8'), 'kept\n');
  });

  it('compares what is missing on a host as a group of its own', async () => {
    const folders = new Map<string, string>();
    for (const [host, file] of [
      ['w-1', 'one'],
      ['w-2', 'one'],
      ['w-3', 'two'],
    ] as const) {
      const folder = local(`set-${host}`);
      await mkdir(join(folder, 'etc'), { recursive: true });
      await writeFile(join(folder, 'etc', file), 'same\n');
      folders.set(host, folder);
    }
    const files = await fetchedFiles(folders, '/srv/etc');
    assert.deepEqual(
      files.map(({ path, results }) => [path, foldFiles(results).map(({ hostSet }) => hostSet)]),
      [
        ['etc/one', ['w-[1-2]', 'w-3']],
        ['etc/two', ['w-3', 'w-[1-2]']],
      ],
    );
  });
});
