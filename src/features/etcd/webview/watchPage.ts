import type {
  FromPanel,
  PanelStatus,
  PanelWords,
  RowAction,
  RowModel,
  ToPanel,
  WatchBeginning,
} from '../protocol/watchPanel';
import { headOf } from '../../../shell/webview/grid/gridRow';
import { ScrolledViewport } from '../../../shell/webview/grid/scrolledViewport';
import { VirtualGrid } from '../../../shell/webview/grid/virtualGrid';
import { element } from '../../../shell/webview/element';
import type { Page } from '../../../shell/webview/openPage';
import { setText } from '../../../shell/webview/setText';
import { Toolbar } from './toolbar';
import { changeColumns, clickedAction, watchRows } from './watchColumns';

/** Pixels; the style sheet has the same. */
const rowHeight = 24;

/** What a key does with the chosen row. */
const keys: Record<string, RowAction | 'onlyKey'> = {
  ...{ enter: 'open', d: 'compare', f: 'onlyKey', k: 'copyKey', c: 'copyRow' },
};

/** All of the page. */
export class WatchPage implements Page<ToPanel> {
  private readonly words: PanelWords;
  private readonly toolbar: Toolbar;
  private readonly grid: VirtualGrid<RowModel>;
  private readonly state = element('span', { class: 'state', role: 'status' });
  private readonly proof = element('span', { class: 'proof' });
  private readonly waiting = element('span', { class: 'waiting', role: 'status' });
  private readonly count = element('span', { class: 'count' });
  private readonly folded = element('span', { class: 'folded' });
  private readonly forgotten = element('span', { class: 'forgotten', role: 'status' });
  private readonly empty = element('div', { class: 'empty' });
  private readonly head: HTMLElement;
  private readonly keyboard: HTMLElement;

  constructor(
    { words, state }: WatchBeginning,
    private readonly send: (message: FromPanel) => void,
  ) {
    this.words = words;
    this.toolbar = new Toolbar(words, send);
    this.toolbar.show(state.filter, state.isGrouped);
    const columns = changeColumns(words);
    this.grid = new VirtualGrid<RowModel>({
      viewport: new ScrolledViewport('top', rowHeight),
      adapter: watchRows(columns),
      label: words.rows,
      isMultiselectable: false,
      post: send,
      key: (row, event) => this.act(row, keys[event.key.toLowerCase()], event),
    });
    this.grid.view.addEventListener('click', (event) =>
      this.act(this.grid.selectedRow, clickedAction(event.target), event),
    );
    this.grid.view.addEventListener('dblclick', (event) => this.act(this.grid.selectedRow, 'open', event));
    this.head = headOf(columns);
    this.keyboard = element('div', { id: 'keyboard', class: 'unseen' }, words.keyboard);
    document.addEventListener('keydown', (event) => this.keyDown(event));
  }

  get parts(): HTMLElement[] {
    const status = element(
      'div',
      { class: 'status' },
      ...[this.state, this.proof, this.waiting, this.count, this.folded, this.forgotten],
    );
    const list = element('div', { class: 'list' }, this.head, this.grid.root, this.empty);
    return [this.toolbar.root, status, list, this.keyboard];
  }

  begin(): void {
    this.grid.begin();
  }

  take(message: Exclude<ToPanel, { type: 'begin' }>): void {
    if (message.type === 'filter')
      return this.toolbar.show(message.filter, message.isGrouped, message.problem);
    if (message.type === 'tick') this.update(message.status);
    this.grid.take(message);
  }

  private update(status: PanelStatus): void {
    this.toolbar.update(status);
    this.state.className = `state ${status.tone}`;
    setText(this.state, status.state);
    setText(this.proof, status.proof);
    setText(this.waiting, status.waiting);
    setText(this.count, status.isFiltering ? `${status.count} ${this.words.filtering}` : status.count);
    setText(this.folded, status.folded);
    setText(this.forgotten, status.forgotten);
    const isEmpty = status.end === status.first;
    setText(this.empty, isEmpty ? status.empty : '');
    this.empty.hidden = !isEmpty;
  }

  private keyDown(event: KeyboardEvent): void {
    const isTyping = event.composedPath()[0] instanceof HTMLInputElement;
    if (isTyping && event.key === 'Escape') this.grid.focus();
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/') this.toolbar.focusFilter();
    else if (event.key === ' ' && event.composedPath().includes(this.grid.view)) this.toolbar.togglePause();
    else return;
    event.preventDefault();
  }

  private act(row: RowModel | undefined, action: RowAction | 'onlyKey' | undefined, event: Event): void {
    if (!action || row?.kind !== 'change' || (action === 'compare' && !row.isComparable)) return;
    event.preventDefault();
    if (action === 'onlyKey') this.send({ type: 'onlyKey', seq: row.seq });
    else this.send({ type: 'row', seq: row.seq, action });
  }
}
