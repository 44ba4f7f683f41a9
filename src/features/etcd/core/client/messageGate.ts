import type * as Grpc from '@grpc/grpc-js';

/**
 * Holds back what a stream has received while `most` bytes wait to be read. gRPC itself would take sixteen messages in
 * advance, whatever their size.
 */
export class MessageGate {
  private ahead = 0;
  private held: (() => void) | undefined;

  constructor(private readonly most: number) {}

  interceptor({ InterceptingCall }: typeof Grpc): Grpc.Interceptor {
    return (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start: (metadata, _, next) =>
          next(metadata, {
            onReceiveMessage: (message: Buffer | null, forward) => {
              if (this.ahead >= this.most) this.held = () => this.pass(message, forward);
              else this.pass(message, forward);
            },
          }),
      });
  }

  /** A message of `bytes` was read. */
  taken(bytes: number): void {
    this.ahead -= bytes;
    if (this.ahead < this.most) this.release();
  }

  /** Nothing is read any more: the end of the stream is not to wait for that. */
  open(): void {
    this.ahead = -Infinity;
    this.release();
  }

  private release(): void {
    const held = this.held;
    this.held = undefined;
    held?.();
  }

  private pass(message: Buffer | null, forward: (message: Buffer | null) => void): void {
    this.ahead += message?.length ?? 0;
    forward(message);
  }
}
