import { setImmediate } from 'node:timers/promises';
import { RE2JS } from 're2js';
import type { FoldedGroup } from '../../core/fold';
import { outputText } from './outputText';

/** A line of a group's document that matches. */
export interface OutputHit {
  group: FoldedGroup;
  /** From 0. */
  line: number;
  text: string;
}

/** Milliseconds of work before others get their turn. */
const sliceMs = 10;

/** Plain text is found in any case; `/…/` is a regular expression. undefined for one that makes no sense. */
export function matcherOf(query: string): ((line: string) => boolean) | undefined {
  const [, pattern] = /^\/(.+)\/$/.exec(query) ?? [];
  if (pattern === undefined) {
    const wanted = query.toLowerCase();
    return (line) => line.toLowerCase().includes(wanted);
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return (line) => compiled.matcher(line).find();
  } catch {
    return undefined;
  }
}

/** Searches every distinct output once, in slices. Ends early at `limit` hits, or when nobody waits any more. */
export async function searchOutput(
  groups: readonly FoldedGroup[],
  matches: (line: string) => boolean,
  limit: number,
  signal: AbortSignal,
): Promise<OutputHit[]> {
  const hits: OutputHit[] = [];
  let sliceBegan = performance.now();
  for (const group of groups) {
    for (const [line, text] of outputText(group.result).text.split('\n').entries()) {
      if (performance.now() - sliceBegan > sliceMs) {
        await setImmediate();
        sliceBegan = performance.now();
      }
      if (signal.aborted) return hits;
      if (!matches(text)) continue;
      hits.push({ group, line, text });
      if (hits.length >= limit) return hits;
    }
  }
  return hits;
}
