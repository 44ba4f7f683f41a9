import type {
  ChangeModel,
  ComparedFrame,
  ComparisonState,
  ComparisonView,
  FromComparison,
  ToComparison,
} from '../../protocol/profileComparison';
import { element } from '../../../../shell/webview/element';
import { ComparedGraph } from './comparedGraph';

/** What the editor offers the page. */
export interface EditorApi {
  postMessage(message: FromComparison): void;
  getState(): ComparisonState | undefined;
  setState(state: ComparisonState): void;
}

type Model = Extract<ToComparison, { type: 'comparison' }>;

/** All of the page. */
export class ComparisonPage {
  private readonly title = element('h1');
  private readonly order = element('p', { class: 'order' });
  private readonly summary = element('p', { class: 'summary', role: 'status' });
  private readonly types = element('select', { class: 'types' });
  private readonly typesLabel = element('label', {}, '', this.types);
  private readonly normalize = element('input', { type: 'checkbox' });
  private readonly normalizeText = element('span');
  private readonly whole = element('button', { type: 'button' });
  private readonly swap = element('button', { type: 'button' });
  private readonly copy = element('button', { type: 'button' });
  private readonly legend = element('span', { class: 'legend' });
  private readonly table = element('table');
  private readonly more = element('p', { class: 'more' });
  private readonly graph = new ComparedGraph(
    ({ node }) => this.show({ ...this.view, below: node }),
    (box) => this.open(box),
  );
  private view: ComparisonView;
  private drawn: Model | undefined;

  constructor(private readonly api: EditorApi) {
    this.view = api.getState()?.view ?? {};
    this.types.addEventListener('change', () => this.show({ valueType: this.types.value }));
    this.normalize.addEventListener('change', () =>
      this.show({ ...this.view, normalize: this.normalize.checked }),
    );
    this.whole.addEventListener('click', () => {
      const { valueType, normalize } = this.view;
      this.show({
        ...(valueType !== undefined && { valueType }),
        ...(normalize !== undefined && { normalize }),
      });
    });
    this.swap.addEventListener('click', () => api.postMessage({ type: 'swap' }));
    this.copy.addEventListener('click', () => api.postMessage({ type: 'copy' }));
  }

  get parts(): HTMLElement[] {
    const toolbar = element(
      'div',
      { class: 'toolbar' },
      this.typesLabel,
      element('label', {}, this.normalize, this.normalizeText),
      ...[this.swap, this.whole, this.copy, this.legend],
    );
    const rows = element('div', { class: 'rows' }, this.table, this.more);
    return [this.title, this.order, this.summary, toolbar, this.graph.root, rows];
  }

  /** Asks for what was shown before the page was loaded again. */
  begin(): void {
    this.show(this.view);
  }

  take(message: ToComparison): void {
    if (message.type === 'comparison') return this.draw(message);
    this.summary.setAttribute('role', 'alert');
    this.summary.textContent = message.message;
    if (!this.drawn) return;
    this.view = this.drawn.state.view;
    this.showValues(this.drawn);
  }

  private show(view: ComparisonView): void {
    this.view = view;
    const state = this.api.getState();
    if (state) this.api.setState({ ...state, view });
    this.api.postMessage({ type: 'show', view });
  }

  private open({ name, file, line }: ComparedFrame): void {
    this.api.postMessage({ type: 'open', frame: { name, ...(file && { file }), ...(line && { line }) } });
  }

  private draw(model: Model): void {
    const { words } = model;
    this.drawn = model;
    this.api.setState(model.state);
    this.title.textContent = model.title;
    this.order.textContent = model.order;
    // What was swapped is another graph.
    this.view = model.state.view;
    this.summary.setAttribute('role', 'status');
    this.summary.textContent = model.summary;
    this.typesLabel.firstChild!.textContent = `${words.valueType} `;
    this.types.replaceChildren(...model.valueTypes.map((name) => element('option', { value: name }, name)));
    this.showValues(model);
    this.normalizeText.textContent = words.normalize;
    this.whole.textContent = words.whole;
    this.whole.hidden = this.view.below === undefined;
    this.swap.textContent = words.swap;
    this.swap.title = words.swapHint;
    this.copy.textContent = words.copy;
    this.legend.replaceChildren(
      ...[element('span', { class: 'swatch grows' }), ` ${words.grows} `],
      ...[element('span', { class: 'swatch shrinks' }), ` ${words.shrinks}`],
    );
    this.graph.show(model.boxes, words.graph);
    this.table.setAttribute('aria-label', words.table);
    this.table.replaceChildren(
      element(
        'thead',
        {},
        element('tr', {}, ...words.columns.map((text) => element('th', { scope: 'col' }, text))),
      ),
      element('tbody', {}, ...model.rows.map((row) => this.row(row))),
    );
    this.more.textContent = model.more;
  }

  /** The values of what is drawn, which an error leaves as it is. */
  private showValues({ valueType, isNormalized }: Model): void {
    this.types.value = valueType;
    this.normalize.checked = isNormalized;
  }

  private row(row: ChangeModel): HTMLElement {
    const { name, place, cells, state, grows } = row;
    const source = element('button', { type: 'button', class: 'source', title: place }, name);
    source.addEventListener('click', () => this.open(row));
    return element(
      'tr',
      { class: grows ? 'grows' : 'shrinks' },
      element('th', { scope: 'row' }, source, state === '' ? '' : element('span', { class: 'state' }, state)),
      ...cells.map((text) => element('td', {}, text)),
    );
  }
}
