/** A stretch of a text, as offsets; the end is exclusive. */
export interface TextSpan {
  start: number;
  end: number;
}

/** One entry of a section: the lines from its key to the next entry. */
export type DocumentEntry = TextSpan;

/** A top-level section as its lines show it. */
export interface DocumentSection {
  key: string;
  /** From the key to the next section. */
  start: number;
  end: number;
  /** Where the line of the key ends, its line break included. */
  bodyStart: number;
  /** The lines of its entries; undefined for a section written in another way, such as `hosts: { a: {} }`. */
  entries?: DocumentEntry[];
  /** Columns before an entry's key. */
  indent: number;
}

const sectionKey = /^(?:([^\s#"'{}[\],&*!|>%@`?-][^\s:#]*)|"([^"\\]*)"|'([^']*)')\s*:(?=\s|$)/;

/**
 * Splits a `muster.yaml` by its indentation alone, so that a large or broken text costs no more than a look at its
 * lines: what is typed in one entry leaves the others as they are.
 */
export function splitSections(text: string): DocumentSection[] {
  const sections: DocumentSection[] = [];
  let current: DocumentSection | undefined;
  let entry: DocumentEntry | undefined;
  let isSequence = false;
  let end: number;
  for (let start = 0; start < text.length; start = end) {
    const newline = text.indexOf('\n', start);
    end = newline < 0 ? text.length : newline + 1;
    let first = start;
    while (text.charCodeAt(first) === space) first++;
    const code = text.charCodeAt(first);
    // Blank lines and comments belong to nothing.
    if (first >= end || code === lineFeed || code === carriageReturn || code === hash) continue;
    const indent = first - start;
    if (indent === 0 && code !== tab) {
      const line = text.slice(start, end);
      const match = sectionKey.exec(line);
      if (match || /^(---|\.\.\.)(\s|$)/.test(line)) {
        if (current) current.end = start;
        current = entry = undefined;
        isSequence = false;
        if (!match) continue;
        current = sectionAt(match, line, start, end, text.length);
        sections.push(current);
        continue;
      }
      if (current?.entries && /^-(\s|$)/.test(line)) {
        isSequence = true;
        current.entries.push((entry = { start, end }));
        continue;
      }
    } else if (
      current?.entries &&
      !isSequence &&
      code !== tab &&
      code !== closeBrace &&
      code !== closeBracket
    ) {
      if (!entry || indent < current.indent) current.indent = indent;
      if (indent === current.indent) {
        current.entries.push((entry = { start, end }));
        continue;
      }
    }
    if (entry) entry.end = end;
  }
  return sections;
}

const [tab, lineFeed, carriageReturn, space, hash, closeBracket, closeBrace] = [9, 10, 13, 32, 35, 93, 125];

function sectionAt(
  match: RegExpExecArray,
  line: string,
  start: number,
  bodyStart: number,
  end: number,
): DocumentSection {
  const key = match[1] ?? match[2] ?? match[3] ?? '';
  const rest = line.slice(match[0].length).trim();
  // A comment, an anchor or a tag may follow the key; a value may not.
  const isBlock = rest === '' || /^(#|[&!]\S*\s*(#.*)?$)/.test(rest);
  return { key, start, end, bodyStart, indent: 0, ...(isBlock && { entries: [] }) };
}

/** A part of a text that stands for the whole around one place. */
export interface Excerpt {
  text: string;
  /** What to add to an offset in the excerpt for the one in the whole. */
  delta: number;
}

/** Shorter texts are not worth cutting. */
const smallText = 4000;

/**
 * The keys of all sections with the entry at `offset` alone: enough to tell what may stand there, whatever the
 * size of the rest. The text itself where it is not written in blocks.
 */
export function excerptAt(text: string, offset: number): Excerpt {
  if (text.length <= smallText || /^---/m.test(text)) return { text, delta: 0 };
  const sections = splitSections(text);
  const current = sections.findLast(({ start, end }) => start <= offset && offset <= end);
  if (!current?.entries) return { text, delta: 0 };
  const heads = (some: readonly DocumentSection[]) =>
    some.map(({ key }) => `${JSON.stringify(key)}:\n`).join('');
  const index = sections.indexOf(current);
  const before = heads(sections.slice(0, index));
  const head = text.slice(current.start, current.bodyStart);
  if (offset < current.bodyStart) {
    return { text: before + head + heads(sections.slice(index + 1)), delta: current.start - before.length };
  }
  // Up to the next entry: the blank lines below an entry may become a part of it.
  const at = current.entries.findLastIndex((entry) => entry.start <= offset);
  const start = current.entries[at]?.start ?? current.bodyStart;
  const end = current.entries[at + 1]?.start ?? current.end;
  const body = text.slice(start, end);
  return {
    text: `${before}${head}${body}${body.endsWith('\n') ? '' : '\n'}${heads(sections.slice(index + 1))}`,
    delta: start - before.length - head.length,
  };
}
