import type { CancellationToken } from 'vscode';

/** Does work with a signal that aborts when the token is cancelled. */
export async function abortOn<T>(
  token: CancellationToken | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  if (token?.isCancellationRequested) controller.abort();
  const heard = token?.onCancellationRequested(() => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    heard?.dispose();
  }
}
