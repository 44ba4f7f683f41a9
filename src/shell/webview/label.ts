/** Names a button for those who see it and those who hear it. */
export function label(button: HTMLElement & { label: string | undefined }, text: string): void {
  button.label = text;
  button.title = text;
}
