import { element } from '../../../shell/webview/element';
import { label } from '../../../shell/webview/label';
import type { ChartFrame, LegendRow, MetricsWords } from '../protocol/metricsPanel';

const icons = { pin: 'pin', logs: 'output', capture: 'flame' } as const;
type LegendAction = keyof typeof icons;

export interface LegendPorts {
  colourOf: (number: number) => string;
  act: (action: LegendAction, id: string) => void;
}

/** Draws the legend into `place`: rows stay the same elements while the same lines are shown, so that the focus stays. */
export function legendTable(
  place: HTMLElement,
  { legend, title }: ChartFrame,
  words: MetricsWords,
  ports: LegendPorts,
): void {
  const shape = JSON.stringify(legend.map(({ id, label }) => [id, label]));
  if (place.dataset['shape'] !== shape) {
    place.dataset['shape'] = shape;
    const { series, value, note, actions } = words.columns;
    // Nothing is done with the hosts of a band at once.
    const own = legend.some(({ host }) => host !== undefined) ? [actions] : [];
    const head = [series, value, note, ...own].map((text) => element('th', { scope: 'col' }, text));
    const table = element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...legend.map((row) => rowOf(row, words, ports))),
    );
    table.setAttribute('aria-label', title);
    place.replaceChildren(table);
  }
  const rows = place.querySelectorAll<HTMLTableRowElement>('tbody tr');
  legend.forEach((row, index) => fill(rows[index]!, row, words, ports));
}

function rowOf({ id, host, label: name }: LegendRow, words: MetricsWords, { act }: LegendPorts): HTMLElement {
  const buttons = (Object.keys(icons) as LegendAction[]).map((action) => {
    const button = element('vscode-toolbar-button', { icon: icons[action], class: action });
    label(button, `${words[action]}: ${name}`);
    button.addEventListener('click', () => act(action, id));
    return button;
  });
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, element('span', { class: 'swatch', 'aria-hidden': 'true' }), name),
    element('td', { class: 'value', 'data-value': id }),
    element('td', { class: 'note' }),
    ...(host === undefined ? [] : [element('td', { class: 'actions' }, ...buttons)]),
  );
}

function fill(
  row: HTMLTableRowElement,
  { label: name, value, note, standsOut, isPinned, colour }: LegendRow,
  words: MetricsWords,
  ports: LegendPorts,
): void {
  row.className = standsOut ? 'out' : '';
  const swatch = row.querySelector<HTMLElement>('.swatch')!;
  swatch.style.background = colour === undefined ? 'transparent' : ports.colourOf(colour);
  row.querySelector('.value')!.textContent = value;
  row.querySelector('.note')!.textContent = note;
  const pin = row.querySelector<HTMLElement & { label: string | undefined }>('.pin');
  if (!pin) return;
  pin.setAttribute('icon', isPinned ? 'pinned' : 'pin');
  label(pin, `${isPinned ? words.unpin : words.pin}: ${name}`);
}
