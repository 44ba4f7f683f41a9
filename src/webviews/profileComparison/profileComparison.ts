import type {
  ChangeModel,
  ComparisonState,
  ComparisonView,
  FromComparison,
  ToComparison,
} from '../../protocol/profileComparison';
import { element } from '../shared/element';
import { ComparedGraph } from './comparedGraph';

declare function acquireVsCodeApi(): {
  postMessage(message: FromComparison): void;
  getState(): ComparisonState | undefined;
  setState(state: ComparisonState): void;
};

const api = acquireVsCodeApi();
let view: ComparisonView = api.getState()?.view ?? {};

const title = element('h1');
const order = element('p', { class: 'order' });
const summary = element('p', { class: 'summary', role: 'status' });
const types = element('select', { class: 'types' });
const typesLabel = element('label', {}, '', types);
const normalize = element('input', { type: 'checkbox' });
const normalizeText = element('span');
const whole = element('button', { type: 'button' });
const swap = element('button', { type: 'button' });
const copy = element('button', { type: 'button' });
const legend = element('span', { class: 'legend' });
const table = element('table');
const more = element('p', { class: 'more' });
const graph = new ComparedGraph(
  ({ node }) => show({ ...view, below: node }),
  ({ name, file, line }) => open({ name, ...(file && { file }), ...(line && { line }) }),
);

document.body.append(
  title,
  order,
  summary,
  element(
    'div',
    { class: 'toolbar' },
    typesLabel,
    element('label', {}, normalize, normalizeText),
    swap,
    whole,
    copy,
    legend,
  ),
  graph.root,
  element('div', { class: 'rows' }, table, more),
);
types.addEventListener('change', () => show({ valueType: types.value }));
normalize.addEventListener('change', () => show({ ...view, normalize: normalize.checked }));
whole.addEventListener('click', () => {
  const { valueType, normalize: isNormalized } = view;
  show({
    ...(valueType !== undefined && { valueType }),
    ...(isNormalized !== undefined && { normalize: isNormalized }),
  });
});
swap.addEventListener('click', () => api.postMessage({ type: 'swap' }));
copy.addEventListener('click', () => api.postMessage({ type: 'copy' }));
window.addEventListener('message', ({ data }: MessageEvent<ToComparison>) => {
  if (data.type === 'comparison') draw(data);
  else {
    summary.setAttribute('role', 'alert');
    summary.textContent = data.message;
  }
});
show(view);

function show(wanted: ComparisonView): void {
  view = wanted;
  const state = api.getState();
  if (state) api.setState({ ...state, view });
  api.postMessage({ type: 'show', view });
}

function open(frame: { name: string; file?: string; line?: number }): void {
  api.postMessage({ type: 'open', frame });
}

function draw(model: Extract<ToComparison, { type: 'comparison' }>): void {
  const { words } = model;
  api.setState(model.state);
  title.textContent = model.title;
  order.textContent = model.order;
  // What was swapped is another graph.
  ({ view } = model.state);
  summary.setAttribute('role', 'status');
  summary.textContent = model.summary;
  typesLabel.firstChild!.textContent = `${words.valueType} `;
  types.replaceChildren(...model.valueTypes.map((name) => element('option', { value: name }, name)));
  types.value = model.valueType;
  normalize.checked = model.isNormalized;
  normalizeText.textContent = words.normalize;
  whole.textContent = words.whole;
  whole.hidden = view.below === undefined;
  swap.textContent = words.swap;
  swap.title = words.swapHint;
  copy.textContent = words.copy;
  legend.replaceChildren(
    ...[element('span', { class: 'swatch grows' }), ` ${words.grows} `],
    ...[element('span', { class: 'swatch shrinks' }), ` ${words.shrinks}`],
  );
  graph.show(model.boxes, words.graph);
  table.setAttribute('aria-label', words.table);
  table.replaceChildren(
    element(
      'thead',
      {},
      element('tr', {}, ...words.columns.map((text) => element('th', { scope: 'col' }, text))),
    ),
    element('tbody', {}, ...model.rows.map(rowOf)),
  );
  more.textContent = model.more;
}

function rowOf({ name, file, line, place, cells, state, grows }: ChangeModel): HTMLElement {
  const source = element('button', { type: 'button', class: 'source', title: place }, name);
  source.addEventListener('click', () => open({ name, ...(file && { file }), ...(line && { line }) }));
  return element(
    'tr',
    { class: grows ? 'grows' : 'shrinks' },
    element('th', { scope: 'row' }, source, state === '' ? '' : element('span', { class: 'state' }, state)),
    ...cells.map((text) => element('td', {}, text)),
  );
}
