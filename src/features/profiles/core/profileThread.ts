import type { TransferListItem } from 'node:worker_threads';
import { orCancelled } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { handOver } from '../../../platform/threads/threadContract';
import { threadProxy, type ThreadProxy } from '../../../platform/threads/threadProxy';
import type {
  OrderAnswer,
  OrderInput,
  OrderName,
  ProfileContract,
  ProfileSource,
} from './analysis/profileOrders';

/** MiB that the thread may use: a file of 500 MB as text, and what is made of it. */
const heapMb = 4096;

/** A thread that holds one profile and answers orders about it, one at a time, in the order of their coming. */
export class ProfileThread {
  private readonly thread: ThreadProxy<ProfileContract>;

  /** `file` is the bundle of profile.worker.ts. */
  constructor(file: string, source: ProfileSource) {
    this.thread = threadProxy<ProfileContract>({
      ...{ file, data: source, hears: {}, heapMb, atOnce: 1 },
      lost: (cause) =>
        new MusterError('TOO_LARGE', t('{0}: the profile does not fit into memory', source.name), {
          hint: t('Merge its stacks first, for example with: muster profile convert FILE --to folded'),
          cause,
        }),
    });
  }

  /**
   * Asks about the profile. One that is cancelled before its turn is never begun.
   * @throws MusterError FORMAT, TOO_LARGE, CANCELLED
   */
  async ask<Name extends OrderName>(
    order: Name,
    input: OrderInput<Name>,
    signal?: AbortSignal,
    transfer: readonly TransferListItem[] = [],
  ): Promise<OrderAnswer<Name>> {
    if (transfer.length > 0) handOver(input as object, transfer);
    const carryOut = this.thread.calls[order] as Asked<Name>;
    try {
      return await orCancelled(signal, () => carryOut(input, signal));
    } catch (error) {
      if (!signal?.aborted) throw error;
      throw new MusterError('CANCELLED', t('the profile is no longer needed'), { cause: error });
    }
  }

  /** Whoever waits gets CANCELLED. */
  dispose(): Promise<void> {
    return this.thread.dispose(new MusterError('CANCELLED', t('the profile was closed')));
  }
}

type Asked<Name extends OrderName> = (
  input: OrderInput<Name>,
  signal?: AbortSignal,
) => Promise<OrderAnswer<Name>>;
