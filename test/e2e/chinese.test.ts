import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../harness/openMuster';
import { type Sshd, SshdFarm } from '../harness/sshd';
import { until } from '../harness/until';
import type { Workbench } from '../harness/workbench';
import { type ScratchFolder, scratchFolder } from './scratchFolder';
import { treeRowWhen } from './treeRowWhen';

describe(`In Chinese, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
    folder = await scratchFolder({
      'muster.yaml': `defaults:
  ssh: { user: ${userInfo().username}, identityFile: ${farm.clientKey}, knownHosts: ./known_hosts }
hosts:
  web-1: { address: ${daemon.address}, ssh: { port: ${daemon.port} } }
  frozen: { address: ${daemon.address}, ssh: { port: ${daemon.port} } }
groups:
  audit: { hosts: [frozen], readOnly: true }
checks:
  login: { type: ssh, timeout: 20s }
`,
      known_hosts: await daemon.knownHostsLine(),
    });
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
    await workbench.page.locator('.pane-header[aria-label="运行 Section"]').click();
    await workbench.page.getByText('此工作区中尚未运行任何内容。').waitFor();
    await workbench.runCommand('Muster: 全部检查');
    await treeRowWhen(workbench, '未分组', /^1\/1 健康$/, /^pass$/, '主机');
    await treeRowWhen(workbench, 'audit', /^1\/1 健康 · 只读$/, /^pass$/, '主机');
    await workbench.screenshot('chinese-hosts');
  });

  it('are the steps of a run, and its document', async () => {
    await workbench.runCommand('Muster: 运行命令…');
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
    await until('the document', async () => (await workbench.text()).includes('green'));
    const text = await workbench.text();
    expect(text).toMatch(/^# 命令 +printf/);
    expect(text).toContain('──── web-1 (1 台主机) · 退出状态 3 ────');
    const green = workbench.page.locator('.view-line span[class*="ced-"]', { hasText: 'green' });
    expect(await green.first().innerText()).toBe('green');
    await workbench.screenshot('chinese-run');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
