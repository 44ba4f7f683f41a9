import { RE2JS } from 're2js';
import type { TextPattern } from '../filter/logFilter';

/** Characters from which on a value is taken to be unmistakable. */
const unmistakable = 8;

/**
 * What the lines have in common that are about one value of a field, whatever wrote them: a long value is looked for as
 * a word of its own; a short one, such as `42`, only after the field's name, in any of its spellings (`order_id=42`,
 * `"orderId": 42`, `order 42`).
 */
export function correlationPattern(field: string, value: string): TextPattern {
  const whole = `${RE2JS.quote(value)}(?:[^\\w.-]|[.-](?:\\W|$)|$)`;
  if (value.length >= unmistakable && /\d/.test(value))
    return { text: `(?:^|[^\\w-])${whole}`, regex: true, caseSensitive: true };
  const name = nameParts(field.slice(field.lastIndexOf('.') + 1));
  return { text: `(?:^|[^\\w]|_)${name}["']?[\\s:=#>]+["']?${whole}`, regex: true };
}

/** `order_id`, `orderId` and `order-id` are one name, of which `id` may be left out. */
function nameParts(field: string): string {
  const parts = field
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .split(/[_\W]+/)
    .filter((part) => part !== '');
  const [last] = parts.slice(-1);
  const hasId = parts.length > 1 && last!.toLowerCase() === 'id';
  const stem = (hasId ? parts.slice(0, -1) : parts).map((part) => RE2JS.quote(part)).join('[_. -]?');
  return hasId ? `${stem}(?:[_. -]?id)?` : stem;
}
