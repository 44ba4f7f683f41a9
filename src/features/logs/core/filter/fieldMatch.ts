import { extractFields, type Fields } from '../recognise/extractFields';
import type { FieldCondition } from './logFilter';
import type { LogFormat } from '../logSource';

/** Whether a line meets every condition. */
export function meetsConditions(
  text: string,
  format: LogFormat,
  conditions: readonly FieldCondition[],
): boolean {
  const fields = extractFields(text, format);
  return conditions.every((condition) => meets(fields, condition));
}

function meets(fields: Fields, { field, operator, value }: FieldCondition): boolean {
  const actual = fields[field];
  if (actual === undefined) return operator === '!=';
  switch (operator) {
    case '=':
      return actual === value;
    case '!=':
      return actual !== value;
    case '~':
      return actual.toLowerCase().includes(value.toLowerCase());
    case '>':
    case '>=':
    case '<':
    case '<=':
      return compare(operator, amount(actual), amount(value));
  }
}

function compare(operator: '>' | '>=' | '<' | '<=', left: number, right: number): boolean {
  if (operator === '>') return left > right;
  if (operator === '>=') return left >= right;
  return operator === '<' ? left < right : left <= right;
}

const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** A number, or a duration such as `12ms` in milliseconds; NaN for anything else, which compares as false. */
function amount(text: string): number {
  const [, number, unit] = /^(-?\d{1,18}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)?$/.exec(text.trim()) ?? [];
  return number === undefined ? NaN : Number(number) * (unit === undefined ? 1 : unitMs[unit]!);
}
