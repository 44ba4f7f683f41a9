import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  newSpanId,
  newTraceId,
  parseTraceparent,
  traceparentOf,
} from '../../../../src/platform/operation/traceContext';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('A traceparent', () => {
  it('names the trace, the span that asks, and whether it is sampled', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, isSampled: true });
    expect(parseTraceparent(`00-${traceId}-${spanId}-00`)).toEqual({ traceId, spanId, isSampled: false });
  });

  it('may have flags that are not known yet, which are not passed on', () => {
    const parsed = parseTraceparent(`00-${traceId}-${spanId}-fe`)!;
    expect(traceparentOf(parsed)).toBe(`00-${traceId}-${spanId}-00`);
    expect(parseTraceparent(`00-${traceId}-${spanId}-03`)).toMatchObject({ isSampled: true });
  });

  it('of a later version may have more fields at its end', () => {
    expect(parseTraceparent(`01-${traceId}-${spanId}-01`)).toMatchObject({ traceId });
    expect(parseTraceparent(`cc-${traceId}-${spanId}-01-what-comes`)).toMatchObject({ traceId, spanId });
  });

  it.each([
    ['nothing', ''],
    ['text', 'traceparent'],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['a short trace id', `00-${traceId.slice(1)}-${spanId}-01`],
    ['the version that is forbidden', `ff-${traceId}-${spanId}-01`],
    ['more fields than version 00 has', `00-${traceId}-${spanId}-01-more`],
    ['characters after the flags of a later version', `01-${traceId}-${spanId}-01more`],
    ['no flags', `00-${traceId}-${spanId}`],
    ['a space before it', ` 00-${traceId}-${spanId}-01`],
    ['a line break after it', `00-${traceId}-${spanId}-01\n`],
    ['a second line', `01-${traceId}-${spanId}-01-\nx`],
  ])('is not %s', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  it('reads back as it was written', () => {
    fc.assert(
      fc.property(fc.boolean(), (isSampled) => {
        const context = { traceId: newTraceId(), spanId: newSpanId(), isSampled };
        expect(parseTraceparent(traceparentOf(context))).toEqual(context);
      }),
    );
  });
});
