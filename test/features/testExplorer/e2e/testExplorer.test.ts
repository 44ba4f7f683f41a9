import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { until, untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';

describe(`Checks as tests in VS Code ${inject('vscodeVersion')}`, () => {
  let server: Server;
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    folder = await scratchFolder({
      'muster.yaml': `defaults: { timeout: 10s }
hosts:
  web-[1:2]: { address: 127.0.0.1 }
  db: { address: 127.0.0.1 }
groups:
  web: { hosts: web-* }
checks:
  port:
    type: tcp
    port: ${port}
  banner: { type: tcp, port: ${port}, on: db, expect: { banner: nginx } }
  closed: { type: tcp, port: 1, on: db }
`,
    });
    workbench = await openMuster(folder.path);
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    server.close();
  });

  const labels = () =>
    workbench.page
      .locator('.part.sidebar .monaco-list-row')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
  const shows = async (label: RegExp) => (await labels()).some((one) => label.test(one));
  const rowWhen = async (label: RegExp) => {
    const shown = await untilRead(`${label.source} in the Test Explorer`, labels, (all) =>
      all.some((one) => label.test(one)),
    );
    return shown.find((one) => label.test(one));
  };

  it('are listed by group, run, and show what was expected', async () => {
    const { page } = workbench;
    await workbench.runCommand('Testing: Focus on Test Explorer View');
    await rowWhen(/^web\b/);
    await workbench.runCommand('Test: Run All Tests');
    await rowWhen(/^web \(Passed\)/);
    await rowWhen(/^Ungrouped \(Failed\)/);
    for (const [label, child] of [
      ['Ungrouped', /^db/],
      ['db', /^closed/],
    ] as const)
      await workbench.actUntil(
        `the rows below ${label}`,
        () => shows(child),
        async () => {
          // The hover of the row before would lie over this one.
          await page.mouse.move(0, 0);
          await page
            .locator('.part.sidebar .monaco-list-row', { hasText: label })
            .first()
            .click({ timeout: 15_000 });
          await page.keyboard.press('ArrowRight');
        },
      );
    await rowWhen(/^banner.*\(Failed\)/);
    expect(await rowWhen(/^port.*\(Passed\)/)).toMatch(/port/);
    const failure = page.locator('.test-output-peek-tree .monaco-list-row', { hasText: 'db banner' }).first();
    await workbench.runCommand('Test Results: Focus on Test Results View');
    await failure.waitFor();
    expect(await failure.innerText()).toContain('expected a banner matching /nginx/, got "SSH-2.0-OpenSSH');
    await workbench.screenshotInThemes('test-explorer');
  });

  it('are run from the gutter of muster.yaml', async () => {
    const { page } = workbench;
    await workbench.runCommand('Muster: Open Inventory at Host');
    await until(
      'the gutter',
      async () => (await page.locator('.editor-instance .testing-run-glyph').count()) > 3,
    );
    const before = page.locator('.part.sidebar', { hasText: '3/5' });
    await workbench.runCommand('Test: Run All Tests');
    await before.waitFor();
    // VS Code draws the glyphs anew after each run, and loses a click on one that it has just replaced.
    await workbench.actUntil(
      'the run of one check',
      async () => !(await before.isVisible()),
      () => page.locator('.editor-instance .testing-run-glyph').last().click({ timeout: 15_000 }),
    );
    await workbench.screenshotInThemes('test-gutter');
  });
});
