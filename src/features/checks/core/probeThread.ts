import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import type { Deadline } from '../../../platform/batch/deadline';
import type { Check } from './check';
import type { Host } from '../../../platform/inventory/model';
import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { threadProxy, type ThreadProxy } from '../../../platform/threads/threadProxy';
import type { Finding } from './probe';
import type { ProbeContract } from './probeContract';

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
  /** The bundle of probe.worker.ts. */
  file: string;
  /** Of the probes that need sockets only: half where speed counts, all where this thread has others to serve. */
  takes: 'half' | 'all';
}

/**
 * A thread beside this one for the probes which need sockets only. Nearly all of their time is spent in the kernel's
 * calls for sockets, which wait for each other within a thread. Started at its first use.
 */
export class ProbeThread {
  private thread: ThreadProxy<ProbeContract> | undefined;
  private isReady = false;
  private lastCheck = 0;

  constructor(private readonly options: ProbeThreadOptions) {}

  /** A share for one batch; undefined if it is too small for a second thread to help, or there is one processor. */
  shareFor(targets: number): ThreadShare | undefined {
    const takesAll = this.options.takes === 'all';
    if (targets < minTargets || (!takesAll && availableParallelism() < 2)) return undefined;
    const thread = (this.thread ??= this.start());
    const learned = new Map<Check, number>();
    let here = 0;
    let there = 0;
    const stay = async (inPlace: () => Promise<Finding>) => {
      here++;
      return inPlace().finally(() => here--);
    };
    const numberOf = (check: Check): number => {
      const known = learned.get(check);
      if (known !== undefined) return known;
      const number = ++this.lastCheck;
      learned.set(check, number);
      const { type, input, source } = check;
      thread.tells.learn(number, { type, input, directory: dirname(source.file) });
      return number;
    };
    return {
      probe: async ({ name, address, labels, ssh }, check, deadline, inPlace) => {
        if (thread.failure instanceof ThreadLost || (!takesAll && (!this.isReady || there > here)))
          return stay(inPlace);
        there++;
        try {
          return await thread.calls.probe({ name, address, labels, ssh }, numberOf(check), deadline);
        } catch (error) {
          if (error instanceof ThreadLost) return stay(inPlace);
          throw error;
        } finally {
          there--;
        }
      },
      end: () => thread.tells.forget([...learned.values()]),
    };
  }

  /** Whoever waits for it gets CANCELLED. */
  async dispose(): Promise<void> {
    await this.thread?.dispose(new MusterError('CANCELLED', t('the engine was closed')));
  }

  private start(): ThreadProxy<ProbeContract> {
    return threadProxy<ProbeContract>({
      file: this.options.file,
      data: undefined,
      hears: { ready: () => (this.isReady = true) },
      lost: () => {
        this.thread = undefined;
        this.isReady = false;
        return new ThreadLost();
      },
      gathers: true,
      isUnreferenced: true,
    });
  }
}
