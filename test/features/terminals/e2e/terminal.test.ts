import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMuster } from '../../../harness/openMuster';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until, untilRead } from '../../../harness/until';
import type { Workbench } from '../../../harness/workbench';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';

describe(`Terminals and ports of hosts, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: SshdFarm;
  let daemons: Sshd[];
  let folder: ScratchFolder;
  let workbench: Workbench;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemons = await Promise.all([farm.start(), farm.start()]);
    const [first, second] = daemons;
    const hosts = [
      { name: 'host-1', daemon: first!, labels: '{ env: dev }' },
      { name: 'host-2', daemon: second!, labels: '{ env: prod }' },
    ];
    folder = await scratchFolder(await sshdInventory(farm, hosts));
    // Text is read from the page, which has none when it is drawn by the graphics processor.
    const settings = { 'terminal.integrated.gpuAcceleration': 'off' };
    workbench = await openMuster(folder.path, { settings });
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'host-1').waitFor();
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const shown = async () =>
    (await workbench.page.locator('.terminal-wrapper.active .xterm-rows > div').allInnerTexts())
      .join('\n')
      .replaceAll('\u00a0', ' ');
  const shows = (text: string | RegExp) =>
    untilRead(`${text} in the terminal`, shown, (screen) =>
      typeof text === 'string' ? screen.includes(text) : text.test(screen),
    );
  const tab = (host: string) => workbench.page.locator('.terminal-tabs-entry', { hasText: host });
  const focusTerminal = async () => {
    const focused = workbench.page.locator('.terminal-wrapper.active .xterm.focus');
    await workbench.actUntil('the focus', focused, () => workbench.runCommand('Terminal: Focus Terminal'));
  };
  const typed = async (text: string) => {
    await workbench.page.keyboard.type(text);
    await workbench.page.keyboard.press('Enter');
  };

  it('open from a row, with the size of the panel, Unicode and colours', async () => {
    const terminal = workbench.page.locator('.terminal-wrapper.active');
    await workbench.clickRowAction('Hosts', 'host-1', 'Open Terminal on Host', terminal);
    await shows(/[$#] *$/m);
    await focusTerminal();
    await typed(
      `stty size; printf '\\033[32mgr\\303\\274n \\346\\227\\245\\346\\234\\254\\033[m %s\\n' $((6*7))`,
    );
    const columnsShown = () =>
      until('the size', async () => /^\d+ (\d+)$/m.exec(await shown())).then(([, columns]) =>
        Number(columns),
      );
    const columns = await columnsShown();
    await shows('grün 日本 42');
    await workbench.page.setViewportSize({ width: 1000, height: 800 });
    await until('a narrower terminal', async () => {
      await typed('clear; stty size');
      return (await columnsShown()) < columns;
    });
    await workbench.screenshotInThemes('terminal');
  });

  it('say when the connection was lost, and reconnect when a key is pressed', async () => {
    await focusTerminal();
    await daemons[0]!.dropConnections();
    await shows('Connection lost.');
    await workbench.screenshotInThemes('terminal-lost');
    await workbench.actUntil(
      'another login',
      async () => daemons[0]!.logins === 2,
      async () => {
        await focusTerminal();
        await workbench.page.keyboard.press('Enter');
      },
    );
    await shows(/[$#]\s*$/);
    await typed('clear; echo back $((40+2))');
    await shows('back 42');
  });

  it('share what is typed while they broadcast, and say so', async () => {
    await workbench.clickRowAction('Hosts', 'host-2', 'Open Terminal on Host', tab('host-2'));
    await until('a login on the other host', () => daemons[1]!.logins === 1);
    await shows(/[$#] *$/m);
    await workbench.runCommand('Muster: Broadcast Input to Terminals…');
    await workbench.page.getByText('What you type into one of them').waitFor();
    await workbench.accept();
    // host-2 is protected.
    expect((await workbench.dialog()).detail).toContain('Protected (env=prod): host-2');
    await workbench.answerDialog('Continue…');
    await workbench.inputMessage('Type “host-2” to send them what you type.');
    await workbench.type('host-2');
    await workbench.accept();
    await workbench.statusBarItemSays('muster.broadcast', /Broadcasting to 2 terminals/);
    await workbench.screenshotInThemes('broadcast');
    await focusTerminal();
    await typed('echo both-$((40+2))');
    // Whole lines: a key that was lost shows in what the shell repeats.
    const lines = /[$#] echo both-\$\(\(40\+2\)\) *\nboth-42 *$/m;
    await shows(lines);
    const chosen = workbench.page.locator('.monaco-list-row.selected').filter({ has: tab('host-1') });
    await workbench.actUntil('the other terminal', chosen, () => tab('host-1').click({ timeout: 15_000 }));
    await shows(lines);
    await workbench.runCommand('Muster: Stop Broadcast');
    await until('no status', async () => !(await workbench.page.getByText('Broadcasting to').isVisible()));
  });

  it('end with their shell', async () => {
    await focusTerminal();
    await typed('exit 3');
    await workbench.notification('exit code: 3');
  });

  it('lead to servers that only the host reaches, and are listed below it', async () => {
    const server = createServer((_, response) => response.end('hello from behind')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      await workbench.clickRowMenu('Hosts', 'host-2', 'Forward Port…', workbench.quickInput);
      await workbench.type(`localhost:${port}`);
      await workbench.accept();
      const { message } = await workbench.notification('is at localhost:');
      const local = /localhost:(\d+)\.$/.exec(message)![1];
      expect(await (await fetch(`http://127.0.0.1:${local}/`)).text()).toBe('hello from behind');
      await workbench.expandTreeRow('Hosts', 'host-2');
      const name = `localhost:${local} → localhost:${port}`;
      await until('the row counts', async () =>
        (await workbench.treeRows('Hosts')).some(
          (row) => row.name === name && /1 so far · ↓ \d+ B ↑ \d+ B/.test(row.description),
        ),
      );
      await workbench.screenshot('forward');
      await workbench.clickRowAction(
        'Hosts',
        name,
        'Stop Forwarding Port',
        async () => !(await workbench.treeRows('Hosts')).some((row) => row.name === name),
      );
      await until('the port closed', () =>
        fetch(`http://127.0.0.1:${local}/`).then(
          () => false,
          () => true,
        ),
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(workbench.consoleErrors('muster')).toEqual([]);
  });

  it('leave no connection when the window closes', async () => {
    await workbench.clickRowAction('Hosts', 'host-1', 'Open Terminal on Host', tab('host-1'));
    await until('connections', async () => (await daemons[0]!.connections()).length > 0);
    await workbench[Symbol.asyncDispose]();
    await until('no connection', async () => {
      const left = await Promise.all(daemons.map((daemon) => daemon.connections()));
      return left.flat().length === 0;
    });
  });
});
