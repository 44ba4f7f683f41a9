import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { panelFrame } from '../../../harness/panelFrame';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { treeRowWhen } from '../../../harness/treeRowWhen';
import { until } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';

describe(`Pinned series in VS Code ${inject('vscodeVersion')}`, () => {
  let server: Server;
  let folder: ScratchFolder;
  let workbench: Workbench;
  /** How often each host was read for its pins: the panel goes on with the address that it was opened with. */
  const reads: Record<string, number> = { 'web-1': 0, 'web-2': 0 };
  const broken = new Set<string>();

  beforeAll(async () => {
    server = createServer(({ url }, response) => {
      const [, reader, host = ''] = url!.split('/');
      if (reader === 'pins') reads[host]!++;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      if (broken.has(host)) response.writeHead(503);
      response.end('# TYPE load gauge\nload{of="a"} 1\nload{of="b"} 2\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/panel/{name}`;
    folder = await scratchFolder({
      'muster.yaml': `hosts:
  web-1: { transport: local }
  web-2: { transport: local }
metrics:
  app: { on: "web-*", type: prometheus, url: "${url}", interval: 1s }
`,
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
    await workbench.runCommand('Muster: Show Metrics');
    await workbench.type('*');
    await workbench.accept();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    server?.closeAllConnections();
    server?.close();
  });

  const row = (host: string, of: string) =>
    panelFrame(workbench).locator('tbody tr', { hasText: `${host} {of="${of}"}` });
  const edit = async (from: string, to: string) => {
    const file = join(folder.path, 'muster.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
  };

  it('are read each by itself: pinning one leaves the others alone', async () => {
    await row('web-1', 'a').waitFor();
    await edit('/panel/{name}", interval: 1s', '/pins/{name}", interval: 1h');
    await row('web-1', 'a').locator('.pin').click();
    await workbench.expandTreeRow('Hosts', 'web-1');
    await until('a reading', () => reads['web-1']! > 0);
    await treeRowWhen(workbench, 'load{of="a"}', /^1$/);
    const before = reads['web-1'];
    await row('web-2', 'b').locator('.pin').click();
    await workbench.expandTreeRow('Hosts', 'web-2');
    await treeRowWhen(workbench, 'load{of="b"}', /^2$/);
    // Of the same source, which is read in an hour again.
    await row('web-1', 'b').locator('.pin').click();
    await until('a row that is not read yet', async () =>
      (await workbench.treeRows('Hosts')).some(
        ({ name, description }) => name === 'load{of="b"}' && description === 'not read yet',
      ),
    );
    await treeRowWhen(workbench, 'load{of="a"}', /^1$/);
    expect(reads['web-1']).toBe(before);
    await workbench.screenshotInThemes('metrics-pins');
    await row('web-1', 'b').locator('.pin').click();
    await workbench.runCommand('View: Close All Editors');
    expect(reads['web-1']).toBe(before);
    await edit('interval: 1h', 'interval: 1s');
  });

  it('have the reason where a reading fails, and their value again afterwards', async () => {
    broken.add('web-2');
    await treeRowWhen(workbench, 'load{of="b"}', /status 503/, /warning/);
    await treeRowWhen(workbench, 'load{of="a"}', /^1$/);
    await workbench.screenshot('metrics-pin-failing');
    broken.clear();
    await treeRowWhen(workbench, 'load{of="b"}', /^2$/);
  });

  it('are not read while the view is hidden', async () => {
    await workbench.openViewContainer('Explorer');
    await workbench.treeRow('Hosts', 'web-1').waitFor({ state: 'hidden' });
    // A reading may be under way when the view goes; after it there is none.
    const readsIn = async (ms: number) => {
      const before = reads['web-2']!;
      await new Promise((resolve) => setTimeout(resolve, ms));
      return reads['web-2']! - before;
    };
    await until('the end of reading', async () => (await readsIn(3_000)) === 0);
    await workbench.openViewContainer('Muster');
    const before = reads['web-2']!;
    await until('readings', () => reads['web-2']! > before);
    await treeRowWhen(workbench, 'load{of="b"}', /^2$/);
  });

  it('say that their source is gone when an edit removes it, and are read again when it is back', async () => {
    await edit('on: "web-*"', 'on: web-1');
    await treeRowWhen(workbench, 'load{of="b"}', /^This host has no source “app”\.$/, /warning/);
    await workbench.screenshot('metrics-pin-without-source');
    await edit('on: web-1', 'on: "web-*"');
    await treeRowWhen(workbench, 'load{of="b"}', /^2$/);
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
