import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { correlationPattern } from '../../../../src/features/logs/core/recognise/correlation';

describe('The pattern of a correlation', () => {
  const matching = (field: string, value: string, lines: string[]) => {
    const { text, caseSensitive } = correlationPattern(field, value);
    const expression = RE2JS.compile(text, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
    return lines.filter((line) => expression.matcher(line).find());
  };

  it('finds a long value as a word of its own, whatever stands before it', () => {
    const about = [
      '{"trace_id":"4bf92f3577b34da6"}',
      'traceId=4bf92f3577b34da6 served',
      'INFO [4bf92f3577b34da6] served',
      'done with 4bf92f3577b34da6.',
      '4bf92f3577b34da6',
    ];
    const others = ['trace_id=4bf92f3577b34da67', 'x4bf92f3577b34da6', 'trace_id=4bf92f3577b34da6.1'];
    expect(matching('trace_id', '4bf92f3577b34da6', [...about, ...others])).toEqual(about);
  });

  it('finds a short value only after the name of its field, however that is written', () => {
    const about = [
      'order_id=42 served',
      '{"orderId": 42}',
      '{"order-id":"42"}',
      'WARN order 42 is late',
      'Order #42 is late',
      'OrderID: 42',
      'last_order_id=42',
    ];
    const others = [
      'order_id=420',
      'took 42 ms',
      'user_id=42',
      'reorder=42',
      'order_id=42-7',
      'order_id=4.42',
    ];
    expect(matching('order_id', '42', [...about, ...others])).toEqual(about);
  });

  it('takes nothing in a value for an expression', () => {
    expect(matching('path', '/a(b', ['path=/a(b x', 'path=/aab'])).toEqual(['path=/a(b x']);
  });
});
