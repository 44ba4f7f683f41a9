import { type Disposable, l10n } from 'vscode';
import { splitSelectors } from '../commands/splitSelectors';
import { Disposables } from '../disposables';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';
import type { HostsView } from './hostsView';
import { setContext } from '../setContext';
import { shellContext } from '../contextKeys';

/** What a selector matches in every inventory that is shown. */
export interface FilterResult {
  matches: ReadonlyMap<Fleet, ReadonlySet<string>>;
  count: number;
  total: number;
  /** Why it matches nothing. */
  problem?: string;
}

/** The selector that the Hosts view shows the matches of; it follows the inventories as they change. */
export class HostsFilter implements Disposable {
  private readonly owned = new Disposables();
  private selector = '';
  private generation = 0;

  constructor(
    private readonly fleets: Fleets,
    private readonly hosts: HostsView,
    private readonly changed: () => void,
  ) {
    this.owned.add(fleets.onDidChange(() => void (this.selector !== '' && this.set(this.selector))));
  }

  get text(): string {
    return this.selector;
  }

  /** Empty text shows all hosts. */
  async set(selector: string): Promise<void> {
    const generation = ++this.generation;
    this.selector = selector.trim();
    await setContext(shellContext.hostsFiltered, this.selector !== '');
    const result = this.selector === '' ? undefined : await this.resolve(this.selector);
    // Another one was typed meanwhile.
    if (generation !== this.generation) return;
    this.hosts.tree.filter(result?.matches);
    this.message = result && messageOf(this.selector, result);
    this.changed();
  }

  /** The line above the rows while a filter is on. */
  message: string | undefined;

  async resolve(selector: string): Promise<FilterResult> {
    const { resolveSelectors } = await import('../../../platform/inventory/selection/selector');
    const selectors = splitSelectors(selector);
    const resolved = this.fleets.shown.map(
      (fleet) => [fleet, resolveSelectors(fleet.inventory!, selectors)] as const,
    );
    const matches = new Map(
      resolved.map(([fleet, { hosts }]) => [fleet, new Set(hosts.map(({ name }) => name))]),
    );
    const count = [...matches.values()].reduce((sum, { size }) => sum + size, 0);
    const total = this.fleets.shown.reduce((sum, { inventory }) => sum + inventory!.hosts.size, 0);
    // With several inventories a name need be in one of them only.
    const problem = count === 0 ? resolved.find(([, one]) => one.problem)?.[1].problem : undefined;
    return { matches, count, total, ...(problem && { problem: problem.message }) };
  }

  dispose(): void {
    this.owned.dispose();
  }
}

function messageOf(selector: string, { count, total, problem }: FilterResult): string {
  if (problem !== undefined) return l10n.t('Filter “{0}”: {1}', selector, problem);
  return l10n.t('{0} of {1} hosts match “{2}”.', count, total, selector);
}
