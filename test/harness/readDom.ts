// Functions that run in the browser. Each must stand alone: only its own source reaches the page.

/** As much of the DOM as they need; the project is compiled without the types of browsers. */
interface DomElement {
  readonly className: string;
  readonly textContent: string;
  readonly childNodes: Iterable<DomElement>;
  readonly style: { readonly top: string };
  getAttribute(name: string): string | null;
  querySelector(selector: string): DomElement | null;
}

export interface TreeRow {
  name: string;
  description: string;
  /** 1 at the top. */
  level: number;
  /** Undefined for a leaf. */
  expanded: boolean | undefined;
  /** The id of the theme icon, for example `pass`; empty without one. */
  icon: string;
  /** What a screen reader says. */
  label: string;
}

/** Rows are recycled, so their order on the screen is not their order in the document. */
export function readTreeRows(rows: DomElement[]): TreeRow[] {
  const top = (row: DomElement) => Number.parseFloat(row.style.top);
  return rows
    .toSorted((a, b) => top(a) - top(b))
    .map((row) => {
      const text = (selector: string) => row.querySelector(selector)?.textContent ?? '';
      const icon = row.querySelector('.custom-view-tree-node-item-icon')?.className ?? '';
      const expanded = row.getAttribute('aria-expanded');
      return {
        name: text('.label-name'),
        description: text('.label-description'),
        level: Number(row.getAttribute('aria-level')),
        expanded: expanded === null ? undefined : expanded === 'true',
        icon: /codicon-([\w-]+)/.exec(icon)?.[1] ?? '',
        label: row.getAttribute('aria-label') ?? '',
      };
    });
}

export function readViewLines(lines: DomElement[]): string {
  const top = (line: DomElement) => Number.parseFloat(line.style.top);
  return lines
    .toSorted((a, b) => top(a) - top(b))
    .map((line) => line.textContent.replaceAll('\u00a0', ' '))
    .join('\n');
}

export function readStatusBarItem(label: DomElement): string {
  return [...label.childNodes]
    .map((node) => /codicon-([\w-]+)/.exec(node.className ?? '')?.[1] ?? node.textContent)
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
}
