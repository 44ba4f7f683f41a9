import { type TransferListItem, Worker } from 'node:worker_threads';
import { errorFrom } from '../checks/probeOrders';
import { MusterError } from '../errors';
import { spokenTexts, t } from '../l10n';
import type { OrderAnswer, OrderInput, OrderName } from './profileOrders';
import type { ProfileAnswer, ProfileOrder, ProfileSource, ProfileThreadData } from './profileWorker';

/** MiB that the thread may use: a file of 500 MB as text, and what is made of it. */
const maxHeapMb = 4096;

interface Waiting extends ProfileOrder {
  transfer: readonly TransferListItem[];
  settle: (answer: ProfileAnswer | MusterError) => void;
}

/** A thread that holds one profile and answers orders about it, one at a time, in the order of their coming. */
export class ProfileThread {
  private readonly worker: Worker;
  private readonly waiting: Waiting[] = [];
  private current: Waiting | undefined;
  private ended: MusterError | undefined;

  /** `file` is the bundle of profileWorker.ts. */
  constructor(
    file: string,
    private readonly source: ProfileSource,
  ) {
    this.worker = new Worker(file, {
      workerData: { ...source, texts: spokenTexts() } satisfies ProfileThreadData,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    this.worker.on('message', (answer: ProfileAnswer) => {
      this.current?.settle(answer);
      this.current = undefined;
      this.next();
    });
    this.worker.on('error', (error) => this.end(tooLarge(this.source, error)));
    this.worker.on('exit', () => this.end(tooLarge(this.source)));
  }

  /**
   * Asks about the profile. One that is cancelled before its turn is never begun.
   * @throws MusterError FORMAT, TOO_LARGE, CANCELLED
   */
  ask<Name extends OrderName>(
    order: Name,
    input: OrderInput<Name>,
    signal?: AbortSignal,
    transfer: readonly TransferListItem[] = [],
  ): Promise<OrderAnswer<Name>> {
    return new Promise((resolve, reject) => {
      const stop = () => asked.settle(new MusterError('CANCELLED', t('the profile is no longer needed')));
      const asked: Waiting = {
        ...{ order, input, transfer },
        settle: (answer) => {
          signal?.removeEventListener('abort', stop);
          const index = this.waiting.indexOf(asked);
          if (index >= 0) this.waiting.splice(index, 1);
          if (answer instanceof MusterError) reject(answer);
          else if ('error' in answer) reject(errorFrom(answer.error));
          else resolve(answer.value as OrderAnswer<Name>);
        },
      };
      if (this.ended) return asked.settle(this.ended);
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop);
      this.waiting.push(asked);
      this.next();
    });
  }

  /** Whoever waits is told CANCELLED. */
  async dispose(): Promise<void> {
    this.end(new MusterError('CANCELLED', t('the profile was closed')));
    await this.worker.terminate();
  }

  private next(): void {
    if (this.current) return;
    this.current = this.waiting.shift();
    if (!this.current) return;
    const { order, input, transfer } = this.current;
    this.worker.postMessage({ order, input } satisfies ProfileOrder, transfer);
  }

  private end(why: MusterError): void {
    this.ended ??= why;
    for (const asked of [this.current, ...this.waiting]) asked?.settle(this.ended);
    this.current = undefined;
  }
}

const tooLarge = ({ name }: ProfileSource, cause?: unknown) =>
  new MusterError('TOO_LARGE', t('{0}: the profile does not fit into memory', name), {
    hint: t('Merge its stacks first, for example with: muster profile convert FILE --to folded'),
    cause,
  });
