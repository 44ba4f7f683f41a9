import type { PanelWords, RowAction, RowModel } from '../protocol/watchPanel';
import type { Column, RowAdapter } from '../../../shell/webview/grid/gridRow';
import { element, icon } from '../../../shell/webview/element';
import { setText } from '../../../shell/webview/setText';

type ChangeRow = Extract<RowModel, { kind: 'change' }>;
type ControlRow = Extract<RowModel, { kind: 'control' }>;

/** What a row can do, besides being there: its icon, and the key that does the same. */
const actions = [
  { action: 'open', icon: 'go-to-file', key: 'Enter' },
  { action: 'compare', icon: 'diff', key: 'D' },
  { action: 'onlyKey', icon: 'filter', key: 'F' },
  { action: 'copyKey', icon: 'key', key: 'K' },
  { action: 'copyRow', icon: 'copy', key: 'C' },
] as const;

const typeIcons = { put: 'edit', delete: 'trash', expired: 'watch' } as const;

/** The columns of changes. */
export function changeColumns(words: PanelWords): Column<ChangeRow>[] {
  const { time, revision, type, key, size, change } = words.columns;
  return [
    { name: 'time', title: time, fill: (cell) => (row) => setText(cell, row.time) },
    { name: 'revision', title: revision, fill: (cell) => (row) => setText(cell, row.revision) },
    {
      ...{ name: 'type', title: type },
      fill: (cell) => (row) =>
        cell.replaceChildren(icon(typeIcons[row.type]), element('span', {}, row.typeText)),
    },
    {
      ...{ name: 'key', title: key },
      fill: (cell) => (row) => {
        cell.title = row.key;
        cell.replaceChildren(element('span', { class: 'name' }, row.key));
        if (row.count !== '') cell.append(element('vscode-badge', { variant: 'counter' }, row.count));
      },
    },
    { name: 'size', title: size, fill: (cell) => (row) => setText(cell, row.size) },
    {
      ...{ name: 'values', title: change },
      fill: (cell) => (row) => {
        cell.title = row.parts.map(({ text }) => text).join('');
        cell.replaceChildren(...row.parts.map(part));
        if (row.note !== '') cell.append(element('span', { class: 'note' }, row.note));
      },
    },
    {
      ...{ name: 'actions', isForMouse: true },
      fill: (cell) => (row) => {
        const available = actions.filter(({ action }) => action !== 'compare' || row.isComparable);
        cell.replaceChildren(
          ...available.map(({ action, icon: name, key }) =>
            button(action, name, `${words[action]} (${key})`),
          ),
        );
      },
    },
  ];
}

/** What happened to the watch itself. */
const controlColumns: Column<ControlRow>[] = [
  { name: 'time', fill: (cell) => (row) => setText(cell, row.time) },
  {
    ...{ name: 'text', span: 5 },
    fill: (cell) => (row) => cell.replaceChildren(icon(row.icon), element('span', {}, row.text)),
  },
];

/** How rows are drawn. */
export function watchRows(changes: readonly Column<ChangeRow>[]): RowAdapter<RowModel> {
  return {
    id: ({ seq }) => `row-${seq}`,
    classes: (row) => (row.kind === 'control' ? `control ${row.tone}` : `change ${row.type} ${row.origin}`),
    columns: (row) => (row.kind === 'control' ? controlColumns : changes) as readonly Column<RowModel>[],
  };
}

/** The action of the button that was clicked, if it was one. */
export function clickedAction(target: EventTarget | null): RowAction | 'onlyKey' | undefined {
  const clicked = target instanceof Element ? target.closest<HTMLElement>('[data-action]') : null;
  return clicked?.dataset['action'] as RowAction | 'onlyKey' | undefined;
}

function part({ kind, text }: { kind: 'same' | 'removed' | 'added'; text: string }): HTMLElement {
  const name = { same: 'span', removed: 'del', added: 'ins' } as const;
  return element(name[kind], {}, text);
}

function button(action: string, name: string, title: string): HTMLElement {
  return element('button', { class: 'action', 'data-action': action, tabindex: '-1', title }, icon(name));
}
