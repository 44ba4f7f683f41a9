import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, inject } from 'vitest';
import { openMuster } from '../../harness/openMuster';
import { until } from '../../harness/until';
import type { Workbench } from '../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../harness/scratchFolder';
import { treeRowWhen } from '../../harness/treeRowWhen';

describe(`A person with a fleet, in VS Code ${inject('vscodeVersion')}`, () => {
  let folder: ScratchFolder;
  let workbench: Workbench;
  let lab = '';

  beforeAll(async () => {
    folder = await scratchFolder();
    workbench = await openMuster(folder.path);
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const rowWhen = (name: string, description: RegExp, icon?: RegExp) =>
    treeRowWhen(workbench, name, description, icon);
  const textWith = (part: string) => workbench.textWith(part);

  const runOnWeb = async (command: string) => {
    const question = workbench.quickInput.getByText('Run on @web');
    await workbench.clickRowMenu('Hosts', 'web', 'Run Command…', question);
    await workbench.type(command);
    await workbench.accept();
    await workbench.page.getByText('Hosts at a time').waitFor();
    await workbench.accept();
    return workbench.dialog();
  };

  /** Most hosts of the lab's web group are protected, so their selector is typed. */
  const confirmWeb = async () => {
    await workbench.answerDialog('Continue…');
    await workbench.inputMessage('Type “@web” to run');
    await workbench.type('@web');
    await workbench.accept();
  };

  /** The lab may take a moment to do as it was told. */
  const checksUntil = (begins: string) =>
    workbench.clickRowAction('Hosts', 'web-01', 'Check Hosts', async () =>
      (await workbench.treeRows('Hosts')).some(
        ({ name, description }) => name === 'web-01' && description.startsWith(begins),
      ),
    );

  it('is welcomed, and starts the lab from there', async () => {
    await workbench.openViewContainer('Muster');
    await workbench.page.getByRole('button', { name: 'Start Lab' }).waitFor();
    expect(await workbench.welcomeText()).toContain('This folder has no muster.yaml yet');
    await workbench.screenshotInThemes('welcome');
    await workbench.page.getByRole('button', { name: 'Start Lab' }).click();
    const { message, buttons } = await workbench.notification('The lab runs');
    expect(message).toContain('12 hosts on this machine');
    expect(buttons).toEqual(['Check All', 'Open muster.yaml']);
    expect(await rowWhen('web', /^6 hosts$/)).toMatchObject({ icon: 'circle-outline' });
    await workbench.statusBarItemSays('muster.fleet', /^server 12$/);
  });

  it('checks everything, and sees the sick hosts', async () => {
    await workbench.answerNotification('The lab runs', 'Check All');
    await rowWhen('data', /^4\/5 · 1 degraded$/);
    await rowWhen('web', /^\d\/6 · \d unhealthy/, /^error$/);
    await workbench.expandTreeRow('Hosts', 'web');
    await rowWhen('web-02', /^unhealthy: health · /, /^error$/);
    const healthy = await rowWhen('web-01', /^healthy · [\d.]+ m?s$/, /^pass$/);
    expect(healthy.label).toMatch(/^web-01, healthy · /);
    await workbench.statusBarItemSays('muster.fleet', /^error \d+\/12$/);
    await until('the badge', async () => Number(await workbench.badge('Muster')) > 0);
  });

  it('sees why a host is sick below it', async () => {
    await workbench.expandTreeRow('Hosts', 'web-02');
    expect((await rowWhen('health', /^unhealthy · /)).description).toContain('expected status 200, got 503');
    await rowWhen('login', /^healthy · /);
    await workbench.screenshotInThemes('fleet');
  });

  it('runs a command on a group after confirming it, and reads the folded output', async () => {
    const { message, detail, buttons } = await runOnWeb('cat release');
    expect(message).toBe('Run “cat release” on 6 hosts?');
    expect(detail).toContain('web-01, web-02, web-03, web-04, web-05, web-06');
    expect(detail).toContain('Protected (env=prod): web-02, web-03, web-04, web-05, web-06');
    expect(buttons).toContain('Continue…');
    await workbench.screenshot('confirm');
    await confirmWeb();
    await workbench.editorTitled(/^cat release \(/);
    const text = await textWith('# Verdict   6 ok');
    expect(text).toContain('# Targets   @web (6: web-[01-06])');
    expect(text).toContain('· ok ────');
    await workbench.screenshot('run');
    lab = dirname(/# Inventory (\S+)/.exec(text)![1]!);
  });

  it('breaks a host, and sees it down after a check of its row', async () => {
    await writeFile(join(lab, 'broken', 'web-01'), '');
    await checksUntil('unhealthy: health, ');
    await workbench.screenshot('broken');
  });

  it('reads in the next run which host failed and why, the biggest group last', async () => {
    await runOnWeb('hostname > /dev/null; echo up');
    await confirmWeb();
    const text = await textWith('# Verdict   5 ok, 1 failed');
    const failed = text.indexOf('──── web-01 (1 host) · ');
    const fine = text.indexOf('──── web-[02-06] (5 hosts) · ok ────\nup');
    expect(failed).toBeGreaterThan(0);
    expect(fine).toBeGreaterThan(failed);
    await workbench.screenshot('run-with-failure');
  });

  it('mends it, and sees it healthy again', async () => {
    await rm(join(lab, 'broken', 'web-01'));
    await checksUntil('healthy');
  });

  it('chooses hosts by selector, with the number that it matches', async () => {
    await workbench.runCommand('Muster Runs: Run Command…');
    expect(await workbench.pickItems()).toContain('@web');
    await workbench.type('web-* !web-01');
    await workbench.page.getByText('5 hosts', { exact: true }).waitFor();
    await workbench.screenshot('selector');
    await workbench.type('wbe-01');
    await workbench.page.getByText('Did you mean “web-01”?').waitFor();
    await workbench.page.keyboard.press('Escape');
  });

  it('stops the lab, and is where it began', async () => {
    await workbench.runCommand('Muster: Stop Lab');
    await workbench.page.getByRole('button', { name: 'Start Lab' }).waitFor();
    await until('no badge', async () => (await workbench.badge('Muster')) === '');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });

  it('is led there by the walkthrough, too', async () => {
    await workbench.runCommand('Welcome: Open Walkthrough...');
    await workbench.pick('Get started with Muster');
    const step = workbench.page.locator('.getting-started-step', { hasText: 'Start the lab' });
    const button = step.locator('.monaco-button', { hasText: 'Start Lab' });
    await workbench.actUntil('the step opened', button, () =>
      step.click({ position: { x: 60, y: 12 }, timeout: 15_000 }),
    );
    await workbench.screenshot('walkthrough');
    await button.click();
    await workbench.notification('The lab runs');
    await step.locator('.codicon.complete').waitFor();
    await rowWhen('web', /^6 hosts$/);
    await workbench.runCommand('Muster: Stop Lab');
    await workbench.page.getByText('This folder has no muster.yaml yet').waitFor();
  });
});
