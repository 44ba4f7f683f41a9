import { randomBytes, randomUUID } from 'node:crypto';

/** What one process tells another about the work that it is a part of, by W3C Trace Context. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether those who trace are asked to record it. */
  readonly isSampled: boolean;
}

const known = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const allZero = /^0+$/;
const sampledFlag = 1;

/** Reads a `traceparent`; undefined when it is not one. Later versions may add fields at its end, version 00 has none. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] = known.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (allZero.test(traceId) || allZero.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & sampledFlag) !== 0 };
}

/** The context as another process is given it. */
export function traceparentOf({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** The variables that tell a process what it is a part of. */
export function traceEnvironment(trace: TraceContext | undefined): Record<string, string> {
  return trace ? { TRACEPARENT: traceparentOf(trace) } : {};
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

/** There is one for every target. Node.js keeps random bytes in store for UUIDs only; these digits are all random. */
export function newSpanId(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 8) + uuid.slice(-8);
}
