/** A command line with a name, and the hosts that it is meant for. */
export interface Snippet {
  name: string;
  command: string;
  selector?: string;
}

const most = 500;

/** What makes no sense among the setting's entries is left out; of the same names the first counts. */
export function readSnippets(value: unknown): Snippet[] {
  if (!Array.isArray(value)) return [];
  const snippets = new Map<string, Snippet>();
  for (const entry of value.slice(0, most) as unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { name, command, selector } = entry as Record<string, unknown>;
    if (typeof name !== 'string' || typeof command !== 'string') continue;
    if (name.trim() === '' || command.trim() === '' || snippets.has(name.trim())) continue;
    snippets.set(name.trim(), {
      name: name.trim(),
      command,
      ...(typeof selector === 'string' && selector.trim() !== '' && { selector: selector.trim() }),
    });
  }
  return [...snippets.values()];
}
