import { readdir, readFile } from 'node:fs/promises';
import { until } from './until';

/**
 * Stops a process until it gets SIGCONT. Its threads stop one after the other: resolves once none of them runs, at once where
 * it has ended.
 */
export async function standStill(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGSTOP');
  } catch {
    return;
  }
  await until(`process ${pid} standing still`, async () => {
    const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
    return (await Promise.all(threads.map((thread) => isStopped(`/proc/${pid}/task/${thread}`)))).every(
      Boolean,
    );
  });
}

/** A thread that has ended runs no more either. */
async function isStopped(thread: string): Promise<boolean> {
  const stat = await readFile(`${thread}/stat`, 'latin1').catch(() => undefined);
  return stat === undefined || /^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}
