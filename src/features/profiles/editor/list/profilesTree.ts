import { type Disposable, EventEmitter, type TreeDataProvider, type TreeItem } from 'vscode';
import { errorReport } from '../../../../platform/errors/errors';
import type { HotFunction } from '../../core/analysis/hotFunctions';
import { Disposables } from '../../../../shell/editor/disposables';
import type { ProfileEntry } from './profileEntry';
import { profileItem } from './profileItem';
import type { ProfileList } from './profileList';
import type {
  FunctionNode,
  LabelKeyNode,
  LabelValueNode,
  ProfileGroupNode,
  ProfileNode,
  ProfileNoteNode,
  ProfilesNode,
  SectionName,
  SectionNode,
  ValueTypeNode,
} from './profileNodes';

/** Rows that are added at a time. */
const pageSize = 50;
/** Rows of the hot functions up to which the list is opened to show one of them. */
const mostRevealed = 2000;
const sections: readonly SectionName[] = ['hot', 'path', 'tree'];
const withLabels: readonly SectionName[] = [...sections, 'labels'];

/** Hosts, their profiles, what these measure, and the functions; what is opened is asked of the profile's thread. */
export class ProfilesTree implements TreeDataProvider<ProfilesNode>, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<ProfilesNode | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly nodes = new WeakMap<ProfileEntry, ProfileNode>();
  private readonly sections = new WeakMap<ProfileEntry, Map<string, SectionNode>>();
  private readonly labelKeys = new WeakMap<SectionNode, Map<string, LabelKeyNode>>();

  constructor(private readonly list: ProfileList) {
    this.owned.add(
      list.onDidChange((entry) => {
        const node = entry && this.nodes.get(entry);
        if (node) this.sections.delete(node.entry);
        this.changed.fire(node);
      }),
    );
  }

  getTreeItem(node: ProfilesNode): TreeItem {
    return profileItem(node, this.list);
  }

  async getChildren(node?: ProfilesNode): Promise<ProfilesNode[]> {
    switch (node?.kind) {
      case undefined:
        return this.groups();
      case 'profileGroup':
        return node.entries.map((entry) => this.nodeOf(entry, node));
      case 'profile':
      case 'valueType':
      case 'section':
      case 'labelKey':
      case 'labelValue':
      case 'function':
        return this.below(node);
      case 'more':
      case 'failed':
      case 'empty':
        return [];
    }
  }

  getParent(node: ProfilesNode): ProfilesNode | undefined {
    return node.parent;
  }

  showMore(node: ProfilesNode): void {
    if (node.kind !== 'more' || node.parent.kind === 'profile') return;
    node.parent.limit += pageSize;
    this.changed.fire(node.parent);
  }

  /** The row of a function among the hot ones, which are shown as far as it. */
  async find(
    entry: ProfileEntry,
    valueType: number,
    name: string,
    file: string | undefined,
  ): Promise<ProfilesNode | undefined> {
    const mineOnly = this.list.mineOnly;
    const found = await entry.ask('findFunction', { name, file, valueType, mineOnly });
    if (!found || found.rank >= mostRevealed) return undefined;
    const group = (await this.groups()).find(({ entries }) => entries.includes(entry));
    if (!group) return undefined;
    const below = await this.below(this.nodeOf(entry, group));
    const types = below.flatMap((node) => (node.kind === 'valueType' ? [node] : []));
    const type = types.find((node) => node.valueType === valueType);
    const rows = type ? await this.below(type) : below;
    const hot = rows.find((row) => row.kind === 'section' && row.section === 'hot') as
      SectionNode | undefined;
    if (!hot) return undefined;
    if (found.rank >= hot.limit) {
      hot.limit = found.rank + 1;
      this.changed.fire(hot);
    }
    return this.functionNode(hot, hot, found.function);
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async groups(): Promise<ProfileGroupNode[]> {
    const byHosts = new Map<string, ProfileEntry[]>();
    for (const entry of await this.list.all()) {
      const key = JSON.stringify(entry.capture?.hosts ?? []);
      byHosts.set(key, [...(byHosts.get(key) ?? []), entry]);
    }
    return [...byHosts].map(([hosts, entries]) => ({
      ...{ kind: 'profileGroup', hosts: JSON.parse(hosts) as string[], entries, parent: undefined },
    }));
  }

  private nodeOf(entry: ProfileEntry, parent: ProfileGroupNode): ProfileNode {
    const known = this.nodes.get(entry);
    const node =
      known?.parent.hosts.join() === parent.hosts.join()
        ? known
        : { kind: 'profile' as const, entry, parent };
    this.nodes.set(entry, node);
    return node;
  }

  private async below(
    node: Exclude<ProfilesNode, ProfileGroupNode | ProfileNoteNode>,
  ): Promise<ProfilesNode[]> {
    try {
      if (node.kind === 'profile') return await this.typesOf(node);
      if (node.kind === 'valueType') return this.sectionsOf(node, node);
      if (node.kind === 'labelKey') return await this.valuesOf(node);
      if (node.kind === 'labelValue') return this.sectionsOf(node, node.section);
      return node.kind === 'section' ? await this.rowsOf(node) : await this.calleesOf(node);
    } catch (error) {
      const parent = node.kind === 'valueType' || node.kind === 'labelValue' ? node.parent : node;
      return [{ kind: 'failed', entry: node.entry, parent, error: errorReport(error) }];
    }
  }

  /** Profiles that measure one thing have no level for it. */
  private async typesOf(node: ProfileNode): Promise<ProfilesNode[]> {
    const { entry } = node;
    const { summary } = await entry.prepare();
    if (!this.list.active) await this.list.activate(entry);
    if (summary.valueTypes.length === 1) return this.sectionsOf(node, { entry, valueType: 0, summary });
    return summary.valueTypes.map((_, valueType) => ({
      kind: 'valueType',
      entry,
      parent: node,
      valueType,
      summary,
    }));
  }

  private sectionsOf(
    parent: ProfileNode | ValueTypeNode | LabelValueNode,
    { entry, valueType, summary }: Pick<ValueTypeNode, 'entry' | 'valueType' | 'summary'>,
  ): SectionNode[] {
    const known = this.sections.get(entry) ?? new Map<string, SectionNode>();
    this.sections.set(entry, known);
    const [label, whole] =
      parent.kind === 'labelValue'
        ? [parent.label, parent.value.whole]
        : [undefined, summary.valueTypes[valueType]!.whole];
    const names = summary.hasLabels && !label ? withLabels : sections;
    return names.map((section) => {
      const key = JSON.stringify([section, valueType, label]);
      const node: SectionNode = known.get(key) ?? {
        ...{ kind: 'section', section, entry, parent, valueType, summary, whole, limit: pageSize },
        ...(label && { label }),
      };
      known.set(key, node);
      return node;
    });
  }

  private async rowsOf(node: SectionNode): Promise<ProfilesNode[]> {
    const { entry, valueType, label, limit } = node;
    const { mineOnly } = this.list;
    if (node.section === 'tree') return this.calleesOf(node);
    if (node.section === 'labels') return this.keysOf(node);
    if (node.section === 'path') {
      const steps = await entry.ask('criticalPath', { valueType, mineOnly, label });
      return this.withNotes(node, steps.slice(0, limit), steps.length);
    }
    const { functions, count } = await entry.ask('hotFunctions', { valueType, mineOnly, label, limit });
    return this.withNotes(node, functions, count);
  }

  private async calleesOf(node: SectionNode | FunctionNode): Promise<ProfilesNode[]> {
    const { entry, limit } = node;
    const { valueType, label } = node.kind === 'section' ? node : node.section;
    const order = { path: pathOf(node), valueType, label, mineOnly: this.list.mineOnly, limit };
    const { callees, count } = await entry.ask('callees', order);
    return this.withNotes(node, callees, count);
  }

  private async keysOf(section: SectionNode): Promise<ProfilesNode[]> {
    const { entry, valueType, limit } = section;
    const { keys, count } = await entry.ask('labels', { valueType, limit });
    const known = this.labelKeys.get(section) ?? new Map<string, LabelKeyNode>();
    this.labelKeys.set(section, known);
    const rows = keys.map((labels) => {
      const limit = known.get(labels.key)?.limit ?? pageSize;
      const node: LabelKeyNode = { kind: 'labelKey', entry, parent: section, section, labels, limit };
      known.set(labels.key, node);
      return node;
    });
    return withMore(section, rows, count);
  }

  private async valuesOf(node: LabelKeyNode): Promise<ProfilesNode[]> {
    const { entry, section, limit } = node;
    const { key, count } = node.labels;
    const values = await entry.ask('labelValues', { key, valueType: section.valueType, limit });
    const rows = values.map((value): LabelValueNode => {
      const label = { key, value: String(value.value) };
      return { kind: 'labelValue', entry, parent: node, section, label, value };
    });
    return withMore(node, rows, count);
  }

  private withNotes(
    parent: SectionNode | FunctionNode,
    functions: readonly HotFunction[],
    count: number,
  ): ProfilesNode[] {
    const { entry } = parent;
    const section = parent.kind === 'section' ? parent : parent.section;
    if (count === 0) return [{ kind: 'empty', entry, parent }];
    const rows = functions.map((one) => this.functionNode(parent, section, one));
    return withMore(parent, rows, count);
  }

  private functionNode(
    parent: SectionNode | FunctionNode,
    section: SectionNode,
    one: HotFunction,
  ): FunctionNode {
    return { kind: 'function', entry: parent.entry, parent, section, function: one, limit: pageSize };
  }
}

/** Rows, and after them how many more there are. */
function withMore(
  parent: SectionNode | FunctionNode | LabelKeyNode,
  rows: readonly ProfilesNode[],
  count: number,
): ProfilesNode[] {
  const hidden = count - rows.length;
  return hidden > 0 ? [...rows, { kind: 'more', entry: parent.entry, parent, hidden }] : [...rows];
}

/** The numbers of the functions from the root of the call tree to the row. */
function pathOf(node: SectionNode | FunctionNode): number[] {
  const path: number[] = [];
  for (let at = node; at.kind === 'function'; at = at.parent) path.push(at.function.number!);
  return path.reverse();
}
