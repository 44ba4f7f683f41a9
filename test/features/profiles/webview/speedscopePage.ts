// The page as speedscope draws it: below its root a canvas, the toolbar and the view. A test in a real editor finds out
// when speedscope does so no more.
import { element } from '../../../../src/shell/webview/element';

/** A function of the sandwich's table. */
export interface TableRow {
  name: string;
  place: string;
}

export interface Drawn {
  /** As `app.pprof (2/3)`. */
  title?: string;
  /** What is selected, innermost frame first, each with its place in brackets or nothing. */
  stack?: [name: string, place: string][];
  table?: TableRow[];
  tip?: { name: string; place: string };
}

export function drawSpeedscope({ title = 'app.pprof', stack = [], table = [], tip }: Drawn): HTMLElement {
  const lines = stack.map(([name, place]) =>
    element(
      'div',
      {},
      element('span', {}, '■'),
      name,
      element('span', {}, place === '' ? '' : ` (${place})`),
    ),
  );
  const instance = element('div', {}, element('div', {}, 'This Instance'), element('div', {}, 'Total: 7 ms'));
  const details = element('div', {}, instance, element('div', {}, element('div', {}, ...lines)));
  const rows = table.map(({ name, place }) =>
    element(
      'tr',
      {},
      ...['1 s', '2 s'].map((text) => element('td', {}, text)),
      element('td', { title: place }, name),
    ),
  );
  const content = element(
    'div',
    {},
    element('div', {}, element('canvas')),
    element('input'),
    element('table', {}, element('tbody', {}, ...rows)),
    ...(tip
      ? [
          element(
            'div',
            { class: 'tip' },
            element('span', {}, '7 ms (12%)'),
            ` ${tip.name}`,
            element('div', {}, tip.place),
          ),
        ]
      : []),
    ...(stack.length > 0 ? [details] : []),
  );
  const views = ['🕰Time Order', '⬅️Left Heavy', '🥪Sandwich'].map((label) => element('div', {}, label));
  const toolbar = element('div', {}, element('div', {}, ...views), element('div', {}, title));
  const root = element('div', {}, element('canvas'), toolbar, content);
  document.querySelector('body > div:not(#note)')?.remove();
  document.body.append(root);
  return root;
}
