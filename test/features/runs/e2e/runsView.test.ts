import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { until, untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { sshdInventory } from '../../../harness/sshdInventory';
import { treeRowWhen } from '../../../harness/treeRowWhen';
import { type Sshd, SshdFarm } from '../../../harness/sshd';

describe(`The Runs view, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let daemons: Sshd[];
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemons = await farm.startMany(3);
    const hosts = daemons.map((daemon, index) => ({ name: `host-${index + 1}`, daemon }));
    folder = await scratchFolder({
      ...(await sshdInventory(farm, hosts)),
      'probe.py': 'import os\nprint(6 * 7, os.environ["SSH_CONNECTION"] != "")\n',
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'host-1').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const run = async (command: string, { atOnce }: { atOnce?: number } = {}) => {
    await workbench.runCommand('Muster Runs: Run Command…');
    await workbench.type('host-*');
    await workbench.page.getByText('3 hosts', { exact: true }).waitFor();
    await workbench.accept();
    await workbench.page.getByText('Run on host-* (3 hosts)').waitFor();
    await workbench.type(command);
    await workbench.accept();
    await workbench.page.getByText('Hosts at a time').waitFor();
    if (atOnce !== undefined) {
      await workbench.pick('Hosts at a time');
      await workbench.page.getByText('Write a whole number from 1 to 10000.').waitFor();
      await workbench.type(String(atOnce));
      await workbench.accept();
      await workbench.page
        .getByText('Enter runs with what is shown')
        .or(workbench.page.getByText('As root'))
        .first()
        .waitFor();
    }
    await workbench.accept();
    await workbench.dialog();
    await workbench.answerDialog('Run');
  };
  /** A run begins with how it went, then says where and when. */
  const runRow = (begins: RegExp, description: RegExp) =>
    until('the run', async () =>
      (await workbench.treeRows('Runs')).find(
        (row) => begins.test(row.name) && description.test(row.description),
      ),
    );
  /** On which of the hosts a command runs is told by the port of its connection. */
  const onFirst = () => `[ "\${SSH_CONNECTION##* }" = ${daemons[0]!.port} ]`;

  it('has the groups of hosts that said the same, the biggest first', async () => {
    const section = workbench.viewHeader('Runs');
    expect(await section.getAttribute('aria-expanded'), 'collapsed as long as it is empty').toBe('false');
    const command = `${onFirst()} && printf '\\033[31mred\\033[m alert\\n' && exit 3; echo calm`;
    await run(command);
    const { name } = await runRow(/^2 ok, 1 failed · /, /^host-\* · /);
    expect(await section.getAttribute('aria-expanded')).toBe('true');
    await workbench.expandTreeRow('Runs', name);
    await treeRowWhen(workbench, 'host-[2-3]', /^2 hosts · ok · calm$/, /^pass$/, 'Runs');
    await treeRowWhen(workbench, 'host-1', /^1 host · exit status 3 · red alert$/, /^error$/, 'Runs');
    expect((await workbench.treeRows('Runs')).map((row) => row.name)).toEqual([name, 'host-[2-3]', 'host-1']);
  });

  it('opens the output of a group, with its colours', async () => {
    await workbench.runCommand('View: Close All Editors');
    const alert = workbench.page.locator('.part.editor .view-line', { hasText: 'red alert' });
    await workbench.clickTreeRow('Runs', 'host-1', alert);
    await workbench.screenshotInThemes('runs');
    const red = workbench.page.locator('.view-line span[class*="ced-"]', { hasText: 'red' });
    expect(await red.first().innerText()).toBe('red');
    await workbench.runCommand('Muster Runs: Toggle Colours of Output');
    await red.first().waitFor({ state: 'detached' });
    expect(await workbench.text()).toContain('red alert');
    await workbench.runCommand('Muster Runs: Toggle Colours of Output');
    await red.first().waitFor();
  });

  it('compares two groups, and finds lines in all output', async () => {
    await workbench.clickRowAction('Runs', 'host-1', 'Compare Output of Groups', workbench.quickInput);
    await workbench.pick('host-[2-3]');
    await workbench.page.locator('.monaco-diff-editor').waitFor();
    await workbench.screenshot('runs-compare');
    await workbench.runCommand('Muster Runs: Search Output of Runs…');
    await workbench.type('/^c.lm$/');
    await workbench.page.getByText('host-[2-3]:1').waitFor();
    await workbench.screenshot('runs-search');
    await workbench.accept();
    await workbench.textWith('calm');
  });

  it('leaves the editor: as Markdown on the clipboard, and as a file for each host', async () => {
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const { name } = await runRow(/^2 ok, 1 failed · /, /^host-\* · /);
    let markdown: unknown;
    await workbench.clickRowMenu('Runs', name, 'Copy Run as Markdown', async () => {
      markdown = await workbench.page.evaluate('navigator.clipboard.readText()');
      return typeof markdown === 'string' && markdown.includes('red alert');
    });
    expect(markdown).toMatch(/host-\[2-3\][^]*calm/);

    await workbench.clickRowMenu('Runs', name, 'Save Output of Run to Folder…', workbench.quickInput);
    await workbench.chooseFile(folder.path + '/');
    await untilRead(
      'what is saved',
      async () => (await readdir(folder.path, { recursive: true })).map((path) => basename(path)),
      (saved) => ['host-1.out', 'host-2.out', 'host-3.out', 'summary.md'].every((one) => saved.includes(one)),
    );
  });

  it('runs again where it failed', async () => {
    const { name } = (await workbench.treeRows('Runs'))[0]!;
    await workbench.clickRowMenu('Runs', name, 'Rerun Command on Failed Hosts', workbench.dialogBox);
    expect((await workbench.dialog()).detail).toBe('host-1');
    await workbench.answerDialog('Run');
    await runRow(/^1 failed · /, /^host-1 · /);
  });

  it('has scripts too: what is selected in an editor runs with the interpreter of its language', async () => {
    await workbench.openFile('probe.py');
    await workbench.textWith('import os');
    const selected = workbench.page.locator('.part.statusbar', { hasText: 'selected' });
    await workbench.actUntil('the selection', selected, async () => {
      await workbench.page.locator('.part.editor .editor-instance .view-lines').first().click();
      await workbench.page.keyboard.press('ControlOrMeta+A');
    });
    await workbench.runCommand('Muster Runs: Run Selection on Hosts…');
    await workbench.page.getByText('Run “selection of probe.py”: which hosts?').waitFor();
    await workbench.type('host-2');
    await workbench.page.getByText('1 host', { exact: true }).waitFor();
    await workbench.accept();
    await workbench.page.getByText('Hosts at a time').waitFor();
    await workbench.accept();
    await workbench.dialog();
    await workbench.answerDialog('Run');
    const { name } = await runRow(/^1 ok · /, /^host-2 · /);
    expect(name).toBe('1 ok · selection of probe.py');
    await workbench.expandTreeRow('Runs', name);
    await treeRowWhen(workbench, 'host-2', /^1 host · ok · 42 True$/, /^pass$/, 'Runs');
  });

  it('keeps what was received when the window is reloaded in the middle, and goes on where it was cut', async () => {
    await run(`${onFirst()} && sleep 300; echo early`);
    await runRow(/^2 of 3 hosts · /, /^host-\* · /);
    await workbench.screenshot('runs-live');
    const interrupted = /^interrupted · /;
    await workbench.reloadUntil('the run that was cut', async () =>
      (await workbench.treeRows('Runs')).some(({ name }) => interrupted.test(name)),
    );
    const row = await runRow(interrupted, /^host-\* · /);
    await workbench.expandTreeRow('Runs', row.name);
    await treeRowWhen(workbench, 'host-[2-3]', /^2 hosts · ok · early$/, /^pass$/, 'Runs');
    await until('no command is left behind', async () => {
      const left = await Promise.all(daemons.map((daemon) => daemon.connections()));
      return left.flat().length === 0;
    });
    await workbench.clickRowMenu('Runs', row.name, 'Rerun Command on Failed Hosts', workbench.dialogBox);
    expect((await workbench.dialog()).detail).toBe(
      'Stopped while the command ran, which may have done a part of its work there: host-1\n\nhost-1',
    );
    await workbench.answerDialog('Cancel');
  });

  it('tells hosts that were stopped from those never started, and asks which to run on again', async () => {
    await run(`${onFirst()} && exit 3; exec sleep 300`, { atOnce: 1 });
    const { name: running } = await runRow(/^1 of 3 hosts · /, /^host-\* · /);
    const cancelled = /^1 failed, 1 stopped while running, 1 not started · /;
    await workbench.clickRowAction('Runs', running, 'Cancel Run', async () =>
      (await workbench.treeRows('Runs')).some(({ name }) => cancelled.test(name)),
    );
    const { name } = await runRow(cancelled, /^host-\* · /);
    await workbench.expandTreeRow('Runs', name);
    await treeRowWhen(workbench, 'host-2', /^1 host · stopped while running$/, /^circle-slash$/, 'Runs');
    await treeRowWhen(workbench, 'host-3', /^1 host · not started$/, /^circle-slash$/, 'Runs');
    await workbench.screenshotInThemes('runs-cancelled');

    const question = workbench.page.getByText('Run again on which hosts?');
    await workbench.clickRowMenu('Runs', name, 'Rerun Command on Failed Hosts', question);
    await workbench.page.getByText('The command may have done a part of its work there.').waitFor();
    await workbench.screenshot('runs-rerun');
    await workbench.accept();
    // What was stopped while it ran is repeated where that is asked for, only.
    expect((await workbench.dialog()).detail).toBe('host-1, host-3');
    await workbench.answerDialog('Cancel');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
