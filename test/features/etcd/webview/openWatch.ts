import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { panelWords } from '../../../../src/features/etcd/editor/watch/watchWords';
import type {
  FromPanel,
  PanelState,
  PanelStatus,
  RowModel,
  ToPanel,
} from '../../../../src/features/etcd/protocol/watchPanel';
import { openPage } from '../../../../src/shell/webview/openPage';
import { WatchPage } from '../../../../src/features/etcd/webview/watchPage';
import { takeSent, untilSettled } from '../../../shell/webview/panelTalk';

export const words = panelWords();

export const watchState: PanelState = {
  ...{ cluster: 'main', inventory: 'file:///muster.yaml', identity: '1', prefix: '', isKey: false },
  ...{ fromRevision: undefined, changes: 0, isGrouped: false },
  filter: { text: '', isRegex: false, types: ['put', 'delete', 'expired'] },
};

const emptyStatus: PanelStatus = {
  ...{
    generation: 1,
    first: 0,
    end: 0,
    isPaused: false,
    isFiltering: false,
    tone: 'info',
    state: 'Watching',
  },
  ...{ proof: '', waiting: '', count: '', folded: '', forgotten: '', empty: '', hasEnded: false },
  ...{ rate: [], rateText: '' },
};

type Change = Extract<RowModel, { kind: 'change' }>;

/** The row of a change, whose key has its number. */
export function changeRow(at: number, change: Partial<Change> = {}): Change {
  return {
    ...{ at, seq: 5000 + at, kind: 'change', time: '12:00:00.000', revision: String(at), type: 'put' },
    ...{ typeText: 'PUT', origin: 'event', key: `/key/${at}`, size: '3 B', count: '', note: '' },
    ...{ parts: [{ kind: 'added', text: 'one' }], isComparable: true },
    ...change,
  };
}

/** The page of a watch and what it told the editor, which answers questions for rows out of `row`. */
export class OpenWatch {
  readonly sent: FromPanel[] = [];
  readonly states: unknown[] = [];
  readonly page: WatchPage;
  private readonly tell: (message: ToPanel) => void;
  private status = emptyStatus;
  /** Whether the editor answers. */
  answers = true;
  row = (at: number): RowModel => changeRow(at);

  constructor(state: Partial<PanelState> = {}) {
    const api = {
      postMessage: (message: FromPanel) => void this.sent.push(message),
      setState: (kept: unknown) => void this.states.push(kept),
    };
    const made: WatchPage[] = [];
    this.tell = openPage<ToPanel>(api, (beginning) => {
      made.push(new WatchPage(beginning, api.postMessage));
      return made[0]!;
    });
    this.tell({ type: 'begin', words, state: { ...watchState, ...state } });
    [this.page] = made as [WatchPage];
  }

  async tick(change: Partial<PanelStatus>): Promise<void> {
    this.status = { ...this.status, ...change };
    const { first, end } = this.status;
    const newest = Array.from({ length: Math.min(12, end - first) }, (_, index) => this.row(end - 1 - index));
    this.tell({ type: 'tick', status: this.status, newest, state: watchState });
    await this.settle();
  }

  /** Until the page is drawn and asks for nothing more. */
  async settle(): Promise<void> {
    await untilSettled(() => {
      const questions = this.answers ? this.take('rows') : [];
      for (const { generation, from, to } of questions)
        this.page.take({
          ...{ type: 'rows', generation },
          rows: Array.from({ length: to - from }, (_, index) => this.row(from + index)),
        });
      return questions.length > 0;
    });
  }

  /** What was told of one type since it was last asked for. */
  take<Type extends FromPanel['type']>(type: Type): Extract<FromPanel, { type: Type }>[] {
    return takeSent(this.sent, type);
  }

  get grid(): HTMLElement {
    return this.find('[role=grid]');
  }

  /** The rows that are elements, from the top. */
  get rows(): HTMLElement[] {
    const place = (row: HTMLElement) => Number(row.getAttribute('aria-rowindex'));
    return [...this.grid.querySelectorAll<HTMLElement>('.row')].sort((a, b) => place(a) - place(b));
  }

  get keys(): string[] {
    return this.rows.map((row) => row.querySelector('.key .name')!.textContent);
  }

  /** The keys of the rows that are on the screen, not only near it. */
  get keysInSight(): string[] {
    const top = this.grid.scrollTop;
    return this.rows
      .filter((row) => {
        const place = (Number(row.getAttribute('aria-rowindex')) - 1) * 24;
        return place + 24 > top && place < top + this.grid.clientHeight;
      })
      .map((row) => row.querySelector('.key .name')!.textContent);
  }

  get selected(): string[] {
    return this.rows
      .filter((row) => row.getAttribute('aria-selected') === 'true')
      .map((row) => row.querySelector('.key .name')!.textContent);
  }

  async press(key: string, modifiers: KeyboardEventInit = {}): Promise<KeyboardEvent> {
    const init = { key, bubbles: true, cancelable: true, composed: true, ...modifiers };
    const event = new KeyboardEvent('keydown', init);
    this.grid.dispatchEvent(event);
    await this.settle();
    return event;
  }

  async scrollTo(top: number): Promise<void> {
    this.grid.scrollTop = top;
    await this.settle();
  }

  find<Found extends HTMLElement>(selector: string): Found {
    const found = document.querySelector<Found>(selector);
    if (!found) throw new Error(`The page has no ${selector}`);
    return found;
  }
}
