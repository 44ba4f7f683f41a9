import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, inject } from 'vitest';
import { EtcdFarm } from '../harness/etcd';
import { openMuster } from '../harness/openMuster';
import { TcpProxy } from '../harness/tcpProxy';
import { until } from '../harness/until';
import type { Workbench } from '../harness/workbench';
import { bytes, connect } from '../integration/etcd/etcdFixture';
import { type ScratchFolder, scratchFolder } from './scratchFolder';
import { treeRowWhen } from './treeRowWhen';

describe(`The watch panel, in VS Code ${inject('vscodeVersion')}`, () => {
  let farm: EtcdFarm;
  let link: TcpProxy;
  let folder: ScratchFolder;
  let workbench: Workbench;

  const put = (key: string, value: string, ...flags: string[]) =>
    farm.etcdctl('put', ...flags, '--', key, value);

  beforeAll(async () => {
    farm = await EtcdFarm.start();
    link = await TcpProxy.to(farm.members[0]!.port);
    await put('/config/app.yaml', 'port: 80\nname: app\n');
    await put('/config/feature/limits.json', '{ "rate": 5 }');
    folder = await scratchFolder({
      'muster.yaml': `hosts:
  local: { address: 127.0.0.1 }
etcd:
  main: { endpoints: ["http://127.0.0.1:${link.port}"], prefix: /config/ }
`,
    });
    workbench = await openMuster(folder.path);
    await workbench.openViewContainer('Muster');
    await workbench.treeRow('Hosts', 'local').waitFor();
    await workbench.page.getByRole('button', { name: 'Hosts Section' }).click();
    await workbench.page.getByRole('button', { name: 'Runs Section' }).click();
    await treeRowWhen(workbench, 'main', /^/, /^/, 'Config');
    await workbench.expandTreeRow('Config', 'main');
  });
  afterAll(async () => {
    await workbench?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await link?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const panel = (): FrameLocator =>
    workbench.page.frameLocator('iframe.webview.ready').last().frameLocator('iframe#active-frame');
  const rows = (): Locator => panel().locator('.space > .row');
  /** The rows on screen, from the top, cell by cell; the time is left out. */
  const texts = async () =>
    rows().evaluateAll((all) =>
      all
        .map((row) => ({
          index: Number(row.getAttribute('aria-rowindex')),
          text: [...row.querySelectorAll('.cell:not(.time)')]
            .map((cell) => (cell.textContent ?? '').trim())
            .filter((text) => text !== '')
            .join(' | '),
        }))
        .sort((one, other) => one.index - other.index)
        .map(({ text }) => text),
    );
  const rowsWhen = async (what: string, is: (rows: string[]) => boolean): Promise<string[]> => {
    let seen: string[] = [];
    try {
      return await until(what, async () => {
        seen = await texts().catch(() => []);
        return is(seen) ? seen : undefined;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}, but\n${seen.join('\n')}`, { cause: error });
    }
  };
  const inThemes = async (name: string) => {
    for (const theme of ['dark', 'highContrast', 'highContrastLight', 'light'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`${name}-${theme}`);
    }
  };

  it('shows puts, deletions and ended leases as they happen, the newest first, with what became of the value', async () => {
    await workbench.clickRowMenu('Config', 'main', 'Watch Prefix…');
    await rowsWhen('the watch', ([first]) => first?.includes('every change after revision') ?? false);
    await put('/config/app.yaml', 'port: 8080\nname: app\n');
    const lease = /lease (\S+)/.exec(await farm.etcdctl('lease', 'grant', '600'))![1]!;
    await put('/config/session', 'leased', `--lease=${lease}`);
    await put('/config/<b>hostile</b>', '<img src=x onerror=alert(1)>\u202e');
    await using cluster = await connect(farm.endpoints);
    await cluster.put(bytes('/config/blob'), Buffer.from([0, 1, 255]));
    await cluster.put(bytes('/config/blob'), Buffer.from([0, 2, 255]));
    await farm.etcdctl('lease', 'revoke', lease);
    await farm.etcdctl('del', '/config/feature/limits.json');
    const seen = await rowsWhen('the deletion', ([first]) => first?.includes('limits.json') ?? false);
    expect(seen.map((row) => row.replace(/^\d+ \| /, ''))).toEqual([
      'DELETE | /config/feature/limits.json | 13 B | { "rate": 5 }',
      'LEASE EXPIRED | /config/session | 6 B | leased',
      'PUT | /config/blob | 3 B | binary, 3 B: 00 01 ff binary, 3 B: 00 02 ff',
      'PUT | /config/blob | 3 B | binary, 3 B: 00 01 ff',
      'PUT | /config/<b>hostile</b> | 31 B | <img src=x onerror=alert(1)>\\u{202e}',
      'PUT | /config/session | 6 B | leased',
      'PUT | /config/app.yaml | 21 B | port: 808080⏎name: app⏎',
      expect.stringMatching(/^Watching on .*: every change after revision \d+$/),
    ]);
    const changed = rows().filter({ hasText: 'app.yaml' });
    expect(await changed.locator('del').allInnerTexts()).toEqual(['80']);
    expect(await changed.locator('ins').allInnerTexts()).toEqual(['8080']);
    await inThemes('watch');
  });
});
