import type { ShownFrame } from '../../protocol/flameGraph';

// What is known of speedscope's page, whose classes have no names: below its root stand the canvas, the toolbar and the
// view. The version is pinned, and a test in a real editor finds out when this is no more so.

const root = () => document.querySelector('body > div:not(#note)');
const toolbar = () => root()?.children[1];
const content = () => root()?.children[2];

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
  root()!.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}

export function press(key: string): void {
  window.dispatchEvent(new KeyboardEvent('keypress', { key }));
}

/** Which of the profiles of the file is shown, from 0 on; undefined before one is, or where there is one only. */
export function shownProfile(): number | undefined {
  const match = /\((\d+)\/\d+\)/.exec(toolbar()?.children[1]?.textContent ?? '');
  return match ? Number(match[1]) - 1 : undefined;
}

export const isDrawn = () => toolbar()?.firstElementChild?.textContent?.includes('Left Heavy') === true;

/** The stack of the frame that is selected, innermost first. */
export function selectedStack(): ShownFrame[] {
  return stackLines().map(frameOfLine);
}

/** The lines beside the two tables of what is selected. */
function stackLines(): Element[] {
  const titles = [...(content()?.querySelectorAll('div') ?? [])];
  const title = titles.find(({ textContent }) => textContent === 'This Instance');
  const lines = title?.parentElement?.parentElement?.lastElementChild?.firstElementChild;
  return [...(lines?.children ?? [])];
}

function frameOfLine(line: Element): ShownFrame {
  const place = line.lastElementChild?.textContent ?? '';
  return { name: textOf(line), ...placeOf(/^ \((.*)\)$/s.exec(place)?.[1]) };
}

/** Whether it is the `(file:line)` of a line of the stack. */
export function isPlace(target: EventTarget | null): target is HTMLElement {
  if (!(target instanceof HTMLElement) || target.textContent?.startsWith(' (') !== true) return false;
  return target.parentElement !== null && stackLines().includes(target.parentElement);
}

/** The frame that the pointer is on: a line of the stack, a row of the table, or what the tip is of. */
export function pointedFrame(target: EventTarget | null): ShownFrame | undefined {
  if (!(target instanceof Element) || !content()?.contains(target)) return undefined;
  const line = stackLines().find((one) => one.contains(target));
  if (line) return frameOfLine(line);
  const row = rowFrame(target);
  if (row || !(target instanceof HTMLCanvasElement)) return row;
  const tip = [...content()!.querySelectorAll('div > span:first-child')].find(({ textContent }) =>
    /\(.*%\)$/.test(textContent ?? ''),
  )?.parentElement;
  if (!tip) return undefined;
  return { name: textOf(tip).trim(), ...placeOf(tip.querySelector('div')?.textContent ?? undefined) };
}

/** The function of a row of the sandwich's table. */
export function rowFrame(target: EventTarget | null): ShownFrame | undefined {
  if (!(target instanceof Element) || !content()?.contains(target)) return undefined;
  const cell = target.closest('tr')?.querySelector('td:nth-child(3)');
  if (!cell) return undefined;
  return { name: cell.textContent ?? '', ...placeOf(cell.getAttribute('title') ?? undefined) };
}

const textOf = ({ childNodes }: Element) =>
  [...childNodes]
    .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
    .map(({ textContent }) => textContent)
    .join('');

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
  const input = await appears(() => content()?.querySelector('input'));
  if (!input) return;
  input.value = name;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  const row = await appears(() => {
    const cells = [...(content()?.querySelectorAll('td:nth-child(3)') ?? [])].filter(
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
