import type { Memento } from 'vscode';

const recentKey = 'muster.recentHostPaths';
const maxRecent = 30;

/** A file that was opened on a host. */
export interface RecentPath {
  /** Id of the fleet. */
  inventory: string;
  host: string;
  path: string;
}

/** The files on hosts that were opened last in this workspace, the newest first. */
export class RecentPaths {
  constructor(private readonly memento: Memento) {}

  get all(): readonly RecentPath[] {
    return this.memento.get<RecentPath[]>(recentKey, []);
  }

  /** Each path once, those that were opened on this host first. */
  pathsFor(inventory: string, host: string): string[] {
    const isHere = (recent: RecentPath) => recent.inventory === inventory && recent.host === host;
    const here = this.all.filter(isHere);
    const elsewhere = this.all.filter((recent) => !isHere(recent));
    return [...new Set([...here, ...elsewhere].map(({ path }) => path))];
  }

  async remember(opened: RecentPath): Promise<void> {
    const others = this.all.filter(
      ({ inventory, host, path }) =>
        inventory !== opened.inventory || host !== opened.host || path !== opened.path,
    );
    await this.memento.update(recentKey, [opened, ...others].slice(0, maxRecent));
  }
}
