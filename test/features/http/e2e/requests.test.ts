import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';

describe(`Files of requests, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let server: Server;
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const isBroken = request.url!.endsWith('web-3');
      response.writeHead(isBroken ? 502 : 200, { 'content-type': 'application/json', server: 'app/1.4' });
      response.end(JSON.stringify({ status: isBroken ? 'down' : 'up', pool: { size: 8, idle: [1, 2] } }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    farm = await SshdFarm.create();
    const daemon = await farm.start();
    const hosts = ['web-1', 'web-2', 'web-3'].map((name) => ({ name, daemon }));
    folder = await scratchFolder({
      ...(await sshdInventory(farm, hosts, 'groups:\n  web: { hosts: ["web-*"] }\n')),
      'app.http': `@base = http://localhost:${port}

### Health
# @name health
# @hosts @web
# @expect status: 200
GET {{base}}/health/{name}
Accept: application/json

### Search
POST {{base}}/search
Content-Type: application/json
Authorization: Bearer {{$secret API_TOKEN}}

{ "query": "{{term}}", "size": 10 }
`,
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
    server?.closeAllConnections();
    server?.close();
  });

  const lens = (title: string) =>
    workbench.page.locator('.codelens-decoration a', { hasText: title }).first();
  const shown = (text: string) => workbench.page.locator('.view-lines', { hasText: text }).last();

  it('have lenses over requests, and show what hosts answer beside them', async () => {
    await workbench.openFile('app.http');
    await lens('Send from @web').waitFor();
    await workbench.screenshotInThemes('http-file');
    await lens('Send from @web').click();
    await shown('502 Bad Gateway').waitFor();
    await workbench.screenshotInThemes('http-responses');
  });

  it('compare what two groups of hosts answered', async () => {
    await shown('502 Bad Gateway').click();
    const button = workbench.page
      .locator('.editor-actions .action-label[aria-label^="Compare Responses"]')
      .first();
    const diff = workbench.page.locator('.monaco-diff-editor');
    await workbench.actUntil('the diff editor', diff, () => button.click());
    await untilRead(
      'both responses',
      async () => (await diff.innerText()).replaceAll('\u00a0', ' '),
      (text) => text.includes('"down"') && text.includes('"up"'),
    );
    await workbench.screenshotInThemes('http-diff');
  });

  it('become checks that are shown before they are saved', async () => {
    await workbench.openFile('app.http');
    await lens('Save as Check').click();
    await workbench.quickInput.getByText('What is the check called?').waitFor();
    await workbench.accept();
    const written = shown('on: "@web"');
    await written.waitFor();
    const text = (await written.innerText()).replaceAll('\u00a0', ' ');
    for (const part of ['  health:', '    type: http', 'url: http://{address}:', '      status: 200'])
      expect(text).toContain(part);
    await workbench.screenshotInThemes('http-check');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
