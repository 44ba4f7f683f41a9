import { Worker } from 'node:worker_threads';
import { errorFrom } from '../../checks/probeOrders';
import { MusterError } from '../../errors';
import { spokenTexts, t } from '../../l10n';
import type { CaptureAnswer, CaptureFiles, CaptureThreadData, SeenCaptures } from './captureWorker';

/** MiB that the thread may use. */
const maxHeapMb = 4096;

/**
 * Looks into captured files, and merges them, in a thread that ends with it; `worker` is the bundle of
 * captureWorker.ts. @throws MusterError TOO_LARGE
 */
export function lookIntoCaptures(worker: string, files: CaptureFiles): Promise<SeenCaptures> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(worker, {
      workerData: { ...files, texts: spokenTexts() } satisfies CaptureThreadData,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    thread.on('message', (answer: CaptureAnswer) => {
      if ('seen' in answer) resolve(answer.seen);
      else reject(errorFrom(answer.error));
    });
    const fail = (cause?: unknown) =>
      reject(
        new MusterError('TOO_LARGE', t('the captures do not fit into memory'), {
          hint: t('Capture for a shorter time, at a lower rate, or from fewer hosts.'),
          cause,
        }),
      );
    thread.on('error', fail);
    thread.on('exit', () => fail());
  });
}
