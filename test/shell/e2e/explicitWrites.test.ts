import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { EtcdFarm } from '../../harness/etcd';
import { openMuster } from '../../harness/openMuster';
import { SshdFarm } from '../../harness/sshd';
import { until } from '../../harness/until';
import type { Workbench } from '../../harness/workbench';
import { bytes, connect } from '../../features/etcd/integration/etcdFixture';
import { type ScratchFolder, scratchFolder } from '../../harness/scratchFolder';
import { sshdInventory } from '../../harness/sshdInventory';
import { treeRowWhen } from '../../harness/treeRowWhen';

describe(`What is open in VS Code ${inject('vscodeVersion')}, with Auto Save as browsers have it`, () => {
  let farm: EtcdFarm;
  let servers: SshdFarm;
  let folder: ScratchFolder;
  let workbench: Workbench;
  let files: string;

  beforeAll(async () => {
    farm = await EtcdFarm.start();
    servers = await SshdFarm.create();
    const daemon = await servers.start({ config: ['Subsystem sftp /usr/lib/openssh/sftp-server'] });
    files = join(servers.directory, 'files');
    await mkdir(files);
    await promisify(execFile)('mkfifo', [join(files, 'pipe')]);
    await writeFile(join(files, 'large'), '');
    await truncate(join(files, 'large'), 60 * 1024 * 1024);
    await farm.etcdctl('put', '/prod/db', 'primary');
    for (const name of ['one', 'two', 'three', 'four']) await farm.etcdctl('put', `/prod/${name}/key`, 'v');
    const cluster = `{ endpoints: ["${farm.endpoints[0]}"], prefix: /prod/, protected: true }`;
    folder = await scratchFolder(
      await sshdInventory(servers, [{ name: 'box', daemon }], `etcd: { prod: ${cluster} }\n`),
    );
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'box').waitFor();
    await workbench.setViewExpanded('Hosts', false);
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await servers?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const value = () => farm.etcdctl('get', '--print-value-only', '--', '/prod/db');

  it('is written when somebody saves it; a question gives the focus to the answer that does nothing', async () => {
    await treeRowWhen(workbench, 'prod', /^/, /^/, 'Config');
    await workbench.expandTreeRow('Config', 'prod');
    const text = workbench.page.locator('.part.editor .monaco-editor .view-line', { hasText: 'primary' });
    await workbench.clickTreeRow('Config', 'db', text);
    await workbench.page.locator('.part.editor .editor-instance .view-lines').first().click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type(' half-typ');
    // VS Code reports what Auto Save could not do, once, and asks nothing.
    await workbench.notification('never by Auto Save');
    await workbench.screenshot('writes-auto-save');
    expect(await workbench.page.locator('.monaco-dialog-box').count()).toBe(0);
    expect((await value()).trim()).toBe('primary');
    await workbench.page.locator('.tab.active.dirty').waitFor();
    /** VS Code drops a save of what Auto Save is just trying to save. */
    const saves = () =>
      workbench.actUntil('the question', workbench.dialogBox, async () => {
        await workbench.page.locator('.part.editor .editor-instance .view-lines').first().click();
        await workbench.page.keyboard.press('Control+S');
      });
    await saves();
    expect((await workbench.dialog()).message).toBe('Write /prod/db?');
    const focused = workbench.page.locator('.monaco-dialog-box .monaco-button:focus');
    await until('the focus', async () => (await focused.innerText()) === "Don't Write");
    await workbench.screenshot('writes-question');
    await workbench.page.keyboard.press('Enter');
    await workbench.notification('Nothing was written');
    expect((await value()).trim()).toBe('primary');
    await saves();
    await workbench.answerDialog('Write to prod');
    await until('the key written', async () => (await value()).trim() === 'primary half-typ');
  });

  it('has menus that act on their row while keys change 20 times a second', async () => {
    await using cluster = await connect(farm.endpoints);
    const stopping = new AbortController();
    const writing = (async () => {
      for (let turn = 0; !stopping.signal.aborted; turn++) {
        const name = ['one', 'two', 'three', 'four'][turn % 4]!;
        await cluster.put(bytes(`/prod/${name}/key`), bytes(String(turn)));
        await cluster.put(bytes(`/prod/zone-${turn % 40}`), bytes('x'));
        if (turn >= 20) await cluster.delete(bytes(`/prod/zone-${(turn - 20) % 40}`));
        await delay(50);
      }
    })();
    try {
      const title = workbench.page.locator('.quick-input-title:visible');
      const refusal = workbench.page.locator('.notification-list-item:visible', {
        hasText: 'The row changed while its menu was open',
      });
      let refused = 0;
      for (let turn = 0; turn < 10; turn++) {
        const name = ['one', 'two', 'three', 'four'][turn % 4]!;
        // While VS Code reads rows anew it does not know them: then nothing is done, which is said.
        await until(`the menu of ${name} at work`, async () => {
          await workbench.clickRowMenu('Config', name, 'Compare Prefix With…', title.or(refusal));
          if (await title.isVisible()) return true;
          refused++;
          await workbench.runCommand('Notifications: Clear All Notifications');
          return false;
        });
        expect(await title.innerText()).toBe(`Compare prod:/prod/${name}/ with`);
        if (turn === 0) await workbench.screenshot('writes-menu');
        await workbench.page.keyboard.press('Escape');
        await title.waitFor({ state: 'hidden' });
      }
      expect(refused).toBeLessThanOrEqual(5);
    } finally {
      stopping.abort();
      await writing;
    }
  });

  it('says why a file of a host does not open', async () => {
    for (const [name, reason] of [
      ['pipe', 'a pipe or a socket'],
      ['large', 'no more than 50 MB are read'],
    ] as const) {
      await workbench.runCommand('Muster: Open File on Host…');
      await workbench.pick('box');
      await workbench.page.getByPlaceholder('Path on box').waitFor();
      await workbench.type(join(files, name));
      await until(`${name} listed`, async () =>
        (await workbench.pickItems()).some((item) => item.includes(name)),
      );
      await workbench.accept();
      await workbench.notification(reason);
      await workbench.screenshot(`writes-open-${name}`);
    }
  });
});
