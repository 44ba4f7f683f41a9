import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { threadProxy } from '../../../../platform/threads/threadProxy';
import type { CaptureContract, CaptureFiles, SeenCaptures } from './captureContract';

/** MiB that the thread may use. */
const heapMb = 4096;

/**
 * Looks into captured files, and merges them, in a thread that ends with it; `file` is the bundle of capture.worker.ts.
 * @throws MusterError TOO_LARGE
 */
export async function lookIntoCaptures(file: string, files: CaptureFiles): Promise<SeenCaptures> {
  const thread = threadProxy<CaptureContract>({
    ...{ file, data: undefined, hears: {}, heapMb },
    lost: (cause) =>
      new MusterError('TOO_LARGE', t('the captures do not fit into memory'), {
        hint: t('Capture for a shorter time, at a lower rate, or from fewer hosts.'),
        cause,
      }),
  });
  try {
    return await thread.calls.look(files);
  } finally {
    await thread.dispose(new MusterError('CANCELLED', t('the profile is no longer needed')));
  }
}
