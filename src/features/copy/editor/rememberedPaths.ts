import type { Memento } from 'vscode';

const mostPaths = 20;

/** Paths on hosts that were typed in this workspace, the newest first. */
export class RememberedPaths {
  constructor(
    private readonly memento: Memento,
    private readonly key: 'muster.copyDestinations' | 'muster.fetchedPaths',
  ) {}

  get all(): readonly string[] {
    return this.memento.get<string[]>(this.key, []);
  }

  async remember(path: string): Promise<void> {
    const others = this.all.filter((known) => known !== path);
    await this.memento.update(this.key, [path, ...others].slice(0, mostPaths));
  }
}
