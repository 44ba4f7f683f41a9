import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../harness/until';
import { installVscode, vscodeVersions } from '../harness/vscodeInstallation';
import { startVscodeServer } from '../harness/vscodeServer';
import { Workbench } from '../harness/workbench';

/** Pictures of the README and of the walkthrough, by theme. */
const folder = join('media', 'walkthrough');
const themes = ['light', 'dark'] as const;

/** Drives the packaged extension through the lab, as a newcomer would, and takes a picture of each step. */
export async function takeScreenshots(vsix: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'fleet-'));
  try {
    const installation = await installVscode(vscodeVersions.at(-1)!, console.log);
    const server = await startVscodeServer(installation, {
      extensions: [vsix],
      settings: { 'editor.minimap.enabled': false, 'breadcrumbs.enabled': false },
    });
    await using workbench = await Workbench.open(server, scratch);
    await workbench.page.setViewportSize({ width: 960, height: 600 });
    await mkdir(folder, { recursive: true });
    await lab(workbench);
    await check(workbench);
    await run(workbench);
    await inventory(workbench);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The same state in each theme. */
async function picture(workbench: Workbench, name: string): Promise<void> {
  for (const theme of themes) {
    await workbench.setTheme(theme);
    // Nothing is pointed at.
    await workbench.page.mouse.move(0, 0);
    await workbench.page.screenshot({ path: join(folder, `${name}-${theme}.png`), animations: 'disabled' });
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

async function check(workbench: Workbench): Promise<void> {
  await workbench.runCommand('Muster: Check All');
  await rowWith(workbench, 'data', /^4\/5 · 1 degraded$/);
  await rowWith(workbench, 'web', /unhealthy/);
  await workbench.runCommand('Notifications: Clear All Notifications');
  await workbench.expandTreeRow('Hosts', 'web-02');
  await picture(workbench, 'check');
}

async function run(workbench: Workbench): Promise<void> {
  for (const theme of themes) {
    await workbench.setTheme(theme);
    await workbench.runCommand('Muster: Run Command…');
    await workbench.type('web-* !web-01');
    await workbench.page.getByText('5 hosts', { exact: true }).waitFor();
    await workbench.page.screenshot({ path: join(folder, `run-${theme}.png`), animations: 'disabled' });
    await workbench.page.keyboard.press('Escape');
  }
}

async function inventory(workbench: Workbench): Promise<void> {
  await workbench.runCommand('Muster: Open Inventory at Host');
  await until('muster.yaml', async () => (await workbench.editorTitle()) === 'muster.yaml').catch(async (e: unknown) => { console.log(JSON.stringify(await workbench.editorTitle())); await workbench.page.screenshot({ path: '/tmp/dbg.png' }); throw e; });
  await picture(workbench, 'inventory');
}
