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
import type { Workbench } from '../../../harness/workbench';
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
    await workbench.page.locator('.pane-header[aria-label="Hosts Section"]').click();
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
  /** Rows with a command open by their twistie. */
  const expand = async (name: string) => {
    const row = workbench.treeRow('Profiles', name);
    await until(`${name} opened`, async () => {
      if ((await row.getAttribute('aria-expanded')) === 'true') return true;
      await row
        .locator('.monaco-tl-twistie')
        .click({ timeout: 2000 })
        .catch(() => {});
      return false;
    });
  };
  const clickTitleAction = async (title: string) => {
    const header = workbench.page.locator('.pane-header[aria-label="Profiles Section"]');
    await header.hover();
    await header.locator(`.action-label[aria-label^="${title}"]`).click();
  };
  const remove = async (name: string) => {
    // On a slow machine the menu closes late and is looked for again, when its row is gone already.
    await workbench.clickRowMenu('Profiles', name, 'Remove Profile').catch(() => {});
    await workbench.treeRow('Profiles', name).waitFor({ state: 'hidden' });
  };
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
    await workbench.treeRow('Profiles', 'spin').click();
    await until('the source', async () => (await workbench.editorTitle()) === 'spin.cjs');
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
    await clickTitleAction('Show My Code Only in Profiles');
    await workbench.page.getByText('Only functions of this workspace').waitFor();
    await treeRowWhen(
      workbench,
      'price',
      /^self [\d.]+% · total [\d.]+% · .* · shop\.ts:7$/,
      /./,
      'Profiles',
    );
    await workbench.treeRow('Profiles', 'price').click();
    await until('the source', async () => (await workbench.editorTitle()) === 'shop.ts');
    await until('its line', async () => (await line()).startsWith('Ln 7,'));
    await workbench.page
      .getByText(/^self [\d.]+% · total [\d.]+%$/)
      .first()
      .waitFor();
    await expand('Critical path');
    await workbench.screenshotInThemes('profiles');
  });

  it('leads from the lens over a function back to its row', async () => {
    await clickTitleAction('Show All Code in Profiles');
    await workbench.page
      .getByText(/^self [\d.]+% · total [\d.]+%$/)
      .first()
      .click();
    await until('the row', async () =>
      (await workbench.treeRow('Profiles', 'price').getAttribute('class'))?.includes('selected'),
    );
  });

  it('shows the flame graph of a profile, whatever opens its file otherwise', async () => {
    await workbench.clickRowMenu('Profiles', 'shop.cpuprofile', 'Open Profile as Flame Graph');
    const page = panelFrame(workbench);
    await page.getByText('Left Heavy').waitFor();
  });

  it('says what to do about a source that is not there, and remembers the file that is chosen', async () => {
    await writeFile(join(folder.path, 'far.folded'), 'far (/srv/app/spin_far.cjs:2) 1\n');
    await openProfile('far.folded');
    await expand('far.folded');
    await remove('shop.cpuprofile');
    await expand('Hot functions');
    await workbench.treeRow('Profiles', 'far').click();
    const { buttons } = await workbench.notification('/srv/app/spin_far.cjs is not on this machine');
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
    await page.getByText('Sandwich').click();
    await page.getByText('spinHard').first().waitFor();
    await treeRowWhen(workbench, 'gateway', /^node · cpu/, /flame/, 'Profiles');
  });
});
