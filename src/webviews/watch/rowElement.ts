import type { PanelWords, RowAction, RowModel } from '../../protocol/watchPanel';
import { element, icon } from '../shared/element';

/** What a row can do, besides being there: its icon, and the key that does the same. */
const actions = [
  { action: 'open', icon: 'go-to-file', key: 'Enter' },
  { action: 'compare', icon: 'diff', key: 'D' },
  { action: 'onlyKey', icon: 'filter', key: 'F' },
  { action: 'copyKey', icon: 'key', key: 'K' },
  { action: 'copyRow', icon: 'copy', key: 'C' },
] as const;

const typeIcons = { put: 'edit', delete: 'trash', expired: 'watch' } as const;

/** The row as an element, of which `data-seq` and `data-at` tell whose it is. */
export function rowElement(row: RowModel, words: PanelWords): HTMLElement {
  const made = element('div', { class: `row ${row.kind}`, role: 'row', id: rowId(row.seq) });
  made.dataset['seq'] = String(row.seq);
  if (row.kind === 'control') {
    made.classList.add(row.tone);
    const text = cell('text', icon(row.icon), element('span', {}, row.text));
    text.setAttribute('aria-colspan', '5');
    made.append(cell('time', row.time), text);
    return made;
  }
  made.classList.add(row.type, row.origin);
  const change = cell('values', ...row.parts.map(part));
  if (row.note !== '') change.append(element('span', { class: 'note' }, row.note));
  change.title = row.parts.map(({ text }) => text).join('');
  const key = cell('key', element('span', { class: 'name' }, row.key));
  key.title = row.key;
  if (row.count !== '') key.append(element('vscode-badge', { variant: 'counter' }, row.count));
  const available = actions.filter(({ action }) => action !== 'compare' || row.isComparable);
  made.append(
    cell('time', row.time),
    cell('revision', row.revision),
    cell('type', icon(typeIcons[row.type]), element('span', {}, row.typeText)),
    key,
    cell('size', row.size),
    change,
    element(
      'div',
      { class: 'actions', 'aria-hidden': 'true' },
      ...available.map(({ action, icon: name, key }) => button(action, name, `${words[action]} (${key})`)),
    ),
  );
  return made;
}

export function rowId(seq: number): string {
  return `row-${seq}`;
}

/** The action of the button that was clicked, if it was one. */
export function clickedAction(target: EventTarget | null): RowAction | 'onlyKey' | undefined {
  const clicked = target instanceof Element ? target.closest<HTMLElement>('[data-action]') : null;
  return clicked?.dataset['action'] as RowAction | 'onlyKey' | undefined;
}

function cell(name: string, ...children: (Node | string)[]): HTMLElement {
  return element('div', { class: `cell ${name}`, role: 'gridcell' }, ...children);
}

function part({ kind, text }: { kind: 'same' | 'removed' | 'added'; text: string }): HTMLElement {
  const name = { same: 'span', removed: 'del', added: 'ins' } as const;
  return element(name[kind], {}, text);
}

function button(action: string, name: string, title: string): HTMLElement {
  return element('button', { class: 'action', 'data-action': action, tabindex: '-1', title }, icon(name));
}
