import { execFile } from 'node:child_process';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../harness/openMuster';
import { until } from '../harness/until';
import type { Workbench } from '../harness/workbench';
import { type ScratchFolder, scratchFolder } from './scratchFolder';

const program = `
const { createHash } = require('node:crypto');
function burn(times) { let text = ''; for (let i = 0; i < times; i++) text = createHash('sha256').update(text + i).digest('hex'); return text; }
burn(200000);
`;

/** More different stacks than a page draws: wide ones, and below one of them a hundred thousand narrow ones. */
function large(): string {
  const lines = ['main;serve (serve.cjs:2);query 400000', 'main;idle 300000'];
  for (let index = 0; index < 100_000; index++)
    lines.push(`main;spread;group ${index % 10};call ${index % 1000};narrow ${index} 3`);
  return lines.join('\n');
}

describe(`Profiles as flame graphs, in VS Code ${inject('vscodeVersion')}`, () => {
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    folder = await scratchFolder({
      'before.folded': 'main;query 60\nmain;<b>render</b> 40\n',
      'later.folded': 'main;query 60\nmain;<b>render</b> 40\nmain;query;parse (serve.cjs:2) 50\n',
      'broken.pprof': 'no profile',
      'large.folded': large(),
      'serve.cjs':
        'const { createServer } = require("node:http");\nfunction serve() { return createServer(); }\n',
      'work.cjs': program,
    });
    const earlier = new Date(Date.now() - 60_000);
    await utimes(join(folder.path, 'before.folded'), earlier, earlier);
    const flags = ['--cpu-prof', '--cpu-prof-name=node.cpuprofile', 'work.cjs'];
    await promisify(execFile)(process.execPath, flags, { cwd: folder.path });
    workbench = await openMuster(folder.path);
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const page = () =>
    workbench.page.frameLocator('iframe.webview.ready').last().frameLocator('iframe#active-frame');
  const open = async (name: string) => {
    await workbench.runCommand('Go to File...');
    await workbench.type(name);
    await workbench.pick(name);
  };
  const shows = (what: string, text: string) =>
    until(what, async () =>
      (
        await page()
          .locator('body')
          .innerText({ timeout: 2000 })
          .catch(() => '')
      ).includes(text),
    );

  it('are drawn by speedscope, in the theme of the editor, with the names of their functions as text', async () => {
    await open('before.folded');
    await shows('the graph', 'Left Heavy');
    await page().locator('canvas').first().waitFor();
    // speedscope asks for its theme so.
    const isDarkPage = () =>
      page().locator('body').evaluate(`matchMedia('(prefers-color-scheme: dark)').matches`);
    await workbench.screenshotInThemes('flame', (isDark) =>
      until('the theme on the page', async () => (await isDarkPage()) === isDark),
    );
    await page().getByText('Sandwich').click();
    await shows('a hostile name as it is', '<b>render</b>');
    await shows('its share', '40%');
    await workbench.screenshotInThemes('flame-sandwich');
  });

  it('keep their view while other tabs are looked at', async () => {
    await open('work.cjs');
    await until('the source', async () => (await workbench.text()).includes('createHash'));
    await open('before.folded');
    await shows('the sandwich again', '<b>render</b>');
  });

  it('are compared with each other: what grew is named first, and leaves the editor as Markdown', async () => {
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await open('before.folded');
    await shows('the graph', 'Left Heavy');
    await workbench.runCommand('Muster: Compare Profile With…');
    await workbench.chooseFile(join(folder.path, 'later.folded'));
    await shows('what the totals are', 'samples: 100 before, 150 after. Before is scaled by 1.50.');
    const rows = page().locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.first().locator('.source, .state, td').allInnerTexts()).toEqual([
      'parse',
      'new',
      '0',
      '50',
      '+50',
      '0',
      '50',
      '+50',
    ]);
    await workbench.screenshotInThemes('compare');
    await page().getByRole('button', { name: 'Copy as Markdown' }).click();
    const markdown = await until('the clipboard', async () => {
      const text = await workbench.page.evaluate<string>('navigator.clipboard.readText()');
      return text.includes('before.folded') && text;
    });
    expect(markdown).toContain('| parse (new) | 0 | 50 | +50 | 0 | 50 | +50 |');
    expect(markdown).toContain('\\<b\\>render');
    await page().getByRole('button', { name: 'parse', exact: true }).click();
    await until('the source', async () => (await workbench.editorTitle()) === 'serve.cjs');
  });

  it('of Node.js are offered, and can be exported', async () => {
    await open('node.cpuprofile');
    await workbench.runCommand('View: Reopen Editor With...');
    await workbench.pick('Flame Graph');
    await shows('the graph', 'Left Heavy');
    await page().getByText('Sandwich').click();
    await shows('the function', 'burn');
    await workbench.screenshot('flame-node');
    await page().getByText('Export').click();
    const file = join(folder.path, 'exported.speedscope.json');
    await workbench.chooseFile(file);
    const exported = await until('the file', async () => {
      const text = await readFile(file, 'utf8').catch(() => '');
      return text.endsWith('}') ? text : undefined;
    });
    expect(exported).toContain('"name":"burn"');
  });

  it('of more stacks than can be seen fold narrow frames, say so, and draw them when they are asked for', async () => {
    await open('large.folded');
    await shows('what is folded', 'frames are too narrow to be seen and are folded');
    await page().getByText('Left Heavy').click();
    await workbench.screenshot('flame-large');
    // The graph is searched as it is with a keyboard.
    await page().locator('body').press('Control+f');
    await page().locator('input').last().fill('narrow frames');
    await page().locator('input').last().press('Enter');
    await shows('the stack of a folded frame', 'spread');
    await page().locator('input').last().press('Escape');
    await workbench.runCommand('Muster: Draw Callees of Selected Frame');
    await shows('a part of it', 'Only what');
    await workbench.screenshot('flame-large-below');
    await page().getByText('Draw the Whole Profile').click();
    await shows('the whole', 'frames are too narrow to be seen and are folded');
  });

  it('lead from a frame to its source', async () => {
    await page().getByText('Sandwich').click();
    await page()
      .locator('td', { hasText: 'serve' })
      .first()
      .click({ modifiers: ['Control'] });
    await until('the source', async () => (await workbench.editorTitle()) === 'serve.cjs');
    expect(await workbench.text()).toContain('function serve()');
    await until('the line', async () =>
      (await workbench.page.locator('.part.statusbar').innerText()).includes('Ln 2'),
    );
  });

  it('that are damaged say so', async () => {
    await open('broken.pprof');
    await shows('the reason', 'broken.pprof: the file is of no known format');
    await workbench.screenshotInThemes('flame-broken');
  });
});
