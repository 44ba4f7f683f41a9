import { Worker } from 'node:worker_threads';
import { cancelledBy, Deadline } from '../batch/deadline';
import { errorFrom, errorReport, type MusterError, toMusterError } from '../errors/errors';
import { spokenTexts } from '../l10n/l10n';
import {
  type Answer,
  type Calls,
  methodsOver,
  type Notices,
  Outbox,
  type Request,
  type ThreadContract,
  type ThreadStart,
} from './threadContract';

export interface ThreadOptions<Contract extends ThreadContract> {
  /** The bundle of a worker that calls `serveThread` with the same contract. */
  file: string;
  data: Contract['data'];
  hears: Contract['news'];
  /** The error of all that waits when the thread ends by itself, asked for once; `cause` is what the thread threw. */
  lost: (cause?: unknown) => Error;
  /** Of the thread, in MiB. */
  heapMb?: number;
  /** Calls under way at once; the others wait here, and are never begun if they are cancelled before their turn. */
  atOnce?: number;
  /** Many small messages cost less when those of a turn of the event loop go together. */
  gathers?: boolean;
  /** The process may end while no answer is awaited. */
  isUnreferenced?: boolean;
  /** Called before anything is sent, for what has to arrive before it. */
  beforeSending?: () => void;
}

/** A thread, as what asks it sees it. */
export interface ThreadProxy<Contract extends ThreadContract> {
  /** Rejected with the worker's error: code, hint and causes are kept. */
  readonly calls: Calls<Contract['methods']>;
  readonly tells: Notices<Contract['methods']>;
  /** Why it has ended, if it has. */
  readonly failure: Error | undefined;
  /** Ends the thread, and rejects with `why` what is under way and what is asked later. */
  dispose(why: MusterError): Promise<void>;
}

/** Starts a thread whose methods can be called as if they were here. */
export function threadProxy<Contract extends ThreadContract>(
  options: ThreadOptions<Contract>,
): ThreadProxy<Contract> {
  return new Thread(options);
}

interface Waiting {
  name: string;
  args: readonly unknown[];
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  /** Of a call that can be cancelled: ends the listening for that. */
  unhear: (() => void) | undefined;
}

function reasonOf(canceller: AbortSignal | Deadline): MusterError {
  return canceller instanceof Deadline ? canceller.reason! : cancelledBy(canceller);
}

function whenAborted(canceller: AbortSignal | Deadline, listener: () => void): () => void {
  if (canceller instanceof Deadline) return canceller.onAbort(listener);
  canceller.addEventListener('abort', listener);
  return () => canceller.removeEventListener('abort', listener);
}

class Thread<Contract extends ThreadContract> implements ThreadProxy<Contract> {
  failure: Error | undefined;
  readonly calls = methodsOver<Calls<Contract['methods']>>((name, args) => this.call(name, args));
  readonly tells = methodsOver<Notices<Contract['methods']>>((name, args) => this.send({ name, args }, args));
  private readonly worker: Worker;
  private readonly outbox: Outbox<Request>;
  private readonly queue = new Map<number, Waiting>();
  private readonly underWay = new Map<number, Waiting>();
  private readonly atOnce: number;
  private lastId = 0;

  constructor(private readonly options: ThreadOptions<Contract>) {
    const { file, data, heapMb, gathers = false, atOnce = Infinity } = options;
    this.atOnce = atOnce;
    this.worker = new Worker(file, {
      workerData: { data, texts: spokenTexts(), gathers } satisfies ThreadStart,
      ...(heapMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
    });
    this.outbox = new Outbox((requests, moved) => this.worker.postMessage(requests, moved), gathers);
    this.worker.on('message', (answers: Answer[]) => {
      for (const answer of answers) this.heard(answer);
    });
    this.worker.on('error', (error) => this.lost(error));
    this.worker.on('exit', () => this.lost());
    this.letProcessEnd();
  }

  async dispose(why: MusterError): Promise<void> {
    this.end(why);
    await this.worker.terminate();
  }

  private call(name: string, given: readonly unknown[]): Promise<unknown> {
    const last = given.at(-1);
    const canceller = last instanceof AbortSignal || last instanceof Deadline ? last : undefined;
    const args = canceller ? given.slice(0, -1) : given;
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      if (canceller?.aborted) return reject(reasonOf(canceller));
      const id = ++this.lastId;
      const unhear = canceller && whenAborted(canceller, () => this.cancel(id, reasonOf(canceller)));
      this.queue.set(id, { name, args, resolve, reject, unhear });
      this.next();
    });
  }

  private next(): void {
    for (const [id, call] of this.queue) {
      if (this.underWay.size >= this.atOnce) return;
      this.queue.delete(id);
      this.underWay.set(id, call);
      if (this.options.isUnreferenced) this.worker.ref();
      const { name, args, unhear } = call;
      try {
        this.send({ id, name, args, isCancellable: unhear !== undefined }, args);
      } catch (error) {
        // An argument that cannot be sent.
        this.settled(id)?.reject(toMusterError(error, {}, 'INTERNAL'));
      }
    }
  }

  /** The worker answers a call that is under way when it has heeded that. */
  private cancel(id: number, reason: MusterError): void {
    const waiting = this.queue.get(id);
    if (!waiting) return this.send({ cancel: id, reason: errorReport(reason) });
    this.queue.delete(id);
    waiting.unhear?.();
    waiting.reject(reason);
  }

  private send(request: Request, values?: readonly unknown[]): void {
    if (this.failure) return;
    this.options.beforeSending?.();
    this.outbox.add(request, values);
  }

  private heard(answer: Answer): void {
    if ('name' in answer) {
      (this.options.hears as Record<string, (...args: readonly unknown[]) => void>)[answer.name]!(
        ...answer.args,
      );
      return;
    }
    const call = this.settled(answer.id);
    if ('error' in answer) call?.reject(errorFrom(answer.error));
    else call?.resolve(answer.value);
    this.next();
    this.letProcessEnd();
  }

  private settled(id: number): Waiting | undefined {
    const call = this.underWay.get(id);
    this.underWay.delete(id);
    call?.unhear?.();
    return call;
  }

  private letProcessEnd(): void {
    if (this.options.isUnreferenced && this.underWay.size === 0) this.worker.unref();
  }

  private lost(cause?: unknown): void {
    if (!this.failure) this.end(this.options.lost(cause));
  }

  private end(why: Error): void {
    if (this.failure) return;
    this.failure = why;
    for (const call of [...this.underWay.values(), ...this.queue.values()]) {
      call.unhear?.();
      call.reject(why);
    }
    this.underWay.clear();
    this.queue.clear();
  }
}
