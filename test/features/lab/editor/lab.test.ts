import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commands, type MarkdownString } from 'vscode';
import type { CheckResult } from '../../../../src/features/checks/core/checkBatch';
import { until } from '../../../harness/until';
import { activeMuster, row, rows, rowWhen, type Muster } from '../../../harness/editor/muster';

const check = (command: string, ...nodes: unknown[]) =>
  commands.executeCommand<CheckResult[]>(command, ...nodes);

describe('A lab started from the editor', () => {
  let muster: Muster;
  let folder: string;

  before(async () => {
    muster = await activeMuster();
    await commands.executeCommand('muster.startLab');
    const lab = await rowWhen(muster, ['Lab'], () => true);
    folder = dirname(lab.node.fleet.file);
  });
  after(async () => {
    await commands.executeCommand('muster.stopLab');
    await until('a tree without the lab', () => !row(muster, 'Lab'));
  });

  it('stands beside the folder of the workspace, with groups, hosts and checks', () => {
    assert.deepEqual(
      rows(muster).map(({ label, description }) => [label, description]),
      [
        ['workspace', '1 host'],
        ['Lab', '12 hosts'],
      ],
    );
    assert.equal(row(muster, 'Lab', 'web')?.description, '6 hosts');
    assert.equal(row(muster, 'Lab', 'web', 'web-01', 'health')?.description, 'http');
  });

  it('is checked: verdicts in rows, counts in groups, the worst on top, the number unhealthy on the badge', async () => {
    const results = await check('muster.checkAll');
    const unhealthy = new Set(results.filter(({ status }) => status === 'unhealthy').map(({ host }) => host));
    await rowWhen(muster, ['Lab', 'web', 'web-02'], ({ icon }) => icon === 'error');
    await until('badge', () => muster.hosts.badge === unhealthy.size);
    const sickData = results.filter(({ host, status }) => /^(db|cache)-/.test(host) && status !== 'healthy');
    assert.deepEqual(
      sickData.map(({ host, check, status, message }) => [host, check, status, message]),
      [['db-2', 'disk', 'degraded', sickData[0]?.message]],
    );
    assert.ok(unhealthy.has('web-02'));
    assert.match(row(muster, 'Lab', 'web', 'web-02')!.description, /^unhealthy: health · \d/);
    assert.match(row(muster, 'Lab', 'web', 'web-02', 'login')!.description, /^healthy · \d/);
    assert.match(row(muster, 'Lab', 'web', 'web-01')!.description, /^healthy · \d/);
    assert.match(row(muster, 'Lab', 'data')!.description, /^4\/5 · 1 degraded$/);
    assert.equal(row(muster, 'Lab', 'data')!.icon, 'warning');
    assert.equal(row(muster, 'Lab')!.icon, 'error');
  });

  it('tells in the tooltip what was found, as text', async () => {
    const { tree } = muster.hosts;
    const { node } = row(muster, 'Lab', 'web', 'web-02')!;
    const item = tree.resolveTreeItem(tree.getTreeItem(node), node);
    const tooltip = item.tooltip as MarkdownString;
    assert.notEqual(tooltip.isTrusted, true);
    assert.match(tooltip.value, /expected status 200/);
  });

  it('shows a host that breaks when it is checked again, and when it is mended', async () => {
    const host = ['Lab', 'web', 'web-01'];
    await writeFile(join(folder, 'broken', 'web-01'), '');
    const broken = await until('a broken web-01', async () => {
      await check('muster.check', row(muster, ...host)!.node);
      const isDown = row(muster, ...host, 'login')!.description.startsWith('unhealthy');
      return isDown ? row(muster, ...host) : undefined;
    });
    assert.equal(broken.icon, 'error');
    await rm(join(folder, 'broken', 'web-01'));
    await until('a mended web-01', async () => {
      await check('muster.check', row(muster, ...host)!.node);
      return row(muster, ...host)!.icon === 'pass';
    });
  });

  it('is checked below the selected rows only, each target once', async () => {
    const group = row(muster, 'Lab', 'web')!.node;
    const host = row(muster, 'Lab', 'web', 'web-05')!.node;
    const one = row(muster, 'Lab', 'web', 'web-06', 'login')!.node;
    const results = await check('muster.check', host, [host, one]);
    assert.deepEqual([...new Set(results.map((result) => result.host))], ['web-05', 'web-06']);
    assert.deepEqual(
      results.filter((result) => result.host === 'web-06').map((result) => result.check),
      ['login'],
    );
    const both = await check('muster.check', group, [group, host]);
    const names = both.map((result) => `${result.host} ${result.check}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('leaves what was known when a batch is cancelled', async () => {
    const all = check('muster.checkAll');
    await commands.executeCommand('muster.cancel');
    const results = await all;
    assert.ok(results.some(({ status }) => status === 'skipped'));
    await rowWhen(muster, ['Lab', 'web', 'web-01'], ({ icon }) => icon === 'pass');
  });
});
