/** What the editor offers a page. */
export interface EditorApi<Message> {
  postMessage(message: Message): void;
  setState(state: unknown): void;
}

/** A page as it is once the editor has said what it begins with. */
export interface Page<Told> {
  /** What is in its body, from the top. */
  readonly parts: readonly HTMLElement[];
  /** It is in the document, and rows can be counted. */
  begin(): void;
  take(message: Exclude<Told, { type: 'begin' }>): void;
}

/** Takes what the editor tells a page: makes it, hands on the rest, and keeps what a reload needs. */
export function openPage<Told extends { type: string; state?: unknown }>(
  api: EditorApi<never>,
  make: (beginning: Extract<Told, { type: 'begin' }>) => Page<Told>,
): (message: Told) => void {
  let page: Page<Told> | undefined;
  return (message) => {
    if (message.state !== undefined) api.setState(message.state);
    if (message.type !== 'begin') return page?.take(message as Exclude<Told, { type: 'begin' }>);
    page = make(message as Extract<Told, { type: 'begin' }>);
    document.body.replaceChildren(...page.parts);
    page.begin();
  };
}
