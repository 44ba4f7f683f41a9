import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { panelFrame } from '../../../harness/panelFrame';
import { freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';
import type { Outcome, Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { treeRowWhen } from '../../../harness/treeRowWhen';

const source = `import { createHash } from 'node:crypto';

interface Order {
  items: number;
}

function price(items: number): string {
  let text = '';
  for (let i = 0; i < items; i++) text = createHash('sha256').update(text + i).digest('hex');
  return text;
}

function checkout({ items }: Order): string {
  return price(items) + price(items / 2);
}

console.log(checkout({ items: 150_000 }));
`;
const helper = `function spin(times) {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += Math.sqrt(i);
  return sum;
}
module.exports = { spin };
`;

describe(`The Profiles view, in VS Code ${inject('vscodeVersion')}`, () => {
  let folder: ScratchFolder;
  /** Not in the workspace. */
  let elsewhere: ScratchFolder;
  let workbench: Workbench;
  let service: ChildProcess;
  const profile = (program: string, name: string) =>
    promisify(execFile)(process.execPath, ['--cpu-prof', `--cpu-prof-name=${name}`, program], {
      cwd: folder.path,
    });

  beforeAll(async () => {
    const port = await freePort();
    service = spawn(process.execPath, [`--inspect=127.0.0.1:${port}`, 'test/fixtures/services/busy.mjs'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    folder = await scratchFolder({
      'muster.yaml': `hosts: { web-1: { address: 127.0.0.1 } }
profilers:
  gateway: { type: node, url: "http://127.0.0.1:${port}", through: direct, duration: 1s }
`,
      'spin.cjs': helper,
      'run.cjs': "const { spin } = require('./spin.cjs');\nspin(3e7);\n",
    });
    elsewhere = await scratchFolder({ 'spin_far.cjs': helper });
    await mkdir(join(folder.path, 'src'));
    await writeFile(join(folder.path, 'src', 'shop.ts'), source);
    await build({
      entryPoints: [join(folder.path, 'src', 'shop.ts')],
      ...{ bundle: true, platform: 'node', sourcemap: true, minify: true, logLevel: 'error' },
      outfile: join(folder.path, 'dist', 'shop.js'),
    });
    await profile('dist/shop.js', 'shop.cpuprofile');
    await profile('run.cjs', 'spin.cpuprofile');
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    // Rows that do not fit are not drawn.
    await workbench.setViewExpanded('Hosts', false);
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await elsewhere?.[Symbol.asyncDispose]();
    service?.kill('SIGKILL');
  });

  const openProfile = async (name: string) => {
    await workbench.runCommand('Muster Profiles: Open Profile…');
    await workbench.chooseFile(join(folder.path, name));
    await workbench.treeRow('Profiles', name).waitFor();
  };
  const expand = (name: string) => workbench.expandTreeRow('Profiles', name);
  const clickTitleAction = async (title: string, outcome: Outcome) => {
    const header = workbench.viewHeader('Profiles');
    await workbench.actUntil(title, outcome, async () => {
      await header.hover({ timeout: 15_000 });
      await header.locator(`.action-label[aria-label^="${title}"]`).click({ timeout: 15_000 });
    });
  };
  const myCodeOnly = () => workbench.page.getByText('Only functions of this workspace');
  const remove = (name: string) =>
    workbench.clickRowMenu('Profiles', name, 'Remove Profile', async () =>
      (await workbench.treeRows('Profiles')).every((row) => row.name !== name),
    );
  const opensSource = (name: string, file: string) =>
    workbench.clickTreeRow('Profiles', name, async () => (await workbench.editorTitle()) === file);
  const line = () => workbench.page.locator('[id="status.editor.selection"]').innerText();

  it('says what it is for while it is empty', async () => {
    await workbench.runCommand('Muster: Focus on Profiles View');
    await workbench.page.getByText('Captured CPU and heap profiles').waitFor();
    await workbench.page
      .locator('.welcome-view-content .monaco-button', { hasText: 'Capture Profile…' })
      .waitFor();
    await workbench.screenshotInThemes('profiles-empty');
  });

  it('leads from a hot function to its line', async () => {
    await openProfile('spin.cpuprofile');
    await expand('spin.cpuprofile');
    await treeRowWhen(workbench, 'cpu', /shown in the editor/, /eye/, 'Profiles');
    await expand('cpu');
    await expand('Hot functions');
    await treeRowWhen(
      workbench,
      'spin',
      /^self [\d.]+% · total [\d.]+% · .* · spin\.cjs:1$/,
      /./,
      'Profiles',
    );
    await opensSource('spin', 'spin.cjs');
    await until('its line', async () => (await line()).startsWith('Ln 1,'));
    await workbench.page
      .getByText(/^self [\d.]+% · total [\d.]+%$/)
      .first()
      .waitFor();
  });

  it('leads from shortened code to the TypeScript that it was made from, and shows what it weighs there', async () => {
    await remove('spin.cpuprofile');
    await openProfile('shop.cpuprofile');
    await expand('shop.cpuprofile');
    await expand('cpu');
    await expand('Hot functions');
    await clickTitleAction('Show My Code Only in Profiles', myCodeOnly());
    await treeRowWhen(
      workbench,
      'price',
      /^self [\d.]+% · total [\d.]+% · .* · shop\.ts:7$/,
      /./,
      'Profiles',
    );
    await opensSource('price', 'shop.ts');
    await until('its line', async () => (await line()).startsWith('Ln 7,'));
    await workbench.page
      .getByText(/^self [\d.]+% · total [\d.]+%$/)
      .first()
      .waitFor();
    await expand('Critical path');
    await workbench.screenshotInThemes('profiles');
  });

  it('leads from the lens over a function back to its row', async () => {
    await clickTitleAction('Show All Code in Profiles', async () => !(await myCodeOnly().isVisible()));
    const lens = workbench.page.getByText(/^self [\d.]+% · total [\d.]+%$/).first();
    const selected = workbench.treeRow('Profiles', 'price').and(workbench.page.locator('.selected'));
    await workbench.actUntil('the row', selected, () => lens.click({ timeout: 15_000 }));
  });

  it('shows the flame graph of a profile, whatever opens its file otherwise', async () => {
    const graph = panelFrame(workbench).getByText('Left Heavy');
    await workbench.clickRowMenu('Profiles', 'shop.cpuprofile', 'Open Profile as Flame Graph', graph);
  });

  it('says what to do about a source that is not there, and remembers the file that is chosen', async () => {
    await writeFile(join(folder.path, 'far.folded'), 'far (/srv/app/spin_far.cjs:2) 1\n');
    await openProfile('far.folded');
    await expand('far.folded');
    await remove('shop.cpuprofile');
    await expand('Hot functions');
    const told = '/srv/app/spin_far.cjs is not on this machine';
    const toast = workbench.page.locator('.notification-list-item:visible', { hasText: told });
    await workbench.clickTreeRow('Profiles', 'far', toast);
    const { buttons } = await workbench.notification(told);
    expect(buttons).toEqual(['Choose File…', 'Path Mappings']);
    await workbench.screenshot('profiles-not-found');
    await workbench.answerNotification('is not on this machine', 'Choose File…');
    await workbench.chooseFile(join(elsewhere.path, 'spin_far.cjs'));
    await until('the source', async () => (await workbench.editorTitle()) === 'spin_far.cjs');
    await workbench.answerNotification(
      `Look for all of /srv/app in ${elsewhere.path} from now on?`,
      'Remember',
    );
    const settings = await until('the mapping', async () => {
      const text = await readFile(join(folder.path, '.vscode', 'settings.json'), 'utf8').catch(() => '');
      return text.includes('/srv/app') ? text : undefined;
    });
    expect(JSON.parse(settings)).toEqual({ 'muster.profiles.pathMappings': { '/srv/app': elsewhere.path } });
  });

  it('has what is captured from a running service, whose flame graph opens by itself', async () => {
    const asks = (text: string) =>
      workbench.page.locator('.quick-input-widget:visible').getByText(text).first().waitFor();
    await workbench.runCommand('Muster Profiles: Capture Profile…');
    await asks('Capture Profile: from which hosts?');
    await workbench.type('web-1');
    await workbench.accept();
    await workbench.pick('gateway');
    await workbench.pick('cpu');
    await asks('1 s · 1000 samples a second');
    await workbench.accept();
    const page = panelFrame(workbench);
    await page.getByText('Left Heavy').waitFor();
    await workbench.actUntil('the sandwich', page.locator('td', { hasText: 'spinHard' }), () =>
      page.getByText('Sandwich').click({ timeout: 15_000 }),
    );
    await treeRowWhen(workbench, 'gateway', /^node · cpu/, /flame/, 'Profiles');
  });
});
