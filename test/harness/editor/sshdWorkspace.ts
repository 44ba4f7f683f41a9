import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { commands, Uri, workspace } from 'vscode';
import type { Fleet } from '../../../src/shell/editor/fleets/fleet';
import { type Sshd, SshdFarm } from '../sshd';
import { until } from '../until';
import { activeMuster, row, rowWhen } from './muster';

/** The workspace's inventory with hosts that are real daemons, until it is disposed. */
export class SshdWorkspace implements AsyncDisposable {
  private constructor(
    readonly farm: SshdFarm,
    readonly daemons: readonly Sshd[],
    private readonly inventory: string,
    private readonly before: string,
    private readonly knownHosts: string,
  ) {}

  static async create(count: number): Promise<SshdWorkspace> {
    await activeMuster();
    const farm = await SshdFarm.create();
    const daemons = await Promise.all(Array.from({ length: count }, () => farm.start()));
    const lines = await Promise.all(daemons.map((daemon) => daemon.knownHostsLine()));
    const knownHosts = await farm.write('known_hosts', lines.join(''));
    const inventory = Uri.joinPath(workspace.workspaceFolders![0]!.uri, 'muster.yaml').fsPath;
    return new SshdWorkspace(farm, daemons, inventory, await readFile(inventory, 'utf8'), knownHosts);
  }

  /** The folder that is open. */
  get folder(): string {
    return dirname(this.inventory);
  }

  /** The settings of a host that the daemon is; `more` are further ones of `ssh`. */
  host(daemon: Sshd, more = ''): string {
    const { address, port } = daemon;
    return `address: ${address}, ssh: { user: ${userInfo().username}, port: ${port}, identityFile: ${this.farm.clientKey}, knownHosts: ${this.knownHosts}${more} }`;
  }

  /** Writes muster.yaml, and waits until it is shown. */
  async show(text: string): Promise<Fleet> {
    await writeFile(this.inventory, text);
    await commands.executeCommand('muster.refreshInventory');
    const muster = await activeMuster();
    const names = [...text.matchAll(/^ {2}([\w-]+): \{ address/gm)].map(([, name]) => name!);
    return until(names.join(', '), () => {
      const [node] = muster.hosts.tree.getChildren();
      const shown = [...(node?.fleet.inventory?.hosts.keys() ?? [])];
      return shown.join() === names.join() ? node?.fleet : undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await writeFile(this.inventory, this.before);
    await commands.executeCommand('muster.refreshInventory');
    const muster = await activeMuster();
    await rowWhen(muster, ['local'], () => row(muster, 'local') !== undefined);
    await this.farm[Symbol.asyncDispose]();
  }
}
