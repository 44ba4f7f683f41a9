import type { ShownFrame } from '../../protocol/flameGraph';

// What is known of speedscope's page. Its classes are named after its styles; the version is pinned.

/** The views by the key and by the end of the label that choose them. */
const views = [
  { key: '1', label: 'Time Order', view: 'time-ordered' },
  { key: '2', label: 'Left Heavy', view: 'left-heavy' },
  { key: '3', label: 'Sandwich', view: 'sandwich' },
];

/** The view that a click or a key chooses. */
export function chosenView(event: Event): string | undefined {
  if (event instanceof KeyboardEvent) return views.find(({ key }) => key === event.key)?.view;
  const label = (event.target instanceof Element ? (event.target.textContent ?? '') : '').trim().slice(0, 40);
  return views.find((view) => label.endsWith(view.label))?.view;
}

export const isTyping = (event: Event) => event.target instanceof HTMLInputElement;

/** As if the file were dragged into the page. */
export function drop(file: File): void {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  const root = document.querySelector('body > div:not(#note)')!;
  root.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}

export function press(key: string): void {
  window.dispatchEvent(new KeyboardEvent('keypress', { key }));
}

/** Which of the profiles of the file is shown, from 0 on; undefined before one is, or where there is one only. */
export function shownProfile(): number | undefined {
  const text = document.querySelector('[class*="toolbarProfileIndex"]')?.textContent;
  const match = text ? /\((\d+)\/\d+\)/.exec(text) : null;
  return match ? Number(match[1]) - 1 : undefined;
}

export const isDrawn = () => document.querySelector('[class*="toolbarTabActive"]') !== null;

/** The stack of the frame that is selected, innermost first. */
export function selectedStack(): ShownFrame[] {
  return [...document.querySelectorAll('[class*="stackLine"]')].map(frameOfLine);
}

function frameOfLine(line: Element): ShownFrame {
  const name = [...line.childNodes]
    .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
    .map(({ textContent }) => textContent)
    .join('');
  const place = line.querySelector(':scope > [class*="stackFileLine"]:last-child')?.textContent ?? '';
  return { name, ...placeOf(/^ \((.*)\)$/s.exec(place)?.[1]) };
}

/** The frame that the pointer is on: a row of the table, a line of the stack, or what the tip is of. */
export function pointedFrame(target: EventTarget | null): ShownFrame | undefined {
  if (!(target instanceof Element)) return undefined;
  const line = target.closest('[class*="stackLine"]');
  if (line) return frameOfLine(line);
  const cell = target.closest('tr')?.querySelector('td[class*="textCell"]');
  if (cell) return { name: cell.textContent ?? '', ...placeOf(cell.getAttribute('title') ?? undefined) };
  const tip = document.querySelector('[class*="hoverCount"]')?.parentElement;
  if (!tip || !target.closest('[class*="panZoomView"], canvas, [class*="fill"]')) return undefined;
  const name = [...tip.childNodes]
    .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
    .map(({ textContent }) => textContent)
    .join('')
    .trim();
  return { name, ...placeOf(tip.querySelector('div')?.textContent ?? undefined) };
}

/** `file`, `file:line` or `file:line:column`. */
function placeOf(text: string | undefined): Omit<ShownFrame, 'name'> {
  if (!text) return {};
  const [, file, line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?:?$/s.exec(text)!;
  return { file: file!, ...(line && { line: Number(line) }), ...(column && { column: Number(column) }) };
}

/** Selects a function in the sandwich, by searching for it. */
export async function reveal({ name, file }: ShownFrame): Promise<void> {
  press('3');
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', ctrlKey: true }));
  const input = await appears(() => document.querySelector<HTMLInputElement>('input[type="text"]'));
  if (!input) return;
  input.value = name;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  const row = await appears(() => {
    const cells = [...document.querySelectorAll('td[class*="textCell"]')].filter(
      ({ textContent }) => textContent === name,
    );
    return cells.find((cell) => file === undefined || cell.getAttribute('title') === file) ?? cells[0];
  });
  row?.closest('tr')?.click();
}

/** What is looked for, within the frames of a second or two. */
export async function appears<Found>(find: () => Found | null | undefined): Promise<Found | undefined> {
  for (let frame = 0; frame < 120; frame++) {
    const found = find();
    if (found) return found;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return undefined;
}
