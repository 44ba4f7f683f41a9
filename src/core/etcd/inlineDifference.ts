import { diffWordsWithSpace } from 'diff';

export interface DifferencePart {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** UTF-16 units of what did not change that are kept around a change. */
const context = 24;
/** UTF-16 units of a change that are compared word by word. */
const compared = 600;

/** What became of a text, word by word, as one line: long parts that did not change are left out. */
export function inlineDifference(before: string, after: string): DifferencePart[] {
  if (before === after) return [{ kind: 'same', text: cut(after) }];
  let head = 0;
  const shortest = Math.min(before.length, after.length);
  while (head < shortest && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shortest - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  // The words around the change are compared as a whole.
  const from = boundary(after, Math.max(0, head - context));
  const rest = Math.max(0, tail - context);
  const [old, now] = [before, after].map((text) => text.slice(from, boundary(text, text.length - rest)));
  return [
    ...(from > 0 ? [{ kind: 'same' as const, text: '…' }] : []),
    ...words(old!, now!),
    ...(rest > 0 ? [{ kind: 'same' as const, text: '…' }] : []),
  ];
}

function words(before: string, after: string): DifferencePart[] {
  const isLong = before.length > compared || after.length > compared;
  if (before === '' || after === '' || isLong)
    return [
      ...(before === '' ? [] : [{ kind: 'removed' as const, text: cut(before) }]),
      ...(after === '' ? [] : [{ kind: 'added' as const, text: cut(after) }]),
    ];
  return diffWordsWithSpace(before, after).map(({ added, removed, value }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}

function cut(text: string): string {
  return text.length <= compared ? text : `${text.slice(0, boundary(text, compared))}…`;
}

/** Never in the middle of a surrogate pair. */
function boundary(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
