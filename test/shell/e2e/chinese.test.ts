import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../harness/openMuster';
import { type Sshd, SshdFarm } from '../../harness/sshd';
import type { Workbench } from '../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../harness/scratchFolder';
import { sshdInventory } from '../../harness/sshdInventory';
import { treeRowWhen } from '../../harness/treeRowWhen';

describe(`In Chinese, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
    const hosts = ['web-1', 'frozen'].map((name) => ({ name, daemon }));
    const rest = 'groups: { audit: { hosts: [frozen], readOnly: true } }\nchecks: { login: { type: ssh } }\n';
    folder = await scratchFolder(await sshdInventory(farm, hosts, rest));
    workbench = await openMuster(folder.path, { locale: 'zh-cn' });
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('主机', 'audit').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  it('are the views and what their rows say', async () => {
    // Empty, it begins collapsed.
    await workbench.setViewExpanded('运行', true);
    await workbench.page.getByText('此工作区中尚未运行任何内容。').waitFor();
    await workbench.runCommand('Muster: 检查所有主机');
    await treeRowWhen(workbench, '未分组', /^1\/1 健康$/, /^pass$/, '主机');
    await treeRowWhen(workbench, 'audit', /^1\/1 健康 · 只读$/, /^pass$/, '主机');
    await workbench.screenshot('chinese-hosts');
  });

  it('are the steps of a run, and its document', async () => {
    await workbench.runCommand('Muster Runs: 运行命令…');
    await workbench.page.getByText('运行命令：哪些主机？').waitFor();
    await workbench.type('web-1');
    await workbench.page.getByText('1 台主机', { exact: true }).waitFor();
    await workbench.accept();
    await workbench.page.getByText('在 web-1 (1 台主机) 上运行').waitFor();
    await workbench.type("printf '\\033[32mgreen\\033[m\\n'; exit 3");
    await workbench.accept();
    await workbench.page.getByText('同时处理的主机数').waitFor();
    await workbench.accept();
    expect((await workbench.dialog()).message).toMatch(/^在 web-1 上运行“/);
    await workbench.answerDialog('运行');
    const text = await workbench.textWith('──── web-1 (1 台主机) · 退出状态 3 ────');
    expect(text).toMatch(/^# 命令 +printf/);
    expect(text).toContain('\ngreen');
    const green = workbench.page.locator('.view-line span[class*="ced-"]', { hasText: 'green' });
    expect(await green.first().innerText()).toBe('green');
    await workbench.screenshot('chinese-run');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
