import { isAbsolute, join } from 'node:path';
import { type Disposable, EventEmitter, Uri, window, workspace, type WorkspaceFolder } from 'vscode';
import { homeFolder } from '../../../platform/files/homeFolder';
import type { Probe } from '../../../features/checks/core/probe';
import { Disposables } from '../disposables';
import { inventorySetting } from '../settings';
import { Fleet, type FleetCore } from './fleet';

const noProbes: readonly Probe[] = [];

/** Hosts of one fleet whose verdicts changed. */
export interface VerdictsChange {
  fleet: Fleet;
  hosts: ReadonlySet<string>;
}

/** One fleet per workspace folder, and those that were added beside them, such as the lab. */
export class Fleets implements Disposable {
  private readonly open = new Map<string, { fleet: Fleet; owned: Disposables }>();
  private readonly added = new Set<string>();
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<void>());
  private readonly verdictsChanged = this.owned.add(new EventEmitter<VerdictsChange>());
  /** An inventory came, went or was read again. */
  readonly onDidChange = this.changed.event;
  readonly onDidChangeVerdicts = this.verdictsChanged.event;

  constructor(private readonly core: FleetCore) {
    this.owned.add(workspace.onDidChangeWorkspaceFolders(() => void this.followFolders()));
    this.owned.add(inventorySetting.onDidChange(() => void this.followFolders()));
    // Imports that Restricted Mode keeps out are read from now on.
    this.owned.add(workspace.onDidGrantWorkspaceTrust(() => void this.load()));
    // Some file systems tell no changes: whoever comes back from another window sees what is there.
    this.owned.add(
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) for (const fleet of this.all) fleet.lookAgain();
      }),
    );
  }

  /** Kinds of checks that the inventories may name beside the built-in ones. */
  get extraProbes(): readonly Probe[] {
    return this.core.extraProbes?.all ?? noProbes;
  }

  /** Every fleet, those without an inventory too. */
  get all(): Fleet[] {
    return [...this.open.values()].map(({ fleet }) => fleet);
  }

  /** Whether every inventory was read once. */
  loaded = false;

  /** Resolves when every inventory was read once. */
  async whenLoaded(): Promise<void> {
    if (this.loaded) return;
    await new Promise<void>((resolve) => {
      const waiting = this.onDidChange(() => {
        if (!this.loaded) return;
        waiting.dispose();
        resolve();
      });
    });
  }

  /** The fleets that have something to show. */
  get shown(): Fleet[] {
    return this.all.filter((fleet) => fleet.inventory !== undefined);
  }

  /** Reads every inventory anew. */
  async load(): Promise<void> {
    const before = this.all;
    await this.followFolders();
    await Promise.all(before.map((fleet) => fleet.load()));
  }

  /** Shows one more inventory until it is removed. */
  async add(id: string, label: string, file: string): Promise<Fleet> {
    this.added.add(id);
    const fleet = this.openFleet(id, label, file);
    await fleet.load();
    return fleet;
  }

  remove(id: string): void {
    this.added.delete(id);
    this.close(id);
    this.changed.fire();
  }

  dispose(): void {
    for (const id of [...this.open.keys()]) this.close(id);
    this.owned.dispose();
  }

  private async followFolders(): Promise<void> {
    const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const wanted = new Map(folders.map((folder) => [folder.uri.toString(), folder]));
    const gone = [...this.open].filter(([id, { fleet }]) => {
      const folder = wanted.get(id);
      return folder ? fleet.file !== inventoryFile(folder) : !this.added.has(id);
    });
    for (const [id] of gone) this.close(id);
    if (gone.length > 0) this.changed.fire();
    const opened = [...wanted]
      .filter(([id]) => !this.open.has(id))
      .map(([id, folder]) => this.openFleet(id, folder.name, inventoryFile(folder)));
    await Promise.all(opened.map((fleet) => fleet.load()));
    this.loaded = true;
    this.changed.fire();
  }

  private openFleet(id: string, label: string, file: string): Fleet {
    const fleet = new Fleet({ id, label, file, core: this.core });
    const owned = new Disposables();
    owned.add(fleet);
    owned.add(fleet.onDidChangeInventory(() => this.changed.fire()));
    owned.add(fleet.onDidChangeVerdicts((hosts) => this.verdictsChanged.fire({ fleet, hosts })));
    this.close(id);
    this.open.set(id, { fleet, owned });
    return fleet;
  }

  private close(id: string): void {
    this.open.get(id)?.owned.dispose();
    this.open.delete(id);
  }
}

function inventoryFile(folder: WorkspaceFolder): string {
  const path = inventorySetting.get(folder).replace(/^~(?=\/|\\|$)/, homeFolder());
  return isAbsolute(path) ? path : join(folder.uri.fsPath, path);
}

/** The fleet's file as the editor names it. */
export function fileUri(fleet: Fleet): Uri {
  return Uri.file(fleet.file);
}
