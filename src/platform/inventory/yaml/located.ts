import type { Node } from 'yaml';
import type { Reference } from '../fragment';
import type { SourceRange } from '../model';
import { scalarText, type Entry, type YamlSource } from './yamlSource';

/** A value in the file: its node, the plain value, and where to point when it is missing or as a whole wrong. */
export interface Located {
  node: Node | null;
  value: unknown;
  /** Usually the key. */
  fallback: SourceRange;
}

export function locate(source: YamlSource, { keyNode, value }: Entry): Located {
  return { node: value, value: source.plain(value), fallback: source.rangeOf(keyNode) };
}

export function child(source: YamlSource, entry: Entry, key: string): Entry | undefined {
  return source.entries(entry.value).find((candidate) => candidate.key === key);
}

/** The texts of a value that is one text or a list of them, with their places. */
export function references(source: YamlSource, entry: Entry | undefined): Reference[] {
  if (!entry) return [];
  const nodes = scalarText(entry.value) === undefined ? source.items(entry.value) : [entry.value];
  return nodes.flatMap((node) => {
    const text = scalarText(node);
    if (text === undefined || !node) return [];
    const part = (offset: number, length?: number) => source.rangeWithin(node, offset, length);
    return [{ text, range: source.rangeOf(node), part }];
  });
}
