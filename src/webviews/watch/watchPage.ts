import type {
  FromPanel,
  PanelStatus,
  PanelWords,
  RowAction,
  RowModel,
  ToPanel,
} from '../../protocol/watchPanel';
import { element } from '../shared/element';
import { setText } from '../shared/setText';
import { clickedAction } from './rowElement';
import { RowGrid } from './rowGrid';
import { Toolbar } from './toolbar';

/** What the editor offers the page. */
export interface EditorApi {
  postMessage(message: FromPanel): void;
  setState(state: unknown): void;
}

/** All of the page. */
export class WatchPage {
  private readonly words: PanelWords;
  private readonly toolbar: Toolbar;
  private readonly grid: RowGrid;
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
    private readonly beginning: Extract<ToPanel, { type: 'begin' }>,
    private readonly api: EditorApi,
  ) {
    const { words, state } = beginning;
    const send = (message: FromPanel) => api.postMessage(message);
    this.words = words;
    this.toolbar = new Toolbar(words, send);
    this.toolbar.show(state.filter, state.isGrouped);
    this.grid = new RowGrid(words, {
      ask: (from, to) => send({ type: 'rows', generation: this.generation, from, to }),
      act: (row, key, event) => this.act(row, key, event),
    });
    const { time, revision, type, key, size, change } = words.columns;
    this.head = element(
      'div',
      { class: 'row head', 'aria-hidden': 'true' },
      ...[
        ...[
          ['time', time],
          ['revision', revision],
          ['type', type],
        ],
        ...[
          ['key', key],
          ['size', size],
          ['values', change],
        ],
      ].map(([name, text]) => element('div', { class: `cell ${name}` }, text!)),
    );
    this.keyboard = element('div', { id: 'keyboard', class: 'unseen' }, words.keyboard);
    document.addEventListener('keydown', (event) => this.keyDown(event));
  }

  private generation = 0;

  get parts(): HTMLElement[] {
    const status = element(
      'div',
      { class: 'status' },
      ...[this.state, this.proof, this.waiting, this.count, this.folded, this.forgotten],
    );
    const list = element('div', { class: 'list' }, this.head, this.grid.root, this.empty);
    return [this.toolbar.root, status, list, this.keyboard];
  }

  /** Once the page is there, and rows can be counted. */
  begin(): void {
    this.api.setState(this.beginning.state);
    this.api.postMessage({ type: 'drawn', newest: this.grid.page });
  }

  take(message: Exclude<ToPanel, { type: 'begin' }>): void {
    switch (message.type) {
      case 'tick':
        this.update(message.status, message.newest);
        this.api.setState(message.state);
        return this.api.postMessage({ type: 'drawn', newest: this.grid.page + 2 });
      case 'rows':
        return this.grid.take(message.generation, message.rows);
      case 'filter':
        return this.toolbar.show(message.filter, message.isGrouped, message.problem);
    }
  }

  private update(status: PanelStatus, newest: readonly RowModel[]): void {
    this.generation = status.generation;
    this.toolbar.update(status);
    this.grid.update(status, newest);
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
    else if (event.key === ' ' && event.composedPath().includes(this.grid.root)) this.toolbar.togglePause();
    else return;
    event.preventDefault();
  }

  private act(row: RowModel, key: string, event: Event): void {
    const byKey: Record<string, RowAction | 'onlyKey'> = {
      ...{ enter: 'open', d: 'compare', f: 'onlyKey', k: 'copyKey', c: 'copyRow' },
    };
    const action = key === '' ? clickedAction(event.target) : byKey[key.toLowerCase()];
    if (!action || row.kind !== 'change' || (action === 'compare' && !row.isComparable)) return;
    event.preventDefault();
    if (action === 'onlyKey') this.api.postMessage({ type: 'onlyKey', seq: row.seq });
    else this.api.postMessage({ type: 'row', seq: row.seq, action });
  }
}
