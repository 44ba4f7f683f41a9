import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { panelFrame } from '../../../harness/panelFrame';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { treeRowWhen } from '../../../harness/treeRowWhen';
import { untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';

const hosts = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'];
/** The last one is unlike the others. */
const loads: Record<string, number> = { 'web-1': 1, 'web-2': 1.1, 'web-3': 0.9, 'web-4': 1, 'web-5': 9 };

describe(`Metrics in VS Code ${inject('vscodeVersion')}`, () => {
  let server: Server;
  let folder: ScratchFolder;
  let workbench: Workbench;
  let asked = 0;

  beforeAll(async () => {
    server = createServer(({ url }, response) => {
      asked++;
      const load = loads[url!.slice(1)];
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      if (load === undefined) response.writeHead(500);
      response.end(
        `# TYPE node_load1 gauge\nnode_load1 ${load! + (asked % 7) / 10}\n# TYPE requests_total counter\nrequests_total ${asked * 10}\n`,
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const lines = [...hosts, 'gone-1'].map((name) => `  ${name}: { transport: local }\n`);
    folder = await scratchFolder({
      'muster.yaml': `hosts:\n${lines.join('')}metrics:\n  app: { type: prometheus, url: "http://127.0.0.1:${port}/{name}", interval: 1s }\nlogs:\n  app: { path: /tmp/none.log }\n`,
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    server?.closeAllConnections();
    server?.close();
  });

  const page = () => panelFrame(workbench);
  const chart = (name: string) => page().locator(`.chart[aria-label="${name}"]`);

  it('are charts with who stands out first, and hosts that fail with their reason', async () => {
    await workbench.runCommand('Muster: Show Metrics');
    await workbench.type('*');
    await workbench.accept();
    const rows = chart('node_load1').locator('tbody tr');
    await untilRead(
      'who stands out',
      () => rows.first().innerText(),
      (text) => /web-5[^]*9[^]*stands out/.test(text),
    );
    await page().locator('.failures', { hasText: 'gone-1 · app: ' }).waitFor();
    expect(await page().locator('.state').innerText()).toBe('Following 5 of 6 sources');
    expect(await chart('node_load1').locator('.plot').getAttribute('aria-label')).toContain(
      'stand out: web-5',
    );
    await chart('node_load1').locator('canvas').first().waitFor();
    await workbench.screenshotInThemes('metrics-lines');
  });

  it('are a band over hosts, and zoom together', async () => {
    await chart('node_load1').locator('select').first().selectOption('band');
    await untilRead(
      'the band',
      () => chart('node_load1').locator('tbody').innerText(),
      (text) => /5 hosts[^]*…[^]*stand out: web-5/.test(text),
    );
    await workbench.screenshotInThemes('metrics-band');
    const plot = chart('requests_total').locator('.u-over');
    const box = (await plot.boundingBox())!;
    await workbench.page.mouse.move(box.x + box.width * 0.4, box.y + 40);
    await workbench.page.mouse.down();
    await workbench.page.mouse.move(box.x + box.width * 0.9, box.y + 40, { steps: 4 });
    await workbench.page.mouse.up();
    await page().locator('.reset').waitFor();
    await page().locator('.reset').click();
    await page().locator('.reset').waitFor({ state: 'hidden' });
  });

  it('are written as CSV and PNG', async () => {
    await page().locator('.export').click();
    const csv = join(folder.path, 'shown.csv');
    await workbench.chooseFile(csv);
    const text = await untilRead(
      'the file',
      () => readFile(csv, 'utf8').catch(() => ''),
      (read) => read !== '',
    );
    expect(text).toMatch(/^time,host,source,series,kind,value,rate,unit\n/);
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT[^,]+Z,web-5,app,node_load1,gauge,9[.\d]*,,$/m);
    expect(text).not.toContain('gone-1');
    await chart('node_load1').locator('.png').click();
    const png = join(folder.path, 'shown.png');
    await workbench.chooseFile(png);
    const bytes = await untilRead(
      'the picture',
      () => readFile(png, 'latin1').catch(() => ''),
      (read) => read !== '',
    );
    expect(bytes.slice(1, 4)).toBe('PNG');
  });

  it('lead to the logs of a time and to a profile of the host', async () => {
    const row = chart('requests_total').locator('tbody tr', { hasText: 'web-5' });
    for (const [action, asked, title] of [
      ['logs', 'app', 'Which log of 1 host?'],
      ['capture', 'Go (net/http/pprof)', 'Capture from web-5'],
    ] as const) {
      await row.locator(`.${action}`).click();
      await untilRead(
        'what is asked',
        async () => (await workbench.pickItems()).join('\n'),
        (items) => items.includes(asked),
      );
      expect(await workbench.quickInput.innerText()).toContain(title);
      await workbench.page.keyboard.press('Escape');
    }
  });

  it('have series that are pinned below their hosts, and are as they were after a reload', async () => {
    await chart('requests_total').locator('tbody tr', { hasText: 'web-5' }).locator('.pin').click();
    await workbench.expandTreeRow('Hosts', 'web-5');
    const pinned = () => treeRowWhen(workbench, 'requests_total', /^[\d.]+\/s$/);
    await pinned();
    await workbench.screenshotInThemes('metrics-pinned');
    await workbench.reloadUntil('the charts', () => chart('node_load1').isVisible());
    expect(await chart('node_load1').locator('select').first().inputValue()).toBe('band');
    await workbench.expandTreeRow('Hosts', 'web-5');
    await pinned();
    await workbench.clickRowAction(
      'Hosts',
      'requests_total',
      'Unpin Series',
      async () => (await workbench.treeRow('Hosts', 'requests_total').count()) === 0,
    );
  });
});
