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

/** Bytes around a change, and of a change, that are made text of. */
const around = 128;
const most = 4096;
/** Bytes that are compared at once. */
const chunk = 4096;

/** `inlineDifference` of values that are UTF-8, without making text of all of a long one. */
export function valueDifference(before: Buffer, after: Buffer): DifferencePart[] {
  const head = commonHead(before, after);
  const tail = commonTail(before, after, Math.min(before.length, after.length) - head);
  const from = characterAt(after, Math.max(0, head - around));
  const rest = after.length - characterAt(after, after.length - Math.max(0, tail - around));
  const [old, now] = [before, after].map((value) => {
    const end = value.length - rest;
    return value.toString('utf8', from, end - from > most ? characterAt(value, from + most) : end);
  });
  const left = { kind: 'same', text: '…' } as const;
  const parts = inlineDifference(old!, now!);
  return [...(from > 0 ? [left] : []), ...parts, ...(rest > 0 ? [left] : [])].filter(
    (part, index, all) => part.text !== '…' || all[index - 1]?.text !== '…',
  );
}

function commonHead(one: Buffer, other: Buffer): number {
  const shortest = Math.min(one.length, other.length);
  let at = 0;
  while (at + chunk <= shortest && one.compare(other, at, at + chunk, at, at + chunk) === 0) at += chunk;
  while (at < shortest && one[at] === other[at]) at++;
  return at;
}

function commonTail(one: Buffer, other: Buffer, longest: number): number {
  const same = (length: number, size: number) => {
    const [end, otherEnd] = [one.length - length, other.length - length];
    return one.compare(other, otherEnd - size, otherEnd, end - size, end) === 0;
  };
  let length = 0;
  while (length + chunk <= longest && same(length, chunk)) length += chunk;
  while (length < longest && one.at(-1 - length) === other.at(-1 - length)) length++;
  return length;
}

/** Where the character that has the byte at `at` begins. */
function characterAt(value: Buffer, at: number): number {
  let begin = at;
  while (begin > 0 && (value[begin]! & 0xc0) === 0x80) begin--;
  return begin;
}
