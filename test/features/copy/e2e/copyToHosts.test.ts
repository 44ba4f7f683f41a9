import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { untilRead } from '../../../harness/until';
import type { Outcome, Workbench } from '../../../harness/workbench';

describe(`Copying files, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let gone: Sshd;
  let folder: ScratchFolder;
  let workbench: Workbench;

  /** Where relative paths of a host begin: all hosts share one file system. */
  const homeOf = (host: string) => join(farm.directory, `home-${host}`);
  const onHost = (host: string) => readFile(join(homeOf(host), 'app.conf'), 'utf8');

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const hosts = await Promise.all(
      ['web-1', 'web-2', 'web-3', 'gone'].map(async (name) => {
        await mkdir(homeOf(name));
        const config = [`Subsystem sftp /usr/lib/openssh/sftp-server -d ${homeOf(name)}`];
        return {
          name,
          daemon: await farm.start({ config }),
          labels: `{ env: ${name === 'web-3' ? 'prod' : 'staging'} }`,
        };
      }),
    );
    await writeFile(join(homeOf('web-2'), 'app.conf'), 'workers = 16\n');
    gone = hosts[3]!.daemon;
    const rest = 'groups:\n  web: { hosts: ["web-*"] }\n  edge: { hosts: [web-1, gone] }\n';
    folder = await scratchFolder({
      ...(await sshdInventory(farm, hosts, rest)),
      'app.conf': 'workers = 8\n',
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'edge').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const sees = (text: string) => workbench.quickInput.getByText(text).first().waitFor();
  const asked = (text: string) => workbench.quickInput.getByText(text);
  /** Goes from the menu of the file in the Explorer up to the question of the copy. */
  const asksToCopy = async (selector: string, count: string, option?: string) => {
    await workbench.runCommand('File: Focus on Files Explorer');
    // The closing list of commands gives the focus back, which would close a menu that is open by then.
    await workbench.page.locator('.explorer-folders-view .monaco-list:focus').waitFor();
    const file = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'app.conf' });
    await workbench.actUntil('the question for hosts', asked('Copy to which hosts?'), () =>
      workbench.clickMenu('Copy to Hosts…', () => file.click({ button: 'right' })),
    );
    await workbench.type(selector);
    await sees(count);
    await workbench.accept();
    await sees(`Copy to which path on ${count}?`);
    await workbench.type('app.conf');
    await workbench.accept();
    await sees('Copy with which options?');
    if (option !== undefined) await workbench.pick(option, asked('1 Selected'));
    await workbench.screenshot('copy-options');
    await workbench.accept();
    return workbench.dialog();
  };

  it('asks before it writes, with what would change, where and on how many hosts', async () => {
    const { message, detail, buttons } = await asksToCopy(
      'env=staging,web-*',
      '2 hosts',
      'Keep What Is Replaced',
    );
    expect(message).toBe('Copy app.conf to app.conf on 2 hosts?');
    expect(detail).toContain('2 hosts would change (24 B)');
    expect(detail).toContain('web-1, web-2');
    expect(detail).toContain('What is replaced is kept beside it.');
    expect(buttons).toEqual(expect.arrayContaining(["Don't Copy", 'Copy', 'Show Plan', 'Cancel']));
    await workbench.screenshot('copy-question');
    await workbench.answerDialog('Cancel');
    expect(await readdir(homeOf('web-1'))).toEqual([]);
    expect(await onHost('web-2')).toBe('workers = 16\n');
  });

  it('shows the plan, copies from there, and opens the report', async () => {
    await asksToCopy('env=staging,web-*', '2 hosts', 'Keep What Is Replaced');
    await workbench.answerDialog('Show Plan');
    const plan = await workbench.textWith('# Dry run');
    expect(plan).toContain('──── web-1 (1 host) · 1 file would change, 12 B ────\n  + ~/app.conf');
    expect(plan).toContain('──── web-2 (1 host) · 1 file would change, 12 B ────\n  ~ ~/app.conf');
    await workbench.screenshotInThemes('copy-plan');
    expect(await readdir(homeOf('web-1'))).toEqual([]);

    await workbench.answerNotification('This is what would change.', 'Copy…');
    expect((await workbench.dialog()).message).toBe('Copy app.conf to app.conf on 2 hosts?');
    await workbench.answerDialog('Copy');
    await workbench.answerNotification('Copied app.conf: 2 hosts changed', 'Show Report');
    const report = await workbench.textWith('2 hosts changed');
    expect(report).toContain('──── web-1 (1 host) · 1 file changed, 12 B ────\n  + ~/app.conf');
    await workbench.screenshotInThemes('copy-report');
    expect(await onHost('web-1')).toBe('workers = 8\n');
    expect(await onHost('web-2')).toBe('workers = 8\n');
    const [, kept] = (await readdir(homeOf('web-2'))).sort();
    expect(await readFile(join(homeOf('web-2'), kept!), 'utf8')).toBe('workers = 16\n');
  });

  it('has the selector of protected hosts typed', async () => {
    const { detail } = await asksToCopy('web-*', '3 hosts');
    expect(detail).toContain('1 host would change, 2 same');
    expect(detail).toContain('Protected (env=prod): web-3');
    await workbench.screenshot('copy-protected');
    await workbench.answerDialog('Continue…');
    await workbench.inputMessage('Type “web-*” to copy app.conf there.');
    await workbench.type('web');
    await workbench.inputMessage('This is not “web-*”.');
    expect(await readdir(homeOf('web-3'))).toEqual([]);
    await workbench.type('web-*');
    await workbench.accept();
    await workbench.notification('Copied app.conf: 1 host changed, 2 same');
    expect(await onHost('web-3')).toBe('workers = 8\n');
  });

  it('names hosts that cannot be reached, and tries those again that failed', async () => {
    await gone.stop();
    await writeFile(join(homeOf('web-1'), 'app.conf'), 'workers = 16, by hand\n');
    const { detail } = await asksToCopy('@edge', '2 hosts');
    expect(detail).toContain('1 host would change, 1: REFUSED');
    await workbench.answerDialog('Copy');
    const copied = 'Copied app.conf: 1 host changed, 1: REFUSED';
    expect((await workbench.notification(copied)).buttons).toContain('Show Report');
    expect(await onHost('web-1')).toBe('workers = 8\n');

    await gone.resume();
    await workbench.answerNotification(copied, 'Copy Again to Failed Hosts');
    expect((await workbench.dialog()).message).toBe('Copy app.conf to app.conf on gone?');
    await workbench.answerDialog('Copy');
    await workbench.notification('Copied app.conf: 1 host changed');
    expect(await onHost('gone')).toBe('workers = 8\n');
  });

  it('lists in its report why a host failed', async () => {
    await gone.stop();
    await writeFile(join(homeOf('web-1'), 'app.conf'), 'workers = 16, by hand\n');
    await asksToCopy('@edge', '2 hosts');
    await workbench.answerDialog('Copy');
    await workbench.answerNotification('Copied app.conf: 1 host changed, 1: REFUSED', 'Show Report');
    const report = await workbench.textWith('──── gone (1 host) · REFUSED');
    expect(report).toMatch(/gone \(1 host\) · REFUSED ────\n {2}REFUSED: .*\n/);
    await workbench.screenshotInThemes('copy-failed');
  });

  it('fetches from a row of the Hosts view, and compares what was fetched', async () => {
    await writeFile(join(homeOf('web-3'), 'app.conf'), 'workers = 4\n');
    await workbench.openViewContainer('Muster');
    const path: Outcome = asked('Fetch which file or folder from 3 hosts?');
    await workbench.clickRowMenu('Hosts', 'web', 'Fetch from Hosts…', path);
    await workbench.type('app.conf');
    await workbench.accept();
    await sees('Fetch into which folder?');
    await workbench.screenshot('fetch-folder');
    await workbench.pick('In the workspace');
    await workbench.answerNotification('Fetched app.conf: 3 hosts fetched', 'Compare');
    await sees('app.conf on 3 hosts: 2 versions');
    await workbench.screenshot('fetch-compare');
    const fetched = join(folder.path, 'fetched');
    expect((await readdir(fetched)).sort()).toEqual(['web-1', 'web-2', 'web-3']);
    const diff = workbench.page.locator('.monaco-diff-editor');
    await workbench.pick('web-3', diff);
    await untilRead(
      'both versions',
      async () => (await diff.innerText()).replaceAll('\u00a0', ' '),
      (text) => text.includes('workers = 4') && text.includes('workers = 8'),
    );
    await workbench.screenshotInThemes('fetch-diff');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
