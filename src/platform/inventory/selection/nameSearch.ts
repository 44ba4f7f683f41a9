import type { DocumentNames, NameKind, NameOccurrence } from '../yaml/documentNames';
import { compilePattern, isPattern, type NamePattern } from './namePattern';

/** One file of an inventory with the names in it. */
export interface NamedDocument {
  readonly file: string;
  readonly names: Pick<DocumentNames, 'occurrences'>;
}

/** What the inventory knows beside the documents, e.g. from imports. */
export interface KnownNames {
  readonly hosts: { has(name: string): boolean };
  readonly groups: { has(name: string): boolean };
}

/** What a name stands for; `text` may be a range or a glob. */
export interface NamedThing {
  kind: Exclude<NameKind, 'word'>;
  text: string;
}

export interface FoundName {
  file: string;
  occurrence: NameOccurrence;
}

/** Hosts and groups are named by patterns, and come from other files too; entries of sections have plain names. */
export function isOfHosts(kind: NameKind): kind is 'host' | 'group' {
  return kind === 'host' || kind === 'group';
}

/** Finds names in the documents of one inventory. */
export class NameSearch {
  private readonly patterns = new Map<string, NamePattern | undefined>();
  private readonly defined = { host: new Set<string>(), group: new Set<string>() };

  constructor(
    readonly documents: readonly NamedDocument[],
    readonly known: KnownNames,
  ) {
    for (const { occurrences } of documents.map(({ names }) => names)) {
      for (const { kind, isDefinition, text } of occurrences) {
        if (!isDefinition || !isOfHosts(kind)) continue;
        for (const name of this.pattern(text)?.names ?? []) this.defined[kind].add(name);
      }
    }
  }

  has(kind: 'host' | 'group', name: string): boolean {
    return this.defined[kind].has(name) || this.known[`${kind}s`].has(name);
  }

  /** The occurrence at an offset and what it stands for; its end counts too, for a cursor behind it. */
  at(file: string, offset: number): (FoundName & { thing: NamedThing }) | undefined {
    const occurrences = this.documents.find((document) => document.file === file)?.names.occurrences ?? [];
    const touching = occurrences.filter(({ start, end }) => start <= offset && offset <= end);
    const occurrence = touching.find(({ end }) => offset < end) ?? touching[0];
    return occurrence && { file, occurrence, thing: this.thingOf(occurrence) };
  }

  thingOf({ kind, text }: NameOccurrence): NamedThing {
    if (kind !== 'word') return { kind, text };
    const isGroup = !isPattern(text) && !this.has('host', text) && this.has('group', text);
    return { kind: isGroup ? 'group' : 'host', text };
  }

  /** Where `thing` stands, alone or as one of several names. */
  find(thing: NamedThing, isWanted: (occurrence: NameOccurrence) => boolean = () => true): FoundName[] {
    return this.documents.flatMap(({ file, names }) =>
      names.occurrences
        .filter((occurrence) => isWanted(occurrence) && this.overlaps(this.thingOf(occurrence), thing))
        .map((occurrence) => ({ file, occurrence })),
    );
  }

  /** Whether two have a name in common. */
  overlaps(one: NamedThing, other: NamedThing): boolean {
    if (one.kind !== other.kind) return false;
    if (one.text === other.text) return true;
    const [a, b] = [this.pattern(one.text), this.pattern(other.text)];
    if (!a || !b) return false;
    const names = !a.names || (b.names && b.names.size < a.names.size) ? b.names : a.names;
    const matcher = names === b.names ? a : b;
    if (!names) return false;
    for (const name of names) if (matcher.matches(name)) return true;
    return false;
  }

  /** Undefined for what cannot be read as a pattern. */
  pattern(text: string): NamePattern | undefined {
    if (this.patterns.has(text)) return this.patterns.get(text);
    let pattern: NamePattern | undefined;
    try {
      pattern = compilePattern(text);
    } catch {
      pattern = undefined; // Its problem is shown elsewhere.
    }
    this.patterns.set(text, pattern);
    return pattern;
  }
}
