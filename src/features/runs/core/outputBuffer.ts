/** Bytes that the outputs of one batch may hold together. */
export class OutputBudget {
  constructor(private left: number) {}

  /** Grants up to `bytes`. */
  take(bytes: number): number {
    const granted = Math.min(bytes, this.left);
    this.left -= granted;
    return granted;
  }
}

/** Keeps the beginning of a stream up to a limit and counts the rest. */
export class OutputBuffer {
  private readonly chunks: Buffer[] = [];
  private kept = 0;
  private dropped = 0;

  constructor(
    private readonly limit: number,
    private readonly budget: OutputBudget,
  ) {}

  readonly append = (chunk: Buffer): void => {
    const room = this.budget.take(Math.min(chunk.length, this.limit - this.kept));
    // A copy, since ssh2's chunks are views that keep a whole packet alive.
    if (room > 0) this.chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.kept += room;
    this.dropped += chunk.length - room;
  };

  /** Bytes that were received and not kept. */
  get droppedBytes(): number {
    return this.dropped;
  }

  /** Bytes that were received, kept or not. */
  get receivedBytes(): number {
    return this.kept + this.dropped;
  }

  /** Decoded as a whole, so that characters across chunks are right; a character cut by the limit is left out. */
  text(): string {
    const bytes = Buffer.concat(this.chunks);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: this.dropped > 0 });
  }
}
