import { Worker } from 'node:worker_threads';
import { errorFrom } from '../checks/probeOrders';
import { MusterError } from '../errors';
import type { DrawableProfile } from './drawableProfile';
import type { ProfileAnswer, ProfileOrder } from './profileWorker';

/** MiB that the thread may use: a file of 500 MB as text, and what is made of it. */
const maxHeapMb = 4096;

/** Reads a profile in a thread of its own, which ends with it. @throws MusterError FORMAT, TOO_LARGE, CANCELLED */
export function readInThread(
  workerFile: string,
  order: ProfileOrder,
  signal: AbortSignal,
): Promise<DrawableProfile> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile, {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    const stop = () => {
      reject(new MusterError('CANCELLED', 'the profile is not read any more'));
      void worker.terminate();
    };
    signal.addEventListener('abort', stop);
    worker.on('message', (answer: ProfileAnswer) => {
      if ('profile' in answer) resolve(answer.profile);
      else reject(errorFrom(answer.error));
    });
    worker.on('error', (error) => reject(tooLarge(order, error)));
    worker.on('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(tooLarge(order));
    });
  });
}

const tooLarge = ({ name }: ProfileOrder, cause?: unknown) =>
  new MusterError('TOO_LARGE', `${name}: the profile does not fit into memory`, {
    hint: 'Merge its stacks first, for example with: muster profile convert FILE --to folded',
    cause,
  });
