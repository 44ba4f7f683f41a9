import { t } from '../../l10n/l10n';

/** Names of hosts written compactly: Ansible's ranges, and the folded form of ClusterShell's nodesets. */

/** More names than this from one pattern are refused. */
export const maxExpansion = 100_000;

/** What `[…]` of a host pattern stands for, or undefined if it is no range (then it may be a glob's class). */
export function expandRange(content: string): string[] | undefined {
  if (content.includes(':')) return expandAnsibleRange(content);
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(content) || /^\d+$/.test(content)) return undefined;
  const values: string[] = [];
  for (const part of content.split(',')) {
    const [first, last = first] = part.split('-') as [string, string?];
    values.push(...expandNumbers(first, last, 1, content));
    assertBounded(values.length, content);
  }
  return values;
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** As `expand_hostname_range` in Ansible: `begin:end[:step]`, the end included, an empty begin meaning 0. */
function expandAnsibleRange(content: string): string[] {
  const [first = '', last = '', step = '1', ...rest] = content.split(':');
  if (rest.length > 0 || !/^[1-9]\d*$/.test(step))
    throw badRange(content, t('write [first:last] or [first:last:step]'));
  const from = first.length === 1 ? letters.indexOf(first) : -1;
  const to = last.length === 1 ? letters.indexOf(last) : -1;
  if (from >= 0 && to >= 0) {
    if (from > to) throw badRange(content, t('it runs backwards'));
    return [...letters.slice(from, to + 1)].filter((_, index) => index % Number(step) === 0);
  }
  if (!/^\d*$/.test(first) || !/^\d+$/.test(last))
    throw badRange(content, t('both ends are numbers or single letters'));
  return expandNumbers(first || '0', last, Number(step), content);
}

function expandNumbers(first: string, last: string, step: number, content: string): string[] {
  const padded = first.length > 1 && first.startsWith('0');
  if (padded && first.length !== last.length)
    throw badRange(content, t('with leading zeros both ends have the same length'));
  if (Math.max(first.length, last.length) > 15) throw badRange(content, t('its numbers are too long'));
  const [from, to] = [Number(first), Number(last)];
  if (from > to) throw badRange(content, t('it runs backwards'));
  assertBounded((to - from) / step, content);
  const values: string[] = [];
  for (let value = from; value <= to; value += step) {
    values.push(padded ? String(value).padStart(first.length, '0') : String(value));
  }
  return values;
}

function badRange(content: string, why: string): RangeError {
  return new RangeError(t('bad range [{0}]: {1}', content.slice(0, 60), why));
}

function assertBounded(count: number, pattern: string): void {
  if (count <= maxExpansion) return;
  throw new RangeError(
    t('“{0}” stands for more than {1} names', pattern.slice(0, 60), maxExpansion.toLocaleString('en')),
  );
}

/** Ends of the brackets and the text between them, alternating: `a[1:2]b` is `a`, `[1:2]`, `b`. */
function splitBrackets(pattern: string): string[] {
  const parts = pattern.split(/(\[[^[\]]*\])/);
  if (parts.some((part, index) => index % 2 === 0 && /[[\]]/.test(part))) {
    throw new RangeError(t('“{0}” has a bracket without its counterpart', pattern.slice(0, 60)));
  }
  return parts;
}

/**
 * The names that a pattern stands for, in order: `web-[01:20]`, `[a:f]`, `[1:10:2]`, several ranges in one name,
 * and the folded form `web-[01-18,20]`. Brackets that hold no range are kept. @throws RangeError
 */
export function expandHostPattern(pattern: string): string[] {
  if (!pattern.includes('[') && !pattern.includes(']')) return [pattern];
  let names = [''];
  for (const [index, part] of splitBrackets(pattern).entries()) {
    const values = (index % 2 === 1 ? expandRange(part.slice(1, -1)) : undefined) ?? [part];
    assertBounded(names.length * values.length, pattern);
    names = names.flatMap((name) => values.map((value) => name + value));
  }
  return names;
}

/** The patterns of a comma-separated host set; commas inside brackets do not separate. */
export function splitHostSet(text: string): string[] {
  return text
    .split(/,(?![^[\]]*\])/)
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
}

/** The names in a whole host set such as `web-[01-18,20],db-1`, each once. @throws RangeError */
export function expandHostSet(text: string): string[] {
  const names = splitHostSet(text).flatMap((pattern) => expandHostPattern(pattern));
  assertBounded(names.length, text);
  return [...new Set(names)];
}

/** Names with the same words around their numbers; every number is a set of values to be folded. */
interface Fold {
  words: readonly string[];
  numbers: Set<string>[];
}

/** Numbers beyond exact arithmetic are words. */
const number = /(?<!\d)(\d{1,15})(?!\d)/;

/**
 * Writes names as clubak does: `web-[01-18,20],db-1`. Leading zeros are kept, numbers are in natural order,
 * patterns in order of first appearance; several numbers fold into several brackets where that loses nothing.
 */
export function compactHostSet(names: Iterable<string>): string {
  const families = new Map<string, Fold[]>();
  for (const name of new Set(names)) {
    const parts = name.split(number);
    const words = parts.filter((_, index) => index % 2 === 0);
    const key = words.join('\0');
    const fold = {
      words,
      numbers: parts.filter((_, index) => index % 2 === 1).map((value) => new Set([value])),
    };
    const family = families.get(key);
    if (family) family.push(fold);
    else families.set(key, [fold]);
  }
  return [...families.values()].flatMap(foldFamily).map(formatFold).join(',');
}

/** Merges, from the last number to the first, what differs in that number only. */
function foldFamily(family: Fold[]): Fold[] {
  const dimensions = family[0]!.numbers.length;
  let folds = family;
  for (let dimension = dimensions - 1; dimension >= 0; dimension--) {
    const merged = new Map<string, Fold>();
    for (const fold of folds) {
      const key = fold.numbers
        .map((set, index) => (index === dimension ? '' : formatNumbers(set)))
        .join('\0');
      const same = merged.get(key);
      if (same) for (const value of fold.numbers[dimension]!) same.numbers[dimension]!.add(value);
      else merged.set(key, fold);
    }
    folds = [...merged.values()];
  }
  return folds;
}

function formatFold({ words, numbers }: Fold): string {
  return words.map((word, index) => word + (numbers[index] ? formatNumbers(numbers[index]) : '')).join('');
}

function formatNumbers(values: ReadonlySet<string>): string {
  if (values.size === 1) return [...values][0]!;
  const sorted = [...values].sort((a, b) => a.length - b.length || Number(a) - Number(b));
  const runs: [first: string, last: string][] = [];
  for (const value of sorted) {
    const run = runs.at(-1);
    if (run && continues(run, value)) run[1] = value;
    else runs.push([value, value]);
  }
  return `[${runs.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',')}]`;
}

function continues([first, last]: readonly [string, string], value: string): boolean {
  if (Number(value) !== Number(last) + 1) return false;
  const padded = (text: string) => text.length > 1 && text.startsWith('0');
  return padded(first) ? value.length === first.length : !padded(value);
}
