/** Results of one check on one host that are kept. */
export const resultLimit = 50;

export type KeptStatus = 'healthy' | 'degraded' | 'unhealthy';

/** One result as the history keeps it. */
export interface PastResult {
  /** Milliseconds since the epoch, whole seconds. */
  at: number;
  status: KeptStatus;
  /** Milliseconds, in tenths. */
  latencyMs: number;
  /** Empty where it was not kept. */
  message: string;
}

const statuses: readonly KeptStatus[] = ['healthy', 'degraded', 'unhealthy'];
const maxTenths = 2 ** 30 - 1;
/** Distinct messages that are kept; results beyond them go without. */
const messageLimit = 20_000;

/**
 * Rings of results in shared columns, ten bytes a result: as objects those of 15,000 checks would take a hundred
 * megabytes.
 */
export class ResultColumns {
  private seconds = new Uint32Array(0);
  /** Tenths of milliseconds, times four, plus the index of the status. */
  private values = new Uint32Array(0);
  private messageIds = new Uint16Array(0);
  private counts = new Uint8Array(0);
  private starts = new Uint8Array(0);
  private used = 0;
  private readonly free: number[] = [];
  private messages: string[] = [''];
  private idsByMessage = new Map([['', 0]]);
  private missed = 0;

  /** A ring of its own for one check. */
  allocate(): number {
    const slot = this.free.pop() ?? this.used++;
    if (slot >= this.counts.length) this.grow();
    this.counts[slot] = 0;
    this.starts[slot] = 0;
    return slot;
  }

  release(slot: number): void {
    this.counts[slot] = 0;
    this.free.push(slot);
  }

  push(slot: number, { at, status, latencyMs, message }: PastResult): void {
    const count = this.counts[slot]!;
    const start = this.starts[slot]!;
    const index = slot * resultLimit + ((start + count) % resultLimit);
    if (count < resultLimit) this.counts[slot] = count + 1;
    else this.starts[slot] = (start + 1) % resultLimit;
    const tenths = Math.min(maxTenths, Math.max(0, Math.round(latencyMs * 10)));
    this.seconds[index] = Math.floor(at / 1000);
    this.values[index] = tenths * 4 + statuses.indexOf(status);
    this.messageIds[index] = this.idOf(message);
  }

  /** Oldest first. */
  read(slot: number): PastResult[] {
    return Array.from({ length: this.counts[slot]! }, (_, offset) => {
      const index = slot * resultLimit + ((this.starts[slot]! + offset) % resultLimit);
      const value = this.values[index]!;
      return {
        at: this.seconds[index]! * 1000,
        status: statuses[value % 4]!,
        latencyMs: Math.floor(value / 4) / 10,
        message: this.messages[this.messageIds[index]!]!,
      };
    });
  }

  /** When the newest result was found; undefined for an empty ring. */
  lastAt(slot: number): number | undefined {
    const count = this.counts[slot]!;
    if (count === 0) return undefined;
    return this.seconds[slot * resultLimit + ((this.starts[slot]! + count - 1) % resultLimit)]! * 1000;
  }

  private grow(): void {
    const slots = Math.max(64, Math.ceil(this.counts.length * 1.5));
    const longer = <Column extends Uint8Array | Uint16Array | Uint32Array>(
      column: Column,
      next: Column,
    ): Column => {
      next.set(column);
      return next;
    };
    this.seconds = longer(this.seconds, new Uint32Array(slots * resultLimit));
    this.values = longer(this.values, new Uint32Array(slots * resultLimit));
    this.messageIds = longer(this.messageIds, new Uint16Array(slots * resultLimit));
    this.counts = longer(this.counts, new Uint8Array(slots));
    this.starts = longer(this.starts, new Uint8Array(slots));
  }

  private idOf(message: string): number {
    const known = this.idsByMessage.get(message);
    if (known !== undefined) return known;
    // Most are used again; when the table is full, now and then those that no result has any more make room.
    if (this.messages.length >= messageLimit && this.missed++ % 5000 === 0) this.sweep();
    if (this.messages.length >= messageLimit) return 0;
    const id = this.messages.push(message) - 1;
    this.idsByMessage.set(message, id);
    return id;
  }

  private sweep(): void {
    const before = this.messages;
    this.messages = [''];
    this.idsByMessage = new Map([['', 0]]);
    for (let slot = 0; slot < this.used; slot++) {
      for (let offset = 0; offset < this.counts[slot]!; offset++) {
        const index = slot * resultLimit + ((this.starts[slot]! + offset) % resultLimit);
        const message = before[this.messageIds[index]!]!;
        let id = this.idsByMessage.get(message);
        if (id === undefined) this.idsByMessage.set(message, (id = this.messages.push(message) - 1));
        this.messageIds[index] = id;
      }
    }
  }
}
