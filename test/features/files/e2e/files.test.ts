import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';

/** Leads into the folder in which the SFTP server of each host starts, so that the hosts' files differ. */
const path = '/proc/self/cwd/app.conf';

describe(`Files on hosts, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let folder: ScratchFolder;
  let workbench: Workbench;
  const fileOf = (host: string) => join(farm.directory, `files-of-${host}`, 'app.conf');

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const names = ['app-1', 'app-2', 'app-3', 'app-4'];
    const daemons = await Promise.all(
      names.map(async (name) => {
        const own = join(farm.directory, `files-of-${name}`);
        await mkdir(join(own, 'logs'), { recursive: true });
        const server = `/usr/lib/openssh/sftp-server -d ${own}`;
        const sftp = name === 'app-4' ? [] : [`Subsystem sftp ${server}`];
        return farm.start({ config: sftp });
      }),
    );
    await Promise.all(
      names.map((name) =>
        writeFile(fileOf(name), `listen 80\nworkers ${name === 'app-3' ? 8 : 4}\n`, { mode: 0o640 }),
      ),
    );
    await chmod(fileOf('app-1'), 0o640);
    const hosts = daemons.map((daemon, index) => ({
      name: names[index]!,
      daemon,
      labels: `{ env: ${index === 0 ? 'prod' : 'test'} }`,
    }));
    folder = await scratchFolder(await sshdInventory(farm, hosts, 'groups: { app: { hosts: ["app-*"] } }\n'));
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'app').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const content = () => readFile(fileOf('app-1'), 'utf8');
  const items = async () => (await workbench.pickItems()).map((item) => item.trim());
  const textIs = (part: string) => workbench.textWith(part);
  /** VS Code drops a save of what Auto Save is just trying to save. */
  const savesUntil = (shown: Locator) =>
    workbench.actUntil('what a save brings up', shown, () => workbench.page.keyboard.press('Control+S'));
  const typeAtStart = async (text: string) => {
    await workbench.page.locator('.part.editor .editor-instance .view-lines').first().click();
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.type(text);
  };

  it('are found by walking its folders while a path is typed, and open read-only', async () => {
    await workbench.runCommand('Muster: Open File on Host…');
    await workbench.pick('app-1');
    await until('the folder', async () => (await items()).includes('app.conf'));
    expect(await items()).toContain('logs');
    await workbench.screenshot('files-browse');
    await workbench.pick('logs');
    await workbench.page.getByText('The folder is empty').waitFor();
    await workbench.pick('..', async () => (await items()).includes('app.conf'));
    await workbench.pick('app.conf');
    await textIs('workers 4');
    await typeAtStart('x');
    await workbench.page.getByText('Files on hosts are read-only').first().waitFor();
    await workbench.statusBarItemSays('muster.hostFile', /^lock app-1$/);
    await workbench.screenshotInThemes('files-read-only');
    expect(await workbench.text()).not.toContain('xlisten');
  });

  it('are edited and saved where the workspace allows it, whole and with their mode, on protected hosts when asked', async () => {
    await mkdir(join(folder.path, '.vscode'));
    await folder.write('.vscode/settings.json', '{ "muster.files.write": true }');
    await until('an editor that takes text', async () => {
      await typeAtStart('# mine\n');
      return (await workbench.text()).includes('# mine');
    });
    await savesUntil(workbench.dialogBox);
    const { message } = await workbench.dialog();
    expect(message).toMatch(/^Change \/.*\/app\.conf on the protected host app-1\?$/);
    await workbench.screenshot('files-protected');
    await workbench.answerDialog('Change File');
    await until('the file saved', async () => (await content()).startsWith('# mine'));
    expect(await content()).toContain('workers 4\n');
    expect((await stat(fileOf('app-1'))).mode & 0o7777).toBe(0o640);
    expect(await readdir(join(farm.directory, 'files-of-app-1'))).toEqual(['app.conf', 'logs']);
  });

  it('are not overwritten when somebody else has changed them: the two are compared first', async () => {
    await typeAtStart('# again\n');
    await textIs('# again');
    // As many bytes as before.
    await writeFile(fileOf('app-1'), 'changed on the host\n'.padEnd((await content()).length, '#'));
    const conflict = 'The content of the file is newer';
    const shown = workbench.page.locator('.notification-list-item:visible', { hasText: conflict });
    await savesUntil(shown);
    const { buttons } = await workbench.notification(conflict);
    expect(buttons).toEqual(expect.arrayContaining(['Compare', 'Overwrite']));
    expect(await content()).toMatch(/^changed on the host\n/);
    const comparison = workbench.page.locator('.part.editor .monaco-diff-editor');
    await workbench.actUntil('the comparison', comparison, async () => {
      // Auto Save takes the notification with it, as each save does: the next one asks again.
      if ((await shown.count()) === 0) await workbench.page.keyboard.press('Control+S');
      await workbench.answerNotification(conflict, 'Compare');
    });
    await textIs('changed on the host');
    await workbench.screenshotInThemes('files-conflict');
    await workbench.page.locator('.editor-actions .codicon-check').click();
    await until('the file overwritten', async () => (await content()).startsWith('# again'));
  });

  it('are compared on several hosts, those of its group when the row is of one, folded by content', async () => {
    await workbench.runCommand('View: Close All Editors');
    // The group is the only one, so it is open from the start.
    const question = workbench.page.getByText('Compare a file on which hosts?');
    await workbench.clickRowMenu('Hosts', 'app-2', 'Compare File on Hosts…', question);
    await workbench.page.getByText('4 hosts', { exact: true }).first().waitFor();
    await workbench.accept();
    await workbench.page.getByText('Compare which file on 4 hosts?').waitFor();
    await workbench.type(path);
    await workbench.accept();
    await workbench.page.getByText('3 versions').waitFor();
    await workbench.page.getByText('the host offers no SFTP').waitFor();
    await workbench.screenshot('files-compare');
    await workbench.pick('app-3', async () => (await workbench.editorTitle()).startsWith('app.conf: '));
    await textIs('workers 8');
    await workbench.screenshot('files-compare-diff');
    await workbench.page.keyboard.press('Escape');
  });
});
