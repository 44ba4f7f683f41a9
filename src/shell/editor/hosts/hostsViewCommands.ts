import { env, l10n, type Memento, type QuickPickItem, window } from 'vscode';
import type { SourceRange } from '../../../platform/inventory/model';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';
import { byName, type HostGrouping, type HostOrder, readArrangement } from './hostArrangement';
import { namesIn } from './hostNamesDrag';
import type { HostsNode } from './hostNodes';
import type { HostsFilter } from './hostsFilter';
import type { HostsView } from './hostsView';

const arrangementKey = 'muster.hostsArrangement';
const shownLabels = 100;

/** How the Hosts view is grouped, sorted and filtered, and the ways between its rows and the inventory. */
export class HostsViewCommands {
  constructor(
    private readonly fleets: Fleets,
    private readonly hosts: HostsView,
    private readonly filter: HostsFilter,
    private readonly memento: Memento,
  ) {}

  /** What was chosen in this workspace before. */
  restore(): void {
    const stored = this.memento.get(arrangementKey);
    if (stored !== undefined) this.hosts.tree.arrange(readArrangement(stored));
    this.describe();
  }

  readonly group = async (): Promise<void> => {
    const { arrangement } = this.hosts.tree;
    const items = this.groupings(arrangement.grouping);
    const picked = await window.showQuickPick(items, {
      title: l10n.t('Group hosts by'),
      matchOnDescription: true,
    });
    if (picked) await this.arrange({ grouping: picked.grouping });
  };

  readonly sort = async (): Promise<void> => {
    const { order } = this.hosts.tree.arrangement;
    const names: Record<HostOrder, string> = {
      inventory: l10n.t('As the inventory lists them'),
      name: l10n.t('Name'),
      state: l10n.t('State, the worst first'),
    };
    const items = (Object.keys(names) as HostOrder[]).map((key) => ({
      label: names[key],
      description: key === order ? l10n.t('now') : '',
      order: key,
    }));
    const picked = await window.showQuickPick(items, { title: l10n.t('Sort hosts by') });
    if (picked) await this.arrange({ order: picked.order });
  };

  /** Asks for a selector, telling while it is typed how many hosts it matches. */
  readonly setFilter = async (): Promise<void> => {
    const before = this.filter.text;
    const input = window.createInputBox();
    input.title = l10n.t('Filter Hosts');
    input.placeholder = l10n.t('web-*, @group, role=web,env!=dev, !db-1 (comma: AND, space: OR)');
    input.value = before;
    let accepted = false;
    const tell = async (text: string) => {
      if (text.trim() === '') {
        input.prompt = l10n.t('Empty shows all hosts.');
        input.validationMessage = undefined;
        return;
      }
      const { count, total, problem } = await this.filter.resolve(text);
      if (input.value !== text) return;
      input.prompt = l10n.t('{0} of {1} hosts', count, total);
      input.validationMessage = problem;
    };
    try {
      await new Promise<void>((resolve) => {
        input.onDidChangeValue((text) => void tell(text));
        // What cannot be read, or names what is unknown, stays open with the reason below it.
        input.onDidAccept(async () => {
          await tell(input.value);
          accepted = input.validationMessage === undefined;
          if (accepted) resolve();
        });
        input.onDidHide(() => resolve());
        void tell(before);
        input.show();
      });
      if (accepted) await this.filter.set(input.value);
    } finally {
      input.dispose();
    }
  };

  readonly clearFilter = (): Promise<void> => this.filter.set('');

  /** From the cursor in an inventory to the row of the host or group that is written there. */
  readonly revealFromEditor = async (): Promise<void> => {
    const editor = window.activeTextEditor;
    if (!editor) return;
    const at = { file: editor.document.uri.fsPath, line: editor.selection.active.line + 1 };
    for (const fleet of this.fleets.shown) {
      const found = declaredAt(fleet, at);
      if (!found) continue;
      const isShown = await this.revealNamed(fleet, found.kind, found.name);
      if (isShown) return;
    }
    await window.showInformationMessage(
      l10n.t('No host or group that the Hosts view shows is listed at the cursor.'),
    );
  };

  readonly copyName = async (node?: HostsNode, selected?: readonly HostsNode[]): Promise<void> => {
    await env.clipboard.writeText(namesIn(rowsOf(node, selected, this.hosts)).join('\n'));
  };

  readonly copyAddress = async (node?: HostsNode, selected?: readonly HostsNode[]): Promise<void> => {
    const rows = rowsOf(node, selected, this.hosts);
    const addresses = rows.flatMap((row) =>
      namesIn([row]).flatMap((name) => row.fleet.inventory?.hosts.get(name)?.address ?? []),
    );
    await env.clipboard.writeText([...new Set(addresses)].join('\n'));
  };

  /** A terminal takes no rows that are dragged, so this is the way to it. */
  readonly insertIntoTerminal = (node?: HostsNode, selected?: readonly HostsNode[]): void => {
    const terminal = window.activeTerminal ?? window.createTerminal();
    terminal.show(true);
    terminal.sendText(namesIn(rowsOf(node, selected, this.hosts)).join(' '), false);
  };

  readonly describe = (): void => {
    const { grouping, order } = this.hosts.tree.arrangement;
    const parts = [
      ...(grouping.by === 'label' ? [l10n.t('by {0}', grouping.label)] : []),
      ...(grouping.by === 'none' ? [l10n.t('flat')] : []),
      ...(order === 'state' ? [l10n.t('worst first')] : []),
      ...(order === 'name' ? [l10n.t('by name')] : []),
      ...(this.filter.text === '' ? [] : [this.filter.text]),
    ];
    this.hosts.describe(parts.join(' · '), this.filter.message);
  };

  private async arrange(change: { grouping?: HostGrouping; order?: HostOrder }): Promise<void> {
    const arrangement = { ...this.hosts.tree.arrangement, ...change };
    this.hosts.tree.arrange(arrangement);
    this.describe();
    await this.memento.update(arrangementKey, arrangement);
  }

  private groupings(now: HostGrouping): (QuickPickItem & { grouping: HostGrouping })[] {
    const mark = (chosen: boolean, text = '') =>
      [text, ...(chosen ? [l10n.t('now')] : [])].filter(Boolean).join(' · ');
    const groups = this.fleets.shown.reduce((sum, { inventory }) => sum + inventory!.groups.size, 0);
    return [
      {
        label: l10n.t('Groups of the inventory'),
        description: mark(now.by === 'group', String(groups)),
        grouping: { by: 'group' },
      },
      {
        label: l10n.t('Nothing: a flat list'),
        description: mark(now.by === 'none'),
        grouping: { by: 'none' },
      },
      ...this.labels().map(([label, values]) => ({
        label: l10n.t('Label {0}', label),
        description: mark(now.by === 'label' && now.label === label, [...values].slice(0, 5).join(', ')),
        grouping: { by: 'label' as const, label },
      })),
    ];
  }

  /** The labels of all hosts with their values. */
  private labels(): [string, Set<string>][] {
    const labels = new Map<string, Set<string>>();
    for (const { inventory } of this.fleets.shown) {
      for (const host of inventory!.hosts.values()) {
        for (const [label, value] of Object.entries(host.labels)) {
          const values = labels.get(label);
          if (values) values.add(value);
          else labels.set(label, new Set([value]));
        }
      }
    }
    return [...labels].sort(([a], [b]) => byName(a, b)).slice(0, shownLabels);
  }

  private revealNamed(fleet: Fleet, kind: 'host' | 'group', name: string): Promise<boolean> {
    return kind === 'host' ? this.hosts.revealHost(fleet, name) : this.hosts.revealGroup(fleet, name);
  }
}

/** The rows that a command is called on, or those that are selected. */
function rowsOf(
  node: HostsNode | undefined,
  selected: readonly HostsNode[] | undefined,
  hosts: HostsView,
): readonly HostsNode[] {
  return selected ?? (node ? [node] : hosts.selection);
}

function declaredAt(
  { inventory }: Fleet,
  at: { file: string; line: number },
): { kind: 'host' | 'group'; name: string } | undefined {
  const holds = ({ file, line, endLine }: SourceRange) =>
    file === at.file && line <= at.line && at.line <= endLine;
  for (const [kind, all] of [
    ['host', inventory!.hosts],
    ['group', inventory!.groups],
  ] as const) {
    for (const { name, source } of all.values()) if (holds(source)) return { kind, name };
  }
  return undefined;
}
