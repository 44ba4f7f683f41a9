import type { FrameLocator, Locator } from 'playwright-core';
import { EtcdFarm } from './etcd';
import { openMuster } from './openMuster';
import { panelFrame } from './panelFrame';
import { type ScratchFolder, scratchFolder } from './scratchFolder';
import { TcpProxy } from './tcpProxy';
import { treeRowWhen } from './treeRowWhen';
import { until, untilRead } from './until';
import type { Workbench } from './workbench';

/** A window on the etcd cluster `main`, reached through a link that can be cut, and its watch panel that was shown last. */
export class WatchPage implements AsyncDisposable {
  private constructor(
    readonly farm: EtcdFarm,
    readonly link: TcpProxy,
    readonly folder: ScratchFolder,
    readonly workbench: Workbench,
  ) {}

  /** With the two keys below /config/, whose rows are on screen. */
  static async open(): Promise<WatchPage> {
    const opened: AsyncDisposable[] = [];
    try {
      const farm = await EtcdFarm.start();
      opened.push(farm);
      const link = await TcpProxy.to(farm.members[0]!.port);
      opened.push(link);
      await farm.etcdctl('put', '/config/app.yaml', 'port: 80\nname: app\n');
      await farm.etcdctl('put', '/config/feature/limits.json', '{ "rate": 5 }');
      const folder = await scratchFolder({
        'muster.yaml': `hosts:
  local: { address: 127.0.0.1 }
etcd:
  main: { endpoints: ["http://127.0.0.1:${link.port}"], prefix: /config/ }
`,
      });
      opened.push(folder);
      const workbench = await openMuster(folder.path);
      opened.push(workbench);
      await workbench.openViewContainer('Muster');
      await workbench.treeRow('Hosts', 'local').waitFor();
      await workbench.setViewExpanded('Hosts', false);
      await treeRowWhen(workbench, 'main', /^/, /^/, 'Config');
      await workbench.expandTreeRow('Config', 'main');
      // A row that is drawn anew takes its menu with it.
      await treeRowWhen(workbench, 'main', /healthy/, /^/, 'Config');
      await treeRowWhen(workbench, 'app.yaml', /^/, /^/, 'Config');
      return new WatchPage(farm, link, folder, workbench);
    } catch (error) {
      for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of [this.workbench, this.folder, this.link, this.farm]) await one[Symbol.asyncDispose]();
  }

  put(key: string, value: string, ...flags: string[]): Promise<string> {
    return this.farm.etcdctl('put', ...flags, '--', key, value);
  }

  /** Begins to watch the prefix of the cluster. */
  async watch(): Promise<void> {
    const began = this.rows().filter({ hasText: 'every change after revision' });
    await this.workbench.clickRowMenu('Config', 'main', 'Watch Prefix…', began);
  }

  panel(): FrameLocator {
    return panelFrame(this.workbench);
  }

  part(name: string): Locator {
    return this.panel().locator(`.${name}`);
  }

  rows(): Locator {
    return this.panel().locator('.space > .row');
  }

  /** The rows on screen, from the top, cell by cell; the time is left out. */
  texts(): Promise<string[]> {
    return this.rows().evaluateAll((all) =>
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
  }

  rowsWhen(what: string, is: (rows: string[]) => boolean): Promise<string[]> {
    return untilRead(what, () => this.texts().catch(() => []), is);
  }

  /** Clicks a row until it has the focus: a page that has just come back loses it to the workbench once. */
  async choose(text = ''): Promise<void> {
    await until(`the row ${text} chosen`, async () => {
      await this.rows().filter({ hasText: text }).first().click();
      return this.panel().locator('.grid:focus .row[aria-selected="true"]', { hasText: text }).count();
    });
  }

  /** Goes to the last of `count` rows, a page back and to the first. Resolves with the most rows that were drawn. */
  async walkOver(count: number): Promise<number> {
    const press = (key: string) => this.workbench.page.keyboard.press(key);
    const atFirst = await this.rows().count();
    await this.choose();
    await press('End');
    await this.panel().locator(`.row[aria-rowindex="${count}"]`).waitFor();
    const atLast = await this.rows().count();
    await press('PageUp');
    await this.panel().locator('.row[aria-selected="true"]').waitFor();
    await press('Home');
    await this.panel().locator('.row[aria-rowindex="1"][aria-selected="true"]').waitFor();
    return Math.max(atFirst, atLast);
  }
}
