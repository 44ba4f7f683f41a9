// What the elements of a toolbar are for those who see and hear them, and how they are used.

export interface CustomElement extends HTMLElement {
  readonly updateComplete: Promise<boolean>;
  label: string;
  checked: boolean;
  value: string;
  invalid: boolean;
}

/** The control of a selector once it is drawn. */
export async function control(selector: string): Promise<CustomElement> {
  const found = document.querySelector<CustomElement>(selector);
  if (!found) throw new Error(`The page has no ${selector}`);
  await found.updateComplete;
  return found;
}

/** The button within one of the toolbar. */
export async function innerButton(selector: string): Promise<HTMLElement> {
  return (await control(selector)).shadowRoot!.querySelector('button')!;
}

export async function click(selector: string): Promise<void> {
  (await innerButton(selector)).dispatchEvent(
    new MouseEvent('click', { bubbles: true, cancelable: true, composed: true }),
  );
  await control(selector);
}

/** Types into a field, of which the page hears for each key. */
export async function typeInto(selector: string, text: string): Promise<void> {
  const field = await control(selector);
  const input = field.shadowRoot!.querySelector('input')!;
  input.value = text;
  input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  await field.updateComplete;
}

export function choose(selector: string, value: string): void {
  const select = document.querySelector<HTMLSelectElement>(selector)!;
  select.value = value;
  select.dispatchEvent(new Event('change'));
}

/** What a screen reader says of each button within a part of the page: its role, name and state. */
export async function spokenButtons(root: string): Promise<string[]> {
  const hosts = [...document.querySelectorAll<CustomElement>(`${root} vscode-toolbar-button`)];
  await Promise.all(hosts.map((host) => host.updateComplete));
  return hosts.map((host) => {
    const button = host.shadowRoot!.querySelector('button')!;
    const state = button.getAttribute('aria-checked');
    const role = button.getAttribute('role') ?? 'button';
    return `${role} ${button.getAttribute('aria-label')}${state === null ? '' : `: ${state}`}`;
  });
}
