import { l10n, MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { linkTo } from '../../../../shell/editor/commands/musterCommands';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import { printable } from '../../../../platform/text/printable';
import { labelText } from '../../core/analysis/labelWeights';
import { sourcePath } from '../../core/sources/sourcePath';
import { weightText } from '../../core/model/weightText';
import { age } from '../../../../shell/editor/text/age';
import { dateAndTime } from '../../../../shell/editor/text/localTime';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import { escapeMarkdown } from '../../../../shell/editor/hosts/escapeMarkdown';
import { hostCount, latency } from '../../../../shell/editor/hosts/wording';
import type { ProfileList } from './profileList';
import type {
  FunctionNode,
  LabelKeyNode,
  LabelValueNode,
  ProfileGroupNode,
  ProfileNode,
  ProfileNoteNode,
  ProfilesNode,
  SectionNode,
  ValueTypeNode,
} from './profileNodes';
import { heatOf, shareText } from './share';

const { Collapsed, Expanded, None } = TreeItemCollapsibleState;
const sectionIcons = { hot: 'flame', path: 'git-commit', tree: 'list-tree', labels: 'tag' };

/** How a row of the Profiles view looks. */
export function profileItem(node: ProfilesNode, list: ProfileList): TreeItem {
  switch (node.kind) {
    case 'profileGroup':
      return groupItem(node);
    case 'profile':
      return entryItem(node, list);
    case 'valueType':
      return valueTypeItem(node, list);
    case 'section':
      return sectionItem(node);
    case 'labelKey':
      return labelKeyItem(node);
    case 'labelValue':
      return labelValueItem(node);
    case 'function':
      return functionItem(node);
    case 'more':
    case 'failed':
    case 'empty':
      return noteItem(node, list);
  }
}

function groupItem({ hosts, entries }: ProfileGroupNode): TreeItem {
  const name = hosts.length === 0 ? l10n.t('Opened files') : printable(compactHostSet(hosts));
  const item = new TreeItem(name, Expanded);
  item.id = `group\0${hosts.join('\0')}`;
  item.contextValue = 'profileGroup';
  item.iconPath = new ThemeIcon(hosts.length === 0 ? 'folder-opened' : 'server');
  const count = entries.length === 1 ? l10n.t('1 profile') : l10n.t('{0} profiles', entries.length);
  const words = [...(hosts.length > 1 ? [hostCount(hosts.length)] : []), count];
  return described(item, words);
}

function entryItem({ entry }: ProfileNode, list: ProfileList): TreeItem {
  const { capture, uri } = entry;
  const file = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const item = new TreeItem(printable(capture ? capture.service || capture.profiler : file), Collapsed);
  item.id = entry.key;
  item.contextValue = capture ? 'profile-capture' : 'profile-file';
  const isActive = list.active?.entry === entry;
  item.iconPath = new ThemeIcon(isActive ? 'eye' : 'flame');
  const words = [
    ...(isActive ? [l10n.t('shown in the editor')] : []),
    ...(capture
      ? [
          printable(capture.profiler),
          capture.valueTypes.map(({ name }) => printable(name, 40)).join(', '),
          age(Date.now() - capture.startedAt),
        ].filter((word) => word !== '')
      : []),
  ];
  const lines = capture
    ? [
        l10n.t('Captured: {0}', dateAndTime(capture.startedAt)),
        l10n.t('On: {0}', printable(compactHostSet(capture.hosts), 300)),
        ...(capture.durationMs === undefined ? [] : [l10n.t('For: {0}', latency(capture.durationMs))]),
        ...(capture.command === '' ? [] : [printable(capture.command, 500)]),
        `${capture.file} · ${sizeText(capture.bytes)}`,
      ]
    : [uri.scheme === 'file' ? uri.fsPath : uri.toString(true)];
  item.tooltip = tooltip(item.label as string, lines);
  return described(item, words);
}

function valueTypeItem({ entry, valueType, summary, parent }: ValueTypeNode, list: ProfileList): TreeItem {
  const { name, unit, total, idle } = summary.valueTypes[valueType]!;
  const item = new TreeItem(printable(name), valueType === summary.defaultValueType ? Expanded : Collapsed);
  item.id = `${parent.entry.key}\0${valueType}`;
  item.contextValue = 'profileValueType';
  const isActive = list.active?.entry === entry && list.active.valueType === valueType;
  item.iconPath = new ThemeIcon(isActive ? 'eye' : 'symbol-numeric');
  return described(item, [
    weightText(total, unit),
    ...(idle === undefined ? [] : [l10n.t('{0} idle not counted', weightText(idle, unit))]),
    ...(isActive ? [l10n.t('shown in the editor')] : []),
  ]);
}

function sectionItem(node: SectionNode): TreeItem {
  const { section } = node;
  const names = {
    hot: l10n.t('Hot functions'),
    path: l10n.t('Critical path'),
    tree: l10n.t('Call tree'),
    labels: l10n.t('Labels'),
  };
  const hints = {
    hot: l10n.t('Functions by the weight of their own code'),
    path: l10n.t('The heaviest chain of calls, and where it narrows'),
    tree: l10n.t('Callees by weight'),
    labels: l10n.t('What samples are labelled with, such as a tenant, and the functions of each value'),
  };
  const item = new TreeItem(names[section], Collapsed);
  item.id = sectionId(node);
  item.contextValue = `profileSection-${section}`;
  item.iconPath = new ThemeIcon(sectionIcons[section]);
  item.tooltip = hints[section];
  return item;
}

/** Of the same section of another label it is another. */
function sectionId({ entry, section, valueType, label }: SectionNode): string {
  const id = `${entry.key}\0${valueType}\0${section}`;
  return label ? `${id}\0${label.key}\0${label.value}` : id;
}

function labelKeyItem({ section, labels: { key, total, count } }: LabelKeyNode): TreeItem {
  const item = new TreeItem(printable(key, 200) || l10n.t('(no name)'), Collapsed);
  item.id = `${sectionId(section)}\0${key}`;
  item.contextValue = 'profileLabelKey';
  item.iconPath = new ThemeIcon('symbol-key');
  const { unit } = section.summary.valueTypes[section.valueType]!;
  return described(item, [
    count === 1 ? l10n.t('1 value') : l10n.t('{0} values', count),
    ...[shareText(total, section.whole), weightText(total, unit)],
  ]);
}

function labelValueItem({ section, label, value }: LabelValueNode): TreeItem {
  const item = new TreeItem(printable(labelText(label.key, value), 200) || l10n.t('(empty)'), Collapsed);
  item.id = `${sectionId(section)}\0${label.key}\0${label.value}`;
  item.contextValue = 'profileLabelValue';
  item.iconPath = new ThemeIcon('tag', new ThemeColor(heatOf(value.weight, section.whole)));
  const { unit } = section.summary.valueTypes[section.valueType]!;
  item.tooltip = tooltip(printable(`${label.key}: ${label.value}`, 500), [
    l10n.t(
      '{0} of {1} ({2})',
      shareText(value.weight, section.whole),
      weightText(section.whole, unit),
      weightText(value.weight, unit),
    ),
  ]);
  return described(item, [shareText(value.weight, section.whole), weightText(value.weight, unit)]);
}

function functionItem(node: FunctionNode): TreeItem {
  const { section } = node;
  const { name, file, line, self, total, narrows, hasCallees } = node.function;
  const { whole } = section;
  const { unit } = section.summary.valueTypes[section.valueType]!;
  const item = new TreeItem(printable(name, 200) || l10n.t('(no name)'), hasCallees ? Collapsed : None);
  item.id = idOf(node);
  item.contextValue = 'profileFunction';
  const isHot = section.section === 'hot';
  const heat = heatOf(isHot ? self : total, whole);
  item.iconPath = narrows
    ? new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground'))
    : new ThemeIcon('symbol-method', new ThemeColor(heat));
  const place = placeText(node);
  const words = [
    ...(isHot
      ? [selfText(self, whole), totalText(total, whole)]
      : [totalText(total, whole), selfText(self, whole)]),
    weightText(isHot ? self : total, unit),
    ...(narrows ? [l10n.t('narrows here')] : []),
    ...(place === '' ? [] : [place]),
  ];
  item.tooltip = tooltip(printable(name, 500), [
    l10n.t('self {0} ({1})', shareText(self, whole), weightText(self, unit)),
    l10n.t('total {0} ({1})', shareText(total, whole), weightText(total, unit)),
    ...(narrows ? [l10n.t('Less than half of the step before goes on here.')] : []),
    ...(file === undefined ? [] : [printable(line === undefined ? file : `${file}:${line}`, 500)]),
  ]);
  item.command = linkTo('muster.openProfileFunction', l10n.t('Open Source'), node);
  return described(item, words);
}

function idOf({ parent, section, function: { name, file } }: FunctionNode): string {
  const above = parent.kind === 'function' ? idOf(parent) : sectionId(section);
  return `${above}\0${name}\0${file ?? ''}`;
}

/** `main.go:12`: the rest of the path is in the tooltip. */
function placeText({ function: { name, file, line } }: FunctionNode): string {
  const path = sourcePath({ name, file });
  if (path === undefined) return '';
  const base = printable(path.slice(path.lastIndexOf('/') + 1), 60);
  return line === undefined ? base : `${base}:${line}`;
}

function noteItem(node: ProfileNoteNode, list: ProfileList): TreeItem {
  const { kind, hidden = 0, error, parent } = node;
  const item = new TreeItem('', None);
  item.contextValue = `profile-${kind}`;
  if (kind === 'more') {
    item.label = l10n.t('Show more…');
    item.iconPath = new ThemeIcon('ellipsis');
    item.command = linkTo('muster.showMoreFunctions', item.label, node);
    item.description = l10n.t('{0} more', hidden);
  } else if (kind === 'failed') {
    item.label = printable(error?.message ?? '', 300);
    item.iconPath = new ThemeIcon('error', new ThemeColor('problemsErrorIcon.foreground'));
    item.description = printable(error?.hint ?? '', 300);
    item.tooltip = tooltip(
      item.label,
      [...(error?.causes ?? []), error?.hint ?? ''].filter((line) => line !== ''),
    );
  } else {
    const isTop = parent.kind === 'section';
    item.label =
      list.mineOnly && isTop
        ? l10n.t('No function of this workspace.')
        : l10n.t('Nothing is called from here.');
    item.iconPath = new ThemeIcon('info');
  }
  return described(item, item.description ? [item.description as string] : []);
}

const selfText = (weight: number, whole: number) => l10n.t('self {0}', shareText(weight, whole));
const totalText = (weight: number, whole: number) => l10n.t('total {0}', shareText(weight, whole));

function described(item: TreeItem, words: readonly string[]): TreeItem {
  item.description = words.join(' · ');
  item.accessibilityInformation = { label: [item.label as string, ...words].join(', ') };
  return item;
}

function tooltip(heading: string, lines: readonly string[]): MarkdownString {
  const text = new MarkdownString();
  text.isTrusted = false;
  text.supportHtml = false;
  text.appendMarkdown(`**${escapeMarkdown(heading)}**`);
  for (const line of lines) text.appendMarkdown(`  \n${escapeMarkdown(line)}`);
  return text;
}
