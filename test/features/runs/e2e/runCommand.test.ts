import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';

describe(`Run Command, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const daemon = await farm.start();
    const hosts = [
      { name: 'web-[1:2]', daemon, labels: '{ env: staging }' },
      { name: 'web-3', daemon, labels: '{ env: prod }' },
      { name: 'vault', daemon },
    ];
    const rest = 'groups: { secrets: { hosts: [vault], readOnly: true } }\n';
    folder = await scratchFolder(await sshdInventory(farm, hosts, rest));
    await mkdir(join(folder.path, '.vscode'));
    const waits = `echo begun; until [ -e '${join(folder.path, 'go')}' ]; do sleep 0.1; done; echo oops >&2`;
    const task = { type: 'muster', command: waits, problemMatcher: '$muster' };
    const tasks = [
      { ...task, label: 'in batches', selector: 'web-1 web-2', serial: 1 },
      { ...task, label: 'on protected hosts', selector: 'web-3' },
    ];
    await folder.write('.vscode/tasks.json', JSON.stringify({ version: '2.0.0', tasks }));
    // Text is read from the page, which has none when it is drawn by the graphics processor.
    const settings = { 'terminal.integrated.gpuAcceleration': 'off' };
    workbench = await openMuster(folder.path, { settings });
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'vault').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const question = () => workbench.page.locator('.quick-input-widget:visible');
  const sees = (text: string | RegExp) => question().getByText(text).first().waitFor();
  const goesBack = () => question().getByRole('button', { name: /^Back/ }).click();
  const textWith = (part: string) => workbench.textWith(part);
  const terminal = async () =>
    (await workbench.page.locator('.terminal-wrapper.active .xterm-rows > div').allInnerTexts())
      .join('\n')
      .replaceAll('\u00a0', ' ');
  const terminalShows = (pattern: RegExp) =>
    untilRead(`${pattern.source} in the terminal`, terminal, (screen) => pattern.test(screen));
  /** Chooses hosts that are so many, up to the question for their command. */
  const asksForCommand = async (selector: string, count: string) => {
    await workbench.runCommand('Muster Runs: Run Command…');
    await sees('Run Command: which hosts?');
    await workbench.type(selector);
    await sees(count);
    await workbench.accept();
    await sees(`Run on ${selector} (${count})`);
  };
  const runsTask = async (label: string) => {
    await workbench.runCommand('Tasks: Run Task');
    await workbench.pick(label);
  };

  it('counts hosts while a selector is typed, refuses those that are read-only, and goes back over its steps', async () => {
    await workbench.runCommand('Muster Runs: Run Command…');
    await sees('Run Command: which hosts?');
    await workbench.type('web-*');
    await sees('3 hosts');
    await workbench.type('vault');
    await sees(/read-only/i);
    await workbench.screenshot('run-refused');
    await workbench.accept();
    await sees('Run Command: which hosts?');
    await workbench.type('web-1');
    await sees('1 host');
    await workbench.accept();
    await sees('Run on web-1 (1 host)');
    await workbench.type('uptime');
    await workbench.accept();
    await sees('Run “uptime” on web-1 (1 host)');
    await workbench.pick('In batches of');
    await workbench.inputMessage('Write counts or percentages');
    await workbench.type('1,50%');
    await workbench.accept();
    await sees('1,50%');
    await workbench.screenshot('run-options');
    await goesBack();
    await sees('Run on web-1 (1 host)');
    await goesBack();
    await sees('Run Command: which hosts?');
    await workbench.type('web-*');
    await sees('3 hosts');
    await workbench.accept();
    await sees('Run on web-* (3 hosts)');
    await workbench.accept();
    await sees('Run “uptime” on web-* (3 hosts)');
    // What was chosen is there still.
    await sees('1,50%');
    await workbench.type('Dry run');
    await workbench.accept();
    await sees('Show what would run');
    await workbench.accept();
    const text = await textWith('# Dry run');
    expect(text).toContain('# Command   uptime');
    expect(text).toContain('# Batches   3: 1, 1, 1');
    expect(text).toContain('# Protected web-3');
    await workbench.screenshotInThemes('dry-run');
  });

  it('has the selector of protected hosts typed, and offers the command again', async () => {
    await asksForCommand('web-*', '3 hosts');
    await workbench.type('echo hello');
    await workbench.accept();
    await sees('Run “echo hello” on web-* (3 hosts)');
    await workbench.accept();
    const { message, detail } = await workbench.dialog();
    expect(message).toBe('Run “echo hello” on 3 hosts?');
    expect(detail).toContain('Protected (env=prod): web-3');
    await workbench.answerDialog('Continue…');
    await workbench.inputMessage('Type “web-*” to run');
    await workbench.type('web');
    await workbench.inputMessage('This is not “web-*”.');
    await workbench.type('web-*');
    await workbench.accept();
    expect(await textWith('# Verdict   3 ok')).toContain('\nhello');

    await asksForCommand('web-1', '1 host');
    expect(await workbench.pickItems()).toContain('echo hello');
    await workbench.screenshot('run-history');
    await workbench.page.keyboard.press('Escape');
  });

  it('takes what is typed where the list has not caught up with it, and never another item than the one in sight', async () => {
    await asksForCommand('web-1', '1 host');
    await workbench.type('echo later');
    await workbench.accept();
    await sees('Run “echo later” on web-1 (1 host)');
    await workbench.accept();
    await workbench.answerDialog('Run');
    await textWith('\nlater');

    await asksForCommand('web-1', '1 host');
    await workbench.whileExtensionsStandStill(async () => {
      await workbench.type('echo h');
      // The editor has found this one by itself.
      await question().locator('.monaco-list-row.focused', { hasText: 'echo hello' }).waitFor();
      await workbench.accept();
    });
    await sees('Run “echo h” on web-1 (1 host)');
    await goesBack();
    await sees('Enter to go on');
    await workbench.whileExtensionsStandStill(async () => {
      await workbench.page.keyboard.press('ArrowDown');
      await workbench.page.keyboard.press('Enter');
    });
    await sees('Run “echo hello” on web-1 (1 host)');
    await workbench.page.keyboard.press('Escape');
  });

  it('is a task, too: batches, output as it arrives, and nothing on protected hosts without their selector', async () => {
    await runsTask('in batches');
    await terminalShows(/Batch 1 of 2 \(1 host\)[^]*web-1 \| begun/);
    expect(await terminal()).not.toContain('web-1 =');
    await writeFile(join(folder.path, 'go'), '');
    await terminalShows(
      /web-1 ! oops *\nweb-1 = ok \(1\/2\) *\n.*Batch 2 of 2[^]*web-2 = ok \(2\/2\) *\n2 ok *(\n|$)/,
    );
    await workbench.screenshotInThemes('run-task');

    await runsTask('on protected hosts');
    expect((await workbench.dialog()).detail).toContain('Protected (env=prod): web-3');
    await workbench.answerDialog('Cancel');
    await terminalShows(/Not confirmed: nothing was run\./);
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
