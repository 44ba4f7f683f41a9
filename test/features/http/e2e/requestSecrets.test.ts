import { randomBytes } from 'node:crypto';
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

const secret = 's3cr3t-of-the-service';

describe(`Sending requests of files, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let server: Server;
  let folder: ScratchFolder;
  let workbench: Workbench;
  const asked: { url: string; authorization: string | undefined }[] = [];

  beforeAll(async () => {
    server = createServer(({ url, headers: { authorization } }, response) => {
      asked.push({ url: url!, authorization });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ count: asked.length, heard: authorization ?? 'nothing' }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    farm = await SshdFarm.create();
    const daemon = await farm.start();
    const hosts = ['web-1', 'web-2', 'web-3'].map((name) => ({ name, daemon }));
    folder = await scratchFolder({
      ...(await sshdInventory(farm, hosts)),
      'app.http': `@base = http://localhost:${port}

### Who am I?
# @hosts web-1
GET {{base}}/me
Authorization: Bearer {{$secret API_TOKEN}}

### Ping
GET {{base}}/ping/{name}
`,
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'web-1').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
    server?.closeAllConnections();
    server?.close();
  });

  const lens = (title: string, place: 'first' | 'last' = 'first') =>
    workbench.page.locator('.codelens-decoration a', { hasText: title })[place]();
  const shown = (text: string) => workbench.page.locator('.view-lines', { hasText: text }).last();
  /** Everything that the window shows, and what its elements are described with. */
  const window = () => workbench.page.content();

  it('goes from the hosts that are typed into the picker, and from no other', async () => {
    await workbench.openFile('app.http');
    await lens('Send from Hosts…', 'last').click();
    await workbench.quickInput.getByText('Send from which hosts?').waitFor();
    await workbench.type('web-1 web-3');
    await workbench.quickInput.getByText('2 hosts').first().waitFor();
    await workbench.screenshot('http-send-from-hosts');
    await workbench.accept();
    await shown('Responses').waitFor();
    expect(asked.map(({ url }) => url).sort()).toEqual(['/ping/web-1', '/ping/web-3']);
  });

  it('keeps a secret over a reload of the window, and shows it nowhere', async () => {
    // What stands before VS Code's server in the wild answers this: without a key the browser keeps secrets in memory only.
    const key = randomBytes(32);
    await workbench.page.route('**/mint-key', (route) => route.fulfill({ body: key }));
    await workbench.reloadUntil('the hosts', () => workbench.treeRow('Hosts', 'web-1').isVisible());
    asked.length = 0;
    await workbench.openFile('app.http');
    await lens('Send from web-1').click();
    await workbench.quickInput.getByText(/Secret API_TOKEN for http:\/\/localhost:\d+/).waitFor();
    expect(await workbench.inputType()).toBe('password');
    await workbench.type(secret);
    await workbench.accept();
    await shown('"count": 1').waitFor();
    await workbench.answerNotification('API_TOKEN', 'Keep');
    expect(await window()).not.toContain(secret);
    // What was kept is written before the window goes.
    await untilRead(
      'the secret to be given without asking',
      async () => {
        await workbench.reloadUntil('the hosts', () => workbench.treeRow('Hosts', 'web-1').isVisible());
        await workbench.openFile('app.http');
        const before = asked.length;
        await lens('Send from web-1').click();
        return untilRead(
          'an answer, or a question',
          async () =>
            asked.length > before ? 'answered' : (await workbench.quickInput.isVisible()) && 'asked',
          (outcome) => outcome !== false,
        );
      },
      (outcome) => outcome === 'answered',
    );
    await shown('"count": 2').waitFor();
    expect(asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${secret}`, `Bearer ${secret}`]);
    const text = (await shown('"count": 2').innerText()).replaceAll('\u00a0', ' ');
    expect(text).toContain('"heard": "Bearer •••"');
    expect(await window()).not.toContain(secret);
    await workbench.screenshot('http-secret-kept');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
