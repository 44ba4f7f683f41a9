import { type Logger, silentLogger, type Tracer } from '../host/host';
import type { Outcome } from '../errors/outcome';
import type { Attributes, Measurement } from './measurement';
import { newSpanId, newTraceId, type TraceContext, traceparentOf } from './traceContext';

/** Where an operation comes from, and where it reports. */
export interface OperationOrigin {
  readonly logger?: Logger | undefined;
  readonly tracer?: Tracer | undefined;
  /** The work that it is a part of: its trace id is kept. */
  readonly parent?: TraceContext | undefined;
  readonly attributes?: Attributes | undefined;
}

/**
 * The context that goes along with work, made before the work begins. Each of its spans is a part of it that has a
 * beginning and an end; spans can have spans.
 */
export class Operation implements TraceContext {
  readonly spanId = newSpanId();
  /** What was found out, in the order in which it was. */
  readonly measurements: Measurement[] = [];
  private readonly startedAt = performance.now();
  private ownLog: Logger | undefined;

  private constructor(
    readonly name: string,
    readonly traceId: string,
    readonly isSampled: boolean,
    readonly attributes: Attributes,
    private readonly logger: Logger,
    private readonly tracer: Tracer | undefined,
    private readonly parentId: string | undefined,
  ) {}

  static begin(name: string, origin: OperationOrigin = {}): Operation {
    const { logger = silentLogger, tracer, parent, attributes = {} } = origin;
    const { traceId, isSampled, spanId } = parent ?? {
      ...{ traceId: newTraceId(), isSampled: true },
      spanId: undefined,
    };
    return new Operation(name, traceId, isSampled, attributes, logger, tracer, spanId);
  }

  span(name: string, attributes: Attributes = {}): Operation {
    const { traceId, isSampled, logger, tracer, spanId } = this;
    return new Operation(name, traceId, isSampled, attributes, logger, tracer, spanId);
  }

  record(measurement: Measurement): void {
    this.measurements.push(measurement);
  }

  /** Its lines carry the trace id. */
  get log(): Logger {
    return (this.ownLog ??= tracedLogger(this.logger, this.traceId));
  }

  /** What a process that does a part of the work is given as TRACEPARENT. */
  get traceparent(): string {
    return traceparentOf(this);
  }

  /** Reports it to the tracer with how it ended. */
  end(outcome?: Outcome): void {
    if (!this.tracer) return;
    const { status, error } = outcome ?? {};
    const { name, traceId, spanId, parentId, measurements, startedAt } = this;
    this.tracer.ended({
      ...{ name, traceId, spanId, ...(parentId !== undefined && { parentId }), measurements },
      attributes: {
        ...this.attributes,
        ...(status !== undefined && { status }),
        ...(error && { error: error.code }),
      },
      startedAt: performance.timeOrigin + startedAt,
      durationMs: performance.now() - startedAt,
    });
  }
}

/** A logger whose lines carry a trace id. */
export function tracedLogger(logger: Logger, traceId: string): Logger {
  const traced = (message: string) => `${message} (trace ${traceId})`;
  return {
    debug: (message) => logger.debug(traced(message)),
    info: (message) => logger.info(traced(message)),
    warn: (message) => logger.warn(traced(message)),
    error: (message) => logger.error(traced(message)),
  };
}
