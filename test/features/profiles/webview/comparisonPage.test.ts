import { describe, expect, it } from 'vitest';
import { comparisonWords } from '../../../../src/features/profiles/editor/comparison/comparisonModel';
import type {
  BoxModel,
  ChangeModel,
  ComparisonState,
  FromComparison,
  ToComparison,
} from '../../../../src/features/profiles/protocol/profileComparison';
import { ComparisonPage } from '../../../../src/features/profiles/webview/comparison/comparisonPage';
import { boxesOn } from '../../../shell/webview/layout';

const words = comparisonWords();
const state: ComparisonState = { before: 'file:///a.pprof', after: 'file:///b.pprof', view: {} };

const box = (change: Partial<BoxModel>): BoxModel => ({
  ...{ node: 1, depth: 0, left: 0, width: 1, change: 0, name: 'main', label: 'main', detail: 'main' },
  ...change,
});

const parse: ChangeModel = {
  ...{ name: 'parse', file: '/srv/parse.go', line: 12, place: '/srv/parse.go:12', state: '', grows: true },
  cells: ['1 s', '2 s', '+1 s', '3 s', '4 s', '+1 s'],
};
const comparison: Extract<ToComparison, { type: 'comparison' }> = {
  ...{ type: 'comparison', state, words },
  ...{ title: 'Before: a → After: b', order: 'Before was earlier.', summary: 'cpu: 4 s before, 5 s after.' },
  ...{
    valueTypes: ['cpu', 'alloc'],
    valueType: 'cpu',
    isNormalized: false,
    more: '3 more functions changed.',
  },
  boxes: [
    box({ node: 0 }),
    box({ node: 1, depth: 1, width: 0.5, change: 0.5, name: 'parse', detail: 'parse\n<b>3 s' }),
    box({ node: 2, depth: 1, left: 0.5, width: 0.25, change: -1, name: 'gone', file: '/srv/gone.go' }),
  ],
  rows: [parse, { ...parse, name: 'gone', file: undefined, line: undefined, state: 'gone', grows: false }],
};

class OpenComparison {
  readonly sent: FromComparison[] = [];
  kept: ComparisonState | undefined;
  readonly page: ComparisonPage;

  constructor(kept?: ComparisonState) {
    this.kept = kept;
    this.page = new ComparisonPage({
      postMessage: (message) => void this.sent.push(message),
      getState: () => this.kept,
      setState: (next) => void (this.kept = next),
    });
    document.body.append(...this.page.parts);
    this.page.begin();
  }

  show(change: Partial<typeof comparison> = {}): this {
    this.page.take({ ...comparison, ...change });
    this.sent.length = 0;
    return this;
  }

  /** What was told since it was last asked for. */
  told(): FromComparison[] {
    return this.sent.splice(0);
  }
}

const find = <Found extends HTMLElement>(selector: string) => document.querySelector<Found>(selector)!;
const button = (name: string) =>
  [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name)!;

/** At a share of the graph's width, in its row `depth`. */
function onGraph(type: string, share: number, depth: number, init: MouseEventInit = {}): void {
  const event = new MouseEvent(type, { bubbles: true, ...init });
  Object.defineProperties(event, { offsetX: { value: share * 1000 }, offsetY: { value: depth * 20 + 5 } });
  find('canvas').dispatchEvent(event);
}

describe('The page of a comparison', () => {
  it('asks for what it showed before it was loaded again', () => {
    expect(new OpenComparison().told()).toEqual([{ type: 'show', view: {} }]);
    const view = { valueType: 'alloc', below: 4 };
    expect(new OpenComparison({ ...state, view }).told()).toEqual([{ type: 'show', view }]);
  });

  it('says which is before, why, and what changed', () => {
    new OpenComparison().show();
    expect(find('h1').textContent).toBe('Before: a → After: b');
    expect(find('.order').textContent).toBe('Before was earlier.');
    expect(find('.summary').textContent).toBe('cpu: 4 s before, 5 s after.');
    expect(find('.more').textContent).toBe('3 more functions changed.');
    expect(find('.toolbar .legend').textContent).toBe(' more than before  less than before');
  });

  it('swaps, copies, and says what swapping does', () => {
    const opened = new OpenComparison().show();
    expect(button('Swap').title).toBe('Swap Before and After');
    button('Swap').click();
    button('Copy as Markdown').click();
    expect(opened.told()).toEqual([{ type: 'swap' }, { type: 'copy' }]);
  });

  it('shows what the editor has after a swap, and keeps it', () => {
    const opened = new OpenComparison().show({ state: { ...state, view: { below: 4 } } });
    const swapped = { before: state.after, after: state.before, view: {} };
    opened.show({ state: swapped, title: 'Before: b → After: a' });
    expect(find('h1').textContent).toBe('Before: b → After: a');
    expect(opened.kept).toEqual(swapped);
    expect(button('Draw All').hidden).toBe(true);
    find<HTMLInputElement>('input').click();
    expect(opened.told()).toEqual([{ type: 'show', view: { normalize: true } }]);
  });

  it('has the values of the profiles, with the one that is shown', () => {
    const opened = new OpenComparison().show({ valueType: 'alloc' });
    const select = find<HTMLSelectElement>('select.types');
    expect(select.labels[0]!.textContent).toMatch(/^Values: /);
    expect([...select.options].map(({ text }) => text)).toEqual(['cpu', 'alloc']);
    expect(select.value).toBe('alloc');
    select.value = 'cpu';
    select.dispatchEvent(new Event('change'));
    expect(opened.told()).toEqual([{ type: 'show', view: { valueType: 'cpu' } }]);
    expect(opened.kept!.view).toEqual({ valueType: 'cpu' });
  });

  it('draws a call alone when it is chosen, and all again', () => {
    const opened = new OpenComparison().show({ state: { ...state, view: { valueType: 'cpu' } } });
    expect(button('Draw All').hidden).toBe(true);
    onGraph('click', 0.6, 1);
    expect(opened.told()).toEqual([{ type: 'show', view: { valueType: 'cpu', below: 2 } }]);
    opened.show({ state: { ...state, view: { valueType: 'cpu', below: 2 } } });
    expect(button('Draw All').hidden).toBe(false);
    button('Draw All').click();
    expect(opened.told()).toEqual([{ type: 'show', view: { valueType: 'cpu' } }]);
  });

  it('opens the source of a call that is clicked with Ctrl, or of a function of the table', () => {
    const opened = new OpenComparison().show();
    onGraph('click', 0.6, 1, { ctrlKey: true });
    button('parse').click();
    button('gone').click();
    onGraph('click', 0.9, 1);
    expect(opened.told()).toEqual([
      { type: 'open', frame: { name: 'gone', file: '/srv/gone.go' } },
      { type: 'open', frame: { name: 'parse', file: '/srv/parse.go', line: 12 } },
      { type: 'open', frame: { name: 'gone' } },
    ]);
  });

  it('draws each call where it is, the more coloured the more it changed', () => {
    for (const [name, colour] of Object.entries({ plain: 'gray', growing: 'red', shrinking: 'blue' }))
      document.body.style.setProperty(`--${name}-call`, colour);
    document.body.style.setProperty('--most-colour', '0.8');
    new OpenComparison().show();
    expect(find('canvas').getAttribute('aria-label')).toBe(words.graph);
    expect(boxesOn(find('canvas'))).toEqual([
      { fill: 'gray', alpha: 1, box: [0, 0, 1000, 20] },
      { fill: 'blue', alpha: 0, box: [0, 0, 1000, 20] },
      { fill: 'gray', alpha: 1, box: [0, 20, 500, 20] },
      { fill: 'red', alpha: 0.4, box: [0, 20, 500, 20] },
      { fill: 'gray', alpha: 1, box: [500, 20, 250, 20] },
      { fill: 'blue', alpha: 0.8, box: [500, 20, 250, 20] },
    ]);
  });

  it('says what is pointed at, as text', () => {
    new OpenComparison().show();
    const tip = find('.tip');
    expect(tip.hidden).toBe(true);
    onGraph('mousemove', 0.2, 1);
    expect(tip.textContent).toBe('parse\n<b>3 s');
    expect(document.querySelector('b')).toBeNull();
    expect(tip.style.left).toBe('212px');
    expect(tip.style.top).toBe('41px');
    onGraph('mousemove', 0.9, 1);
    expect(tip.hidden).toBe(true);
  });

  it('has a table with the same, for keyboards and screen readers', () => {
    new OpenComparison().show();
    const table = find<HTMLTableElement>('table');
    expect(table.getAttribute('aria-label')).toBe(words.table);
    const heads = [...table.querySelectorAll('thead th')];
    expect(heads.map(({ textContent }) => textContent)).toEqual(words.columns);
    expect(new Set(heads.map((head) => head.getAttribute('scope')))).toEqual(new Set(['col']));
    const [grown, gone] = [...table.querySelectorAll('tbody tr')];
    expect(grown!.className).toBe('grows');
    expect([...grown!.children].map(({ textContent }) => textContent)).toEqual(['parse', ...parse.cells]);
    expect(grown!.querySelector('th')!.getAttribute('scope')).toBe('row');
    expect(grown!.querySelector('button')!.title).toBe('/srv/parse.go:12');
    expect(gone!.className).toBe('shrinks');
    expect(gone!.querySelector('.state')!.textContent).toBe('gone');
  });

  it.each(['<img src=x onerror="alert(1)">', '</button><script>alert(1)</script>'])(
    'keeps %s text',
    (hostile) => {
      new OpenComparison().show({
        ...{
          title: hostile,
          order: hostile,
          summary: hostile,
          more: hostile,
          valueTypes: [hostile],
          valueType: hostile,
        },
        rows: [{ ...parse, name: hostile, place: hostile, state: hostile, cells: [hostile] }],
      });
      expect(document.querySelector('img, script')).toBeNull();
      for (const selector of ['h1', '.order', '.summary', '.more', 'option', 'tbody button', '.state', 'td'])
        expect(find(selector).textContent).toBe(hostile);
    },
  );

  it('says an error aloud, and its controls say what is drawn still', () => {
    const opened = new OpenComparison().show();
    const select = find<HTMLSelectElement>('select.types');
    select.value = 'alloc';
    select.dispatchEvent(new Event('change'));
    find<HTMLInputElement>('input').click();
    opened.page.take({ type: 'error', message: '<b>b.pprof is cut off' });
    expect(find('.summary').getAttribute('role')).toBe('alert');
    expect(find('.summary').textContent).toBe('<b>b.pprof is cut off');
    expect(select.value).toBe('cpu');
    expect(find<HTMLInputElement>('input').checked).toBe(false);
    opened.told();
    find<HTMLInputElement>('input').click();
    expect(opened.told()).toEqual([{ type: 'show', view: { normalize: true } }]);
    opened.show();
    expect(find('.summary').getAttribute('role')).toBe('status');
  });
});
