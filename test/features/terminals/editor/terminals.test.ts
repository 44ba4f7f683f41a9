import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import {
  type CodeLens,
  commands,
  ConfigurationTarget,
  type ExtensionTerminalOptions,
  type MessageOptions,
  type Terminal,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import { readHostFileUri } from '../../../../src/features/files/editor/hostFileUri';
import { confirmBroadcast } from '../../../../src/features/terminals/editor/confirmBroadcast';
import { HostFileLinks } from '../../../../src/features/terminals/editor/hostFileLinks';
import type { HostTerminal } from '../../../../src/features/terminals/editor/hostTerminal';
import { until } from '../../../harness/until';
import { activeMuster, row } from '../../../harness/editor/muster';
import { SshdWorkspace } from '../../../harness/editor/sshdWorkspace';

const { showWarningMessage, showInputBox } = window;
const editorItself = { showWarningMessage, showInputBox };

/** A terminal of Muster, and what it has shown. */
interface Shown {
  terminal: Terminal;
  pty: HostTerminal;
  text: string;
}

describe('Terminals on hosts', () => {
  let hosts: SshdWorkspace;
  let fleet: Fleet;
  let inventory: string;
  const shown: Shown[] = [];
  const watch = window.onDidOpenTerminal((terminal) => {
    const { pty } = terminal.creationOptions as Partial<ExtensionTerminalOptions>;
    if (!pty || !('host' in pty)) return;
    const entry: Shown = { terminal, pty: pty as HostTerminal, text: '' };
    shown.push(entry);
    pty.onDidWrite((text) => (entry.text += text));
  });

  before(async () => {
    hosts = await SshdWorkspace.create(2);
    const [first, second] = hosts.daemons;
    inventory = `hosts:
  alpha: { ${hosts.host(first!)} }
  beta: { ${hosts.host(second!)} }
  frozen: { ${hosts.host(first!)} }
  guarded: { ${hosts.host(second!)}, labels: { env: prod } }
groups:
  archive: { hosts: [frozen], readOnly: true }
`;
    fleet = await hosts.show(inventory);
  });
  afterEach(async () => {
    Object.assign(window, editorItself);
    for (const { terminal } of shown.splice(0)) terminal.dispose();
    await until('no terminal', () => window.terminals.length === 0);
  });
  after(async () => {
    watch.dispose();
    await hosts[Symbol.asyncDispose]();
  });

  const opened = (host: string) =>
    until(`a terminal on ${host}`, () => shown.find(({ pty }) => pty.host === host));
  const shows = (entry: Shown, text: RegExp) =>
    until(`${entry.pty.host} shows ${text}`, () => text.test(entry.text));
  const openOn = async (selector: string) => {
    await commands.executeCommand('muster.openTerminal', { selector });
    return opened(selector);
  };
  const shellsOf = async (index: number) => (await hosts.daemons[index]!.children()).length;

  it('get what was typed before there was a shell', async () => {
    const [daemon] = hosts.daemons;
    await daemon!.freeze();
    const entry = await openOn('alpha').finally(() => daemon!.thaw());
    assert.equal(entry.pty.isConnected, false);
    for (const key of 'echo early-$((40+2))\r') entry.pty.handleInput(key);
    await shows(entry, /^early-42\r$/m);
  });

  it('leave nothing running on the host when they are closed', async () => {
    const entry = await openOn('alpha');
    await until('a connected terminal', () => entry.pty.isConnected);
    const idle = await shellsOf(0);
    entry.pty.handleInput('sleep 1000 & echo started-$((40+2))\r');
    await shows(entry, /^started-42\r$/m);
    entry.terminal.dispose();
    await until('fewer processes', async () => (await shellsOf(0)) < idle);
  });

  it('are made by the terminal profile', async () => {
    const terminals = workspace.getConfiguration('terminal.integrated.defaultProfile');
    await terminals.update('linux', 'Muster Host', ConfigurationTarget.Global);
    try {
      void commands.executeCommand('workbench.action.terminal.new');
      await until('a terminal after the choice of a host', async () => {
        await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return shown.length > 0;
      });
      const entry = await opened('alpha');
      await until('a connected terminal', () => entry.pty.isConnected);
      assert.equal(entry.terminal.name, 'alpha');
    } finally {
      await terminals.update('linux', undefined, ConfigurationTarget.Global);
    }
  });

  describe('of a read-only group', () => {
    it('are not offered in muster.yaml, and its rows say that it is', async () => {
      const muster = await activeMuster();
      for (const path of [['archive'], ['archive', 'frozen']])
        assert.match(row(muster, ...path)!.description, /read-only$/);
      await workspace.openTextDocument(fleet.file);
      const lenses = await commands.executeCommand<CodeLens[]>(
        'vscode.executeCodeLensProvider',
        Uri.file(fleet.file),
        100,
      );
      const line = inventory.split('\n').findIndex((text) => text.includes('archive:'));
      const offered = lenses.filter(({ range }) => range.start.line === line);
      const titles = offered.map(({ command }) => command!.title);
      assert.match(titles.join(' | '), /^Check \| [^|]*read-only$/);
    });

    it('are refused to rows and key bindings', async () => {
      const muster = await activeMuster();
      for (const what of [
        row(muster, 'archive', 'frozen')!.node,
        row(muster, 'archive')!.node,
        { selector: 'frozen' },
      ]) {
        await commands.executeCommand('muster.openTerminal', what).then(
          () => {},
          (error: Error) => assert.match(error.message, /read-only/),
        );
      }
      assert.deepEqual(shown, []);
    });

    it('are refused when an edit makes the group read-only, also to the reconnecting key', async () => {
      const logins = hosts.daemons[1]!.logins;
      const entry = await openOn('beta');
      await until('a connected terminal', () => entry.pty.isConnected);
      fleet = await hosts.show(inventory.replace('[frozen]', '[frozen, beta]'));
      await until('a read-only host', () => entry.pty.isReadOnly);
      await hosts.daemons[1]!.dropConnections();
      await shows(entry, /Connection lost/);
      entry.pty.handleInput('\r');
      await shows(entry, /read-only/);
      assert.ok(hosts.daemons[1]!.logins <= logins + 1);
      fleet = await hosts.show(inventory);
      await until('a host to write to', () => !entry.pty.isReadOnly);
    });
  });

  describe('that broadcast', () => {
    const both = async () => {
      const [alpha, beta] = [await openOn('alpha'), await openOn('beta')];
      const sharing = commands.executeCommand('muster.broadcastInput');
      await until('shared input', async () => {
        await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return alpha.terminal.name.startsWith('⇉') && beta.terminal.name.startsWith('⇉');
      });
      await sharing;
      return [alpha, beta] as const;
    };

    it('share every key from the first on, connected or not', async () => {
      const [alpha, beta] = await both();
      for (const key of 'echo all-$((40+2))\r') beta.pty.handleInput(key);
      for (const entry of [alpha, beta]) await shows(entry, /^all-42\r$/m);
      await commands.executeCommand('muster.stopBroadcast');
      for (const key of 'echo one-$((40+2))\r') beta.pty.handleInput(key);
      await shows(beta, /^one-42\r$/m);
      assert.doesNotMatch(alpha.text, /one-/);
    });

    it('lose the host whose group is made read-only', async () => {
      const [alpha, beta] = await both();
      fleet = await hosts.show(inventory.replace('[frozen]', '[frozen, beta]'));
      await until(
        'no broadcast',
        () => !alpha.terminal.name.startsWith('⇉') && !beta.terminal.name.startsWith('⇉'),
      );
      fleet = await hosts.show(inventory);
    });

    it('to protected hosts have these typed; anything else is a no', async () => {
      const asked: string[] = [];
      const answers: (string | undefined)[] = ['guarded', 'guard', undefined];
      Object.assign(window, {
        showWarningMessage: (_: string, { detail }: MessageOptions, _refusal: string, button: string) => {
          asked.push(detail!);
          return Promise.resolve(button);
        },
        showInputBox: () => Promise.resolve(answers.shift()),
      });
      const members = ['alpha', 'guarded'].map((host) => ({ fleet, host }));
      assert.equal(await confirmBroadcast(members), true);
      assert.equal(await confirmBroadcast(members), false);
      assert.equal(await confirmBroadcast(members), false);
      assert.equal(asked.length, 3);
      assert.match(asked[0]!, /2 terminals.*\n\n.*env=prod.*guarded/s);
      assert.equal(await confirmBroadcast(members.slice(0, 1)), true);
      assert.equal(asked.length, 3);
    });
  });

  it('link to files of the inventory that they were opened from', () => {
    const links = (shownFleets: Fleet[]) => {
      const provider = new HostFileLinks({ shown: shownFleets }, () => ({ fleet, host: 'alpha' }));
      const context = { line: 'see /etc/hosts', terminal: {} as Terminal };
      return provider
        .provideTerminalLinks(context)
        .map(({ uri }) => readHostFileUri(Uri.parse(uri.toString())));
    };
    const namesake = { id: 'other', inventory: fleet.inventory } as Fleet;
    assert.deepEqual(links([fleet]), [{ host: 'alpha', path: '/etc/hosts' }]);
    assert.deepEqual(links([namesake, fleet]), [{ host: 'alpha', path: '/etc/hosts', inventory: fleet.id }]);
  });
});
