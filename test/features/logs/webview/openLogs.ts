import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import type { LogRow as EngineRow } from '../../../../src/features/logs/core/logRow';
import { rowModel } from '../../../../src/features/logs/editor/panel/logRows';
import { logWords } from '../../../../src/features/logs/editor/panel/logWords';
import type {
  FromLogs,
  LegendSource,
  LogLook,
  LogRow,
  LogStatus,
  LogView,
} from '../../../../src/features/logs/protocol/logsPanel';
import { LogsPage } from '../../../../src/features/logs/webview/logsPage';
import { takeSent, untilSettled } from '../../../shell/webview/panelTalk';

export const words = logWords();

export const legend: LegendSource[] = [
  { host: 'web-2', source: 'nginx', color: 0, tone: 'info', state: 'following' },
  { host: 'web-10', source: 'nginx', color: 1, tone: 'info', state: 'following' },
  { host: 'db-1', source: 'postgres', color: 2, tone: 'error', state: 'permission denied' },
];

export const wholeView: LogView = {
  include: { text: '', isRegex: false },
  exclude: { text: '', isRegex: false },
  fields: '',
  level: undefined,
  hiddenHosts: [],
  hiddenSources: [],
  from: undefined,
  to: undefined,
  highlight: { text: '', isRegex: false },
  correlate: undefined,
};

export const plainLook: LogLook = {
  wraps: false,
  isRaw: false,
  time: 'utc',
  hasLegend: true,
  hasHistogram: true,
};

const emptyStatus: LogStatus = {
  ...{ generation: 1, first: 0, end: 0, isPaused: false, tone: 'info', state: 'Following 3 sources' },
  ...{ count: '', dropped: '', progress: '', waiting: '', rate: '', matches: '', empty: '', pinned: '' },
  hasEnded: false,
};

/** The row of a line as the editor makes it, with the look in which it is read. */
export function lineRow(
  at: number,
  text: string,
  { isRaw = false, ...line }: Partial<EngineRow & { isRaw: boolean }> = {},
): LogRow {
  const row = {
    seq: 5000 + at,
    kind: 'line',
    stream: 0,
    level: 'info',
    time: Date.UTC(2026, 10, 26) + at,
    text,
    ...line,
  };
  const marks = {
    bookmarks: new Map(),
    pinned: new Set<number>(),
    matches: undefined,
    fields: () => undefined,
    isRaw,
  };
  return rowModel(row as EngineRow, at, marks);
}

/** The rows of a range, each with its number as text. */
export function numberedRows(from: number, to: number): LogRow[] {
  return Array.from({ length: to - from }, (_, index) => lineRow(from + index, `line ${from + index}`));
}

/** The page of logs and what it told the editor, which answers questions for rows out of `lines` when it is asked to. */
export class OpenLogs {
  readonly sent: FromLogs[] = [];
  readonly page: LogsPage;
  private status = emptyStatus;
  /** Whether the editor answers. */
  answers = true;
  /** What a line says. */
  lines = (at: number) => lineRow(at, `line ${at}`);

  constructor(view: Partial<LogView> = {}, look: Partial<LogLook> = {}, sources = legend) {
    this.page = new LogsPage(
      {
        ...{ type: 'begin', words, state: {}, panel: 7, legend: sources },
        ...{ view: { ...wholeView, ...view }, look: { ...plainLook, ...look } },
      },
      (message) => this.sent.push(message),
    );
    document.body.replaceChildren(...this.page.parts);
  }

  /** A status with its newest rows, as the editor tells them, and the answers to what the page asks then. */
  async tick(change: Partial<LogStatus>): Promise<void> {
    this.status = { ...this.status, ...change };
    const { first, end } = this.status;
    const newest = Array.from({ length: Math.min(12, end - first) }, (_, index) =>
      this.lines(end - 1 - index),
    );
    this.page.take({ type: 'tick', status: this.status, newest });
    await this.settle();
  }

  /** Until the page is drawn and asks for nothing more. */
  async settle(): Promise<void> {
    await untilSettled(() => {
      const questions = this.answers ? this.take('rows') : [];
      for (const { generation, from, to } of questions)
        this.page.take({
          ...{ type: 'rows', generation },
          rows: Array.from({ length: to - from }, (_, index) => this.lines(from + index)),
        });
      return questions.length > 0;
    });
  }

  /** What was told of one type since it was last asked for. */
  take<Type extends FromLogs['type']>(type: Type): Extract<FromLogs, { type: Type }>[] {
    return takeSent(this.sent, type);
  }

  get grid(): HTMLElement {
    return this.page.grid.view;
  }

  get rows(): HTMLElement[] {
    return [...this.grid.querySelectorAll<HTMLElement>('.row')];
  }

  /** The texts of the rows that are elements. */
  get texts(): string[] {
    return this.rows.map((row) => row.querySelector('.text')!.textContent);
  }

  get selected(): string[] {
    return this.rows
      .filter((row) => row.getAttribute('aria-selected') === 'true')
      .map((row) => row.querySelector('.text')!.textContent);
  }

  /** A key in the grid, and what is drawn then. */
  async press(key: string, modifiers: KeyboardEventInit = {}): Promise<KeyboardEvent> {
    const event = new KeyboardEvent('keydown', {
      key,
      bubbles: true,
      cancelable: true,
      composed: true,
      ...modifiers,
    });
    this.grid.dispatchEvent(event);
    await this.settle();
    return event;
  }

  /** A key on the page, or on what has the focus there. */
  type(target: HTMLElement, key: string, modifiers: KeyboardEventInit = {}): KeyboardEvent {
    const init = { key, bubbles: true, cancelable: true, composed: true, ...modifiers };
    const event = new KeyboardEvent('keydown', init);
    target.dispatchEvent(event);
    return event;
  }

  async wheel(pixels: number): Promise<void> {
    this.grid.dispatchEvent(new WheelEvent('wheel', { deltaY: pixels, cancelable: true }));
    await this.settle();
  }

  find<Found extends HTMLElement>(selector: string): Found {
    const found = document.querySelector<Found>(selector);
    if (!found) throw new Error(`The page has no ${selector}`);
    return found;
  }
}
