import type { TransferListItem } from 'node:worker_threads';
import type { Deadline } from '../batch/deadline';
import type { ErrorReport } from '../errors/errors';
import type { Texts } from '../l10n/l10n';

/**
 * What a thread begins with, what it can be asked, and what it reports by itself. Both ends are typed by it, so that a
 * method that one of them lacks does not compile. A method that can be cancelled has an `AbortSignal` as its last
 * parameter, in whose place the caller may give a `Deadline`.
 */
export interface ThreadContract {
  data: unknown;
  methods: object;
  news: object;
}

/** Methods of another thread, whose answers are awaited. */
export type Calls<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Given<Args>) => Promise<Awaited<Answer>>
    : never;
};
type Given<Args extends unknown[]> = Args extends [...infer First, AbortSignal]
  ? [...First, AbortSignal | Deadline]
  : Args;

/** Methods of another thread that are called without waiting for an answer. */
export type Notices<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => unknown
    ? (...args: Args) => void
    : never;
};

export interface Notice {
  name: string;
  args: readonly unknown[];
}
export interface Call extends Notice {
  id: number;
  isCancellable: boolean;
}
export type Request = Notice | Call | { cancel: number; reason: ErrorReport };
export type Answer = Notice | { id: number; value: unknown } | { id: number; error: ErrorReport };

/** With what every thread is started. */
export interface ThreadStart {
  data: unknown;
  texts: Texts;
  gathers: boolean;
}

const handedOver = new WeakMap<object, readonly TransferListItem[]>();

/** Marks an argument or an answer: these buffers and ports in it are moved to the other thread, and not copied. */
export function handOver<Value extends object>(value: Value, items: readonly TransferListItem[]): Value {
  handedOver.set(value, items);
  return value;
}

/** Posts messages in their order: at once, or all of a turn of the event loop together. */
export class Outbox<Message> {
  private messages: Message[] = [];
  private moved: TransferListItem[] = [];

  constructor(
    private readonly post: (messages: Message[], moved: TransferListItem[]) => void,
    private readonly gathers: boolean,
  ) {}

  /** `values` are those in the message that may be marked by `handOver`. */
  add(message: Message, values: readonly unknown[] = []): void {
    this.messages.push(message);
    for (const value of values) this.moved.push(...(handedOver.get(value as object) ?? []));
    if (!this.gathers) this.flush();
    else if (this.messages.length === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    const { messages, moved } = this;
    this.messages = [];
    this.moved = [];
    this.post(messages, moved);
  }
}

/** Methods by any name, each of which gives its name and arguments to `send`. */
export function methodsOver<Methods extends object>(
  send: (name: string, args: readonly unknown[]) => unknown,
): Methods {
  const known: Record<string, (...args: readonly unknown[]) => unknown> = {};
  return new Proxy({} as Methods, {
    get: (_, name: string) => (known[name] ??= (...args) => send(name, args)),
  });
}
