import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../harness/until';
import { installVscode, vscodeVersions } from '../harness/vscodeInstallation';
import { installVsix, startVscodeServer } from '../harness/vscodeServer';
import { Workbench } from '../harness/workbench';

/** Pictures of the READMEs and the walkthrough, each step in each theme. */
const folder = join('media', 'walkthrough');
const themes = ['light', 'dark', 'highContrast', 'highContrastLight'] as const;

const settings = {
  'editor.minimap.enabled': false,
  'breadcrumbs.enabled': false,
  'window.commandCenter': false,
  'workbench.layoutControl.enabled': false,
  'workbench.navigationControl.enabled': false,
};

/** Drives the packaged extension through the lab, as a newcomer would, and takes a picture of each step. */
export async function takeScreenshots(vsix: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'fleet-'));
  try {
    const installation = await installVscode(vscodeVersions.at(-1)!, console.log);
    await using extension = await installVsix(installation, vsix);
    const server = await startVscodeServer(installation, { extensions: [extension.folder], settings });
    await using workbench = await Workbench.open(server, scratch);
    await workbench.page.setViewportSize({ width: 960, height: 600 });
    await mkdir(folder, { recursive: true });
    for (const step of [lab, inventory, run, check]) await step(workbench);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The state that `show` brings about, in each theme. */
async function picture(workbench: Workbench, name: string, show = async () => {}): Promise<void> {
  for (const theme of themes) {
    await workbench.setTheme(theme);
    await show();
    // Nothing is pointed at.
    await workbench.page.mouse.move(0, 0);
    const path = join(folder, `${name}-${theme}.png`);
    await workbench.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    console.log(path);
  }
}

const rowWith = (workbench: Workbench, name: string, text: RegExp) =>
  until(`${name}: ${text.source}`, async () =>
    (await workbench.treeRows('Hosts')).some((row) => row.name === name && text.test(row.description)),
  );

async function lab(workbench: Workbench): Promise<void> {
  await workbench.openViewContainer('Muster');
  await workbench.runCommand('Muster: Start Lab');
  await workbench.treeRow('Hosts', 'web').waitFor();
  await workbench.runCommand('Notifications: Clear All Notifications');
  await workbench.expandTreeRow('Hosts', 'web');
  await picture(workbench, 'lab');
}

async function inventory(workbench: Workbench): Promise<void> {
  const line = workbench.page.locator('.part.editor .view-line', { hasText: 'web-02:' });
  await workbench.clickRowMenu('Hosts', 'web-02', 'Open Inventory at Host', line);
  await picture(workbench, 'inventory');
  await workbench.runCommand('View: Close All Editors');
}

async function run(workbench: Workbench): Promise<void> {
  await picture(workbench, 'run', async () => {
    await workbench.runCommand('Muster Runs: Run Command…');
    await workbench.type('web-* !web-01');
    await workbench.page.getByText('5 hosts', { exact: true }).waitFor();
  });
  await workbench.page.keyboard.press('Escape');
}

async function check(workbench: Workbench): Promise<void> {
  await workbench.runCommand('Muster: Check All Hosts');
  await rowWith(workbench, 'data', /^4\/5 · 1 degraded$/);
  await rowWith(workbench, 'web', /unhealthy/);
  await workbench.runCommand('Notifications: Clear All Notifications');
  await workbench.expandTreeRow('Hosts', 'web-02');
  await picture(workbench, 'check');
}
