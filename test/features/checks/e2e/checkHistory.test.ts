import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { until, untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { treeRowWhen } from '../../../harness/treeRowWhen';

declare const getComputedStyle: (element: unknown) => { color: string };

describe(`What checks found, in VS Code ${inject('vscodeVersion')}`, () => {
  let server: Server;
  let connections = 0;
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    server = createServer((socket) => {
      connections++;
      socket.on('error', () => {}).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    folder = await scratchFolder({
      'muster.yaml': `defaults: { timeout: 20s }
hosts:
  web-[1:2]: { address: 127.0.0.1 }
  db: { address: 127.0.0.1 }
checks:
  port: { type: tcp, port: ${port} }
`,
    });
    const settings = { 'muster.autoCheck.interval': '5s', 'muster.checks.staleAfter': '1s' };
    workbench = await openMuster(folder.path, { settings });
    await workbench.openViewContainer('Muster');
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    server.close();
  });

  /** By how much the parts of the icon's colour differ, which they hardly do where it is grey, in any theme. */
  const colourOfIcon = async () => {
    const icon = workbench.treeRow('Hosts', 'db').locator('.custom-view-tree-node-item-icon');
    const colour = await icon.evaluate((drawn) => getComputedStyle(drawn).color);
    const parts = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
    return Math.max(...parts) - Math.min(...parts);
  };

  it('is found by itself on an interval, and told once for all hosts that changed', async () => {
    for (const name of ['web-1', 'web-2', 'db']) await treeRowWhen(workbench, name, /^healthy · /, /^pass$/);
    // In the middle of a round, some would be found a round earlier than the others.
    const before = connections;
    await until('the end of a round', () => connections > before && connections % 3 === 0);
    server.close();
    const { message, buttons } = await workbench.notification('became unhealthy');
    expect(message).toBe('3 hosts became unhealthy: web-1, web-2, db.');
    expect(buttons).toEqual(['Show', 'Show History']);
    await workbench.screenshot('state-change');
  });

  it('has a history with percentiles and changes of state', async () => {
    await workbench.answerNotification('became unhealthy', 'Show History');
    await workbench.textWith('State changes (1)');
    const text = await workbench.text();
    expect(text).toMatch(/healthy → unhealthy +after \d+ (?:s|min)/);
    expect(text).toMatch(/p50 [\d.]+ m?s · p95 [\d.]+ m?s · p99 [\d.]+ m?s/);
    expect(text).toMatch(/Trend +[▁-█]+×+/);
    await workbench.editorTitled('web-1 · History');
    await workbench.screenshotInThemes('history');
  });

  it('is there after a reload, greyed when it is out of date, with its age', async () => {
    await workbench.runCommand('Muster: Check Hosts Automatically…');
    await workbench.pick('Off');
    // A reload does not wait for what is being written.
    const settings = join(folder.path, '.vscode', 'settings.json');
    await untilRead(
      'the setting',
      () => readFile(settings, 'utf8').catch(() => ''),
      (text) => /"muster\.autoCheck\.interval": ""/.test(text),
    );
    // What was just found is out of date after a second.
    await workbench.actUntil(
      'a coloured icon',
      async () => (await colourOfIcon()) > 20,
      () => workbench.runCommand('Muster: Check All Hosts'),
    );
    await workbench.reloadUntil('what was found, with its age', async () =>
      (await workbench.treeRows('Hosts')).some(
        ({ name, description, icon }) =>
          name === 'db' &&
          /^unhealthy: port · [\d.]+ m?s · (?:just now|1 min ago)$/.test(description) &&
          icon === 'error',
      ),
    );
    await until('a grey icon', async () => (await colourOfIcon()) < 20);
    await workbench.tooltip('Hosts', 'db', /last \d+: \d+ healthy/);
    await workbench.screenshot('stale');
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });
});
