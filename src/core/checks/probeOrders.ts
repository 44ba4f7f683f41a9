import { type ErrorReport, MusterError } from '../errors';
import type { Host } from '../inventory/model';
import type { Finding } from './probe';

/** What a batch sends to the probe thread. */
export type Order =
  /** Compiled settings cannot be sent, so a check goes as it was written. */
  | {
      kind: 'check';
      check: number;
      type: string;
      input: Readonly<Record<string, unknown>>;
      directory: string;
    }
  | { kind: 'probe'; id: number; check: number; host: ProbedHost }
  | { kind: 'abort'; id: number; reason: ErrorReport }
  | { kind: 'forget'; checks: number[] };

/** As much of a host as probes look at. */
export type ProbedHost = Pick<Host, 'name' | 'address' | 'labels' | 'ssh'>;

/** What the thread sends back: first, when it is ready, none. */
export type Outcome = { id: number; finding: Finding } | { id: number; error: ErrorReport };

/** An error of another thread; its causes are kept as text. */
export function errorFrom({ code, message, phase, hint, causes }: ErrorReport): MusterError {
  const cause = causes.reduceRight<Error | undefined>(
    (inner, text) => new Error(text, inner && { cause: inner }),
    undefined,
  );
  return new MusterError(code, message, { phase, hint, cause });
}

/** Hands over in one message what was gathered during a turn of the event loop. */
export class Outbox<Item> {
  private items: Item[] = [];

  constructor(private readonly post: (items: Item[]) => void) {}

  add(item: Item): void {
    if (this.items.push(item) === 1) setImmediate(() => this.post(this.items.splice(0)));
  }
}
