import { commands, l10n, window } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import { statFile } from '../../../platform/transport/files/readFiles';
import { assertTrusted } from '../../../shell/editor/batches';
import { fleetNamed } from '../../../shell/editor/commands/fleetNamed';
import { choiceBySelector, isHostsNode } from '../../../shell/editor/commands/hostChoice';
import { pickFleet } from '../../../shell/editor/commands/pickHosts';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { type HostPick, pickHost } from '../../../shell/editor/commands/pickHost';
import { hostNamesOf } from '../../../shell/editor/hosts/hostNodes';
import { readFileArguments } from './fileArguments';
import { browseHost } from './hostBrowser';
import type { HostFiles } from './hostFiles';
import type { RecentPaths } from './recentPaths';

/** "Open File on Host…": which host, then which file. */
export class OpenHostFile {
  constructor(
    private readonly fleets: Fleets,
    private readonly files: HostFiles,
    private readonly recent: RecentPaths,
  ) {}

  async open(what: unknown, selected: unknown): Promise<void> {
    assertTrusted();
    const nodes = (Array.isArray(selected) ? (selected as unknown[]) : [what]).filter(isHostsNode);
    const given = nodes.length > 0 || what === undefined || what === null ? {} : readFileArguments(what);
    const [node] = nodes;
    const names = node ? hostNamesOf(node) : [];
    const pick =
      node && names.length === 1
        ? { fleet: node.fleet, host: names[0]! }
        : await this.pickOf(given.selector, given.inventory);
    if (!pick) return;
    const path = await this.pathOf(pick, given.path);
    if (path !== undefined) await this.show(pick, path);
  }

  private async pickOf(selector?: string, inventory?: string): Promise<HostPick | undefined> {
    if (selector === undefined) return pickHost(this.fleets, l10n.t('Open a file on which host?'));
    const fleet = fleetNamed(this.fleets.shown, { inventory }) ?? (await pickFleet(this.fleets.shown));
    if (!fleet) return undefined;
    const { hosts } = await choiceBySelector(fleet, selector);
    if (hosts.length === 1) return { fleet, host: hosts[0]!.name };
    const items = hosts.map(({ name, address }) => ({
      label: name,
      description: address === name ? '' : address,
      fleet,
      host: name,
    }));
    return window.showQuickPick(items, { title: l10n.t('Open a file on which host?') });
  }

  /** The file that was asked for, or that is found by browsing from the folder that was. */
  private async pathOf({ fleet, host: name }: HostPick, path?: string): Promise<string | undefined> {
    const host = fleet.inventory?.hosts.get(name);
    if (!host) throw new MusterError('USAGE', l10n.t('There is no host “{0}”.', name));
    if (path !== undefined) {
      const info = await this.files.use({ fleet, host }, (sftp) => statFile(sftp, path, this.files.waiter));
      if (info.type !== 'folder') return path;
    }
    const paths = this.recent.pathsFor(fleet.id, name);
    return browseHost(this.files, { fleet, host }, paths, path);
  }

  private async show({ fleet, host }: HostPick, path: string): Promise<void> {
    const uri = this.files.uriOf({ fleet, host, path });
    await this.recent.remember({ inventory: fleet.id, host, path });
    // It opens what is no text, too, and says why what cannot be opened cannot.
    await commands.executeCommand('vscode.open', uri, { preview: false });
  }
}
