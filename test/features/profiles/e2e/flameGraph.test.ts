import { execFile } from 'node:child_process';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { panelFrame } from '../../../harness/panelFrame';
import { until, untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';

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

/** Two functions without a name in one file, for 30 and 15 ms, and one in another for 45 ms. */
function callbacks(): string {
  const call = (id: number, functionName: string, url: string, lineNumber: number) => ({
    ...{ id, hitCount: 1 },
    callFrame: { functionName, scriptId: '1', url, lineNumber, columnNumber: 2 },
  });
  return JSON.stringify({
    nodes: [
      { ...call(1, '(root)', '', -1), children: [2, 3, 4] },
      call(2, '', 'file:///srv/app.js', 4),
      call(3, '', 'file:///srv/app.js', 24),
      call(4, '', 'file:///srv/lib.js', 4),
    ],
    ...{ startTime: 0, endTime: 90_000 },
    samples: [2, 3, 4, 4],
    timeDeltas: [0, 30_000, 15_000, 40_000],
  });
}

describe(`Profiles as flame graphs, in VS Code ${inject('vscodeVersion')}`, () => {
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    folder = await scratchFolder({
      'before.folded': 'main;query 60\nmain;<b>render</b> 40\n',
      'later.folded': 'main;query 60\nmain;<b>render</b> 40\nmain;query;parse (serve.cjs:2) 50\n',
      'lines.folded':
        'main (serve.cjs:1);serve (serve.cjs:1) 3\nmain (serve.cjs:2);serve (serve.cjs:2) 5\nmain (serve.cjs:2) 2\n',
      'callbacks.cpuprofile': callbacks(),
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

  const page = () => panelFrame(workbench);
  const shows = (what: string, text: string) =>
    untilRead(
      what,
      () =>
        page()
          .locator('body')
          .innerText({ timeout: 2000 })
          .catch(() => ''),
      (shown) => shown.includes(text),
    );

  /** speedscope draws its tabs again while it reads a profile. */
  const showsSandwich = (part: string) =>
    workbench.actUntil(`${part} in the sandwich`, page().locator('td', { hasText: part }), () =>
      page().getByText('Sandwich').click({ timeout: 15_000 }),
    );
  const opensSource = async () => {
    const isOpened = async () => (await workbench.editorTitle()) === 'serve.cjs';
    await workbench.actUntil('the source', isOpened, () =>
      page()
        .locator('td', { hasText: 'serve' })
        .first()
        .click({ modifiers: ['Control'], timeout: 15_000 }),
    );
    await workbench.textWith('function serve()');
    await workbench.page.locator('.part.statusbar', { hasText: 'Ln 2' }).waitFor();
  };

  it('are drawn by speedscope, in the theme of the editor, with the names of their functions as text', async () => {
    await workbench.openFile('before.folded');
    await shows('the graph', 'Left Heavy');
    await page().locator('canvas').first().waitFor();
    // speedscope asks for its theme so.
    const isDarkPage = () =>
      page().locator('body').evaluate(`matchMedia('(prefers-color-scheme: dark)').matches`);
    await workbench.inThemes('flame', (isDark) =>
      until('the theme on the page', async () => (await isDarkPage()) === isDark),
    );
    await showsSandwich('<b>render</b>');
    await shows('its share', '40%');
    await workbench.screenshotInThemes('flame-sandwich');
  });

  /** What the rows of the sandwich say: the weight with all that is called, the own one, name and file. */
  const sandwichRows = () =>
    page()
      .locator('tbody tr, tr:has(td[title])')
      .evaluateAll((rows) =>
        [...new Set(rows)].map((row) => {
          const cells = [...row.querySelectorAll('td')];
          return [...cells.map(({ textContent }) => textContent), cells.at(-1)?.getAttribute('title')];
        }),
      );

  it('keep their view while other tabs are looked at', async () => {
    await workbench.openFile('work.cjs');
    await workbench.textWith('createHash');
    await workbench.openFile('before.folded');
    await shows('the sandwich again', '<b>render</b>');
  });

  it('are compared with each other: what grew is named first, and leaves the editor as Markdown', async () => {
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await workbench.openFile('before.folded');
    await shows('the graph', 'Left Heavy');
    await workbench.runCommand('Muster Profiles: Compare Profile With…');
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
    await shows('which is before', 'Before: before.folded → After: later.folded');
    await shows('why it is', 'Before was written');
    await workbench.screenshotInThemes('compare');
    await page().getByRole('button', { name: 'Copy as Markdown' }).click();
    const markdown = await until('the clipboard', async () => {
      const text = await workbench.page.evaluate<string>('navigator.clipboard.readText()');
      return text.includes('before.folded') && text;
    });
    expect(markdown).toContain('| parse (new) | 0 | 50 | +50 | 0 | 50 | +50 |');
    expect(markdown).toContain('\\<b\\>render');
    await page().getByRole('button', { name: 'parse', exact: true }).click();
    await workbench.editorTitled('serve.cjs');
  });

  it('are swapped when the wrong one was before', async () => {
    await workbench.runCommand('View: Open Previous Editor in Group');
    await shows('the comparison', 'Before: before.folded → After: later.folded');
    await page().getByRole('button', { name: 'Swap', exact: true }).click();
    await shows('the other order', 'Before: later.folded → After: before.folded');
    await shows('the other totals', 'samples: 150 before, 100 after.');
    await shows('that it is unusual', 'The later one is before.');
    expect(await page().locator('tbody tr').first().locator('.source, .state').allInnerTexts()).toEqual([
      'parse',
      'gone',
    ]);
    await workbench.editorTitled('later.folded → before.folded');
    await workbench.screenshotInThemes('compare-swapped');
    await workbench.runCommand('Muster Profiles: Swap Compared Profiles');
    await shows('the first order', 'Before: before.folded → After: later.folded');
  });

  it('of Node.js are offered, and can be exported', async () => {
    await workbench.openFile('node.cpuprofile');
    const graph = page().getByText('Left Heavy');
    await workbench.chooseFrom('View: Reopen Editor With...', 'Flame Graph', graph);
    await showsSandwich('burn');
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
    await workbench.openFile('large.folded');
    await shows('what is folded', 'frames are too narrow to be seen and are folded');
    await page().getByText('Left Heavy').click();
    await workbench.screenshot('flame-large');
    // The graph is searched as it is with a keyboard.
    await page().locator('body').press('Control+f');
    await page().locator('input').last().fill('narrow frames');
    await page().locator('input').last().press('Enter');
    await shows('the stack of a folded frame', 'spread');
    await page().locator('input').last().press('Escape');
    await workbench.runCommand('Muster Profiles: Draw Callees of Selected Frame');
    await shows('a part of it', 'Only what');
    await workbench.screenshot('flame-large-below');
    await page().getByText('Draw the Whole Profile').click();
    await shows('the whole', 'frames are too narrow to be seen and are folded');
  });

  it('lead from a frame to its source', async () => {
    await showsSandwich('serve');
    await opensSource();
  });

  it('add the lines of a function, as `muster profile top` does, and lead to the line that weighs most', async () => {
    await workbench.openFile('lines.folded');
    await shows('the graph', 'Left Heavy');
    await showsSandwich('serve');
    expect(await sandwichRows()).toEqual([
      ['8 (80%)', '8 (80%)', 'serve', 'serve.cjs'],
      ['10 (100%)', '2 (20%)', 'main', 'serve.cjs'],
    ]);
    await workbench.screenshotInThemes('flame-functions');
    await opensSource();
  });

  it('of Node.js open from the palette, whatever editor shows their file', async () => {
    await workbench.openFile('callbacks.cpuprofile');
    await workbench.screenshot('flame-from-table');
    await workbench.runCommand('Muster Profiles: Open Profile as Flame Graph');
    await shows('the graph', 'Left Heavy');
    await showsSandwich('(anonymous)');
    // Those of one file are one function, in all views and in the shell. Both weigh the same, so either may come first.
    expect((await sandwichRows()).sort()).toEqual([
      ['45.00ms (50%)', '45.00ms (50%)', '(anonymous)', '/srv/app.js'],
      ['45.00ms (50%)', '45.00ms (50%)', '(anonymous)', '/srv/lib.js'],
    ]);
    await workbench.screenshot('flame-callbacks');
  });

  it('open from the menu of the Explorer', async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.runCommand('File: Focus on Files Explorer');
    const file = workbench.page.locator('.explorer-folders-view .monaco-list-row', {
      hasText: 'callbacks.cpuprofile',
    });
    await workbench.clickMenu('Open Profile as Flame Graph', () => file.click({ button: 'right' }));
    await shows('the graph', 'Left Heavy');
  });

  it('stay whole when their editor becomes narrower', async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.openFile('before.folded');
    await shows('the graph', 'Left Heavy');
    await page().getByText('Left Heavy').click();
    /** What the pointer is on, in the second row, at a part of the width. */
    const pointed = (part: number) =>
      until('a frame below the pointer', async () => {
        const canvas = page().locator('canvas').last();
        const { x, y, width } = (await canvas.boundingBox())!;
        await workbench.page.mouse.move(x + width * part, y + 44);
        await workbench.page.mouse.move(x + width * part, y + 48);
        const tip = page()
          .locator('div:has(> span)', { hasText: /\(\d+%\)/ })
          .last();
        return tip.innerText({ timeout: 2000 }).catch(() => undefined);
      });
    const width = async () => (await page().locator('canvas').last().boundingBox())!.width;
    expect(await pointed(0.95)).toContain('render');
    await workbench.screenshotInThemes('flame-wide');
    const before = await width();
    await workbench.page.setViewportSize({ width: 800, height: 800 });
    await until('less room', async () => (await width()) < before - 300);
    expect(await pointed(0.95)).toContain('render');
    expect(await pointed(0.5)).toContain('query');
    await workbench.screenshotInThemes('flame-narrow');
    await workbench.page.setViewportSize({ width: 1280, height: 800 });
    await until('the room of before', async () => (await width()) === before);
    expect(await pointed(0.95)).toContain('render');
    expect(await pointed(0.5)).toContain('query');
    await workbench.runCommand('View: Split Editor Right');
    await until('two graphs', async () => (await workbench.page.locator('iframe.webview.ready').count()) > 1);
    await workbench.screenshot('flame-split');
    await workbench.runCommand('View: Close All Editors');
  });

  it('that are damaged say so', async () => {
    await workbench.openFile('broken.pprof');
    await shows('the reason', 'broken.pprof: the file is of no known format');
    await workbench.screenshotInThemes('flame-broken');
  });
});
