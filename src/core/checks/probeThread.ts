import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Deadline } from '../deadline';
import { errorReport, MusterError } from '../errors';
import type { Check } from './check';
import type { Host } from '../inventory/model';
import { spokenTexts, t } from '../l10n';
import type { Finding } from './probe';
import { errorFrom, type Order, type Outcome, Outbox } from './probeOrders';

/** Smaller batches are over before a second thread has helped. */
const minTargets = 200;

/** The thread has ended before it answered; nothing is known of the target. */
class ThreadLost extends Error {}

/** What a batch needs of the second thread. */
export interface ThreadShare {
  /** Runs the probe in the thread that has less to do: `inPlace` is here. */
  probe(host: Host, check: Check, deadline: Deadline, inPlace: () => Promise<Finding>): Promise<Finding>;
  end(): void;
}

export interface ProbeThreadOptions {
  /** The bundle of probeWorker.ts. */
  file: string;
  /** Of the probes that need sockets only: half where speed counts, all where this thread has others to serve. */
  takes: 'half' | 'all';
}

/**
 * A thread beside this one for the probes which need sockets only. Nearly all of their time is spent in the kernel's
 * calls for sockets, which wait for each other within a thread. Started at its first use.
 */
export class ProbeThread {
  private worker: Worker | undefined;
  private ready = false;
  private lastId = 0;
  private readonly waiting = new Map<number, (outcome: Outcome | ThreadLost) => void>();
  private readonly orders = new Outbox<Order>((orders) => this.worker?.postMessage(orders));

  constructor(private readonly options: ProbeThreadOptions) {}

  /** A share for one batch; undefined if it is too small for a second thread to help, or there is one processor. */
  shareFor(targets: number): ThreadShare | undefined {
    const takesAll = this.options.takes === 'all';
    if (targets < minTargets || (!takesAll && availableParallelism() < 2)) return undefined;
    this.start();
    const sent = new Map<Check, number>();
    let here = 0;
    let there = 0;
    const stay = async (inPlace: () => Promise<Finding>) => {
      here++;
      return inPlace().finally(() => here--);
    };
    return {
      probe: async (host, check, deadline, inPlace) => {
        if (!this.worker || (!takesAll && (!this.ready || there > here))) return stay(inPlace);
        there++;
        try {
          return await this.send(host, this.keyOf(check, sent), deadline);
        } catch (error) {
          if (error instanceof ThreadLost) return stay(inPlace);
          throw error;
        } finally {
          there--;
        }
      },
      end: () => this.orders.add({ kind: 'forget', checks: [...sent.values()] }),
    };
  }

  /** Whoever waits for it is told CANCELLED. */
  async dispose(): Promise<void> {
    const error = errorReport(new MusterError('CANCELLED', t('the engine was closed')));
    for (const id of [...this.waiting.keys()]) this.settle(id, { id, error });
    await this.worker?.terminate();
  }

  private start(): void {
    if (this.worker) return;
    const worker = new Worker(this.options.file, { workerData: spokenTexts() });
    this.worker = worker;
    worker.unref();
    worker.on('message', (outcomes: Outcome[]) => {
      this.ready = true;
      for (const outcome of outcomes) this.settle(outcome.id, outcome);
    });
    worker.on('error', () => this.lost());
    worker.on('exit', () => this.lost());
  }

  private keyOf(check: Check, sent: Map<Check, number>): number {
    let key = sent.get(check);
    if (key === undefined) {
      sent.set(check, (key = ++this.lastId));
      const { type, input, source } = check;
      this.orders.add({ kind: 'check', check: key, type, input, directory: dirname(source.file) });
    }
    return key;
  }

  private send({ name, address, labels, ssh }: Host, check: number, deadline: Deadline): Promise<Finding> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const unhear = deadline.onAbort(() =>
        this.orders.add({ kind: 'abort', id, reason: errorReport(deadline.reason) }),
      );
      // Only while something is waited for does it keep the process from ending.
      this.worker?.ref();
      this.waiting.set(id, (outcome) => {
        unhear();
        if (outcome instanceof ThreadLost) reject(outcome);
        else if ('finding' in outcome) resolve(outcome.finding);
        else reject(errorFrom(outcome.error));
      });
      this.orders.add({ kind: 'probe', id, check, host: { name, address, labels, ssh } });
    });
  }

  private settle(id: number, outcome: Outcome | ThreadLost): void {
    this.waiting.get(id)?.(outcome);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker?.unref();
  }

  private lost(): void {
    this.worker = undefined;
    this.ready = false;
    for (const id of [...this.waiting.keys()]) this.settle(id, new ThreadLost());
  }
}
