import { RE2JS } from 're2js';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import type { Label } from './exposition/family';

type Operator = '=' | '!=' | '=~' | '!~';

interface Condition {
  readonly label: string;
  readonly operator: Operator;
  readonly value: string;
  readonly holds: (value: string) => boolean;
}

/** Which series are meant: a name, and conditions on labels as in PromQL. A label that is not there is empty. */
export interface SeriesSelector {
  readonly name: string;
  readonly conditions: readonly Condition[];
}

/** `name`, `name{label=value}`, `name{label="a value",other=~"2..",third!="x"}`. @throws RangeError */
export function parseSeriesSelector(text: string): SeriesSelector {
  const [, name = '', inBraces] = /^([^{}]*)(?:\{(.*)\})?$/s.exec(text.trim()) ?? [];
  if (name.trim() === '' || /[\s"]/.test(name.trim())) throw unreadable(text);
  const conditions: Condition[] = [];
  const part = /\s*([^\s=!~,"{}]+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"{}]*))\s*(,|$)/sy;
  for (const left = inBraces?.trim() ?? ''; part.lastIndex < left.length;) {
    const [, label = '', operator, quoted, plain = ''] = part.exec(left) ?? [];
    if (operator === undefined) throw unreadable(text);
    const value = quoted === undefined ? plain : unescaped(quoted);
    conditions.push({ label, value, ...conditionOf(operator as Operator, value) });
  }
  return { name: name.trim(), conditions };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character));
}

function conditionOf(operator: Operator, value: string): Pick<Condition, 'operator' | 'holds'> {
  if (operator === '=') return { operator, holds: (found) => found === value };
  if (operator === '!=') return { operator, holds: (found) => found !== value };
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(value);
  } catch (error) {
    throw new RangeError(t('no RE2 regular expression: {0}', (error as Error).message), { cause: error });
  }
  // Anchored, as Prometheus has them.
  const matches = (found: string) => pattern.matches(found);
  return { operator, holds: operator === '=~' ? matches : (found) => !matches(found) };
}

function unreadable(text: string): RangeError {
  return new RangeError(t('“{0}” is not a series: write name, or name{label=value}', printable(text, 80)));
}

/** Whether a series is meant. `le` of a histogram is compared as the number that it is. */
export function selects({ name, conditions }: SeriesSelector, series: SeriesName): boolean {
  return (
    series.name === name &&
    conditions.every(({ label, value, operator, holds }) => {
      const found = series.labels.find((one) => one.name === label)?.value ?? '';
      if (holds(found)) return operator !== '!=' || label !== 'le' || Number(found) !== Number(value);
      return operator === '=' && label === 'le' && found !== '' && boundOf(found) === boundOf(value);
    })
  );
}

interface SeriesName {
  readonly name: string;
  readonly labels: readonly Label[];
}

/** The upper bound of a bucket: clients write 1 and 1.0 for the same. */
export function boundOf(le: string): number {
  return /^\+?inf$/i.test(le) ? Infinity : Number(le === '' ? NaN : le);
}
