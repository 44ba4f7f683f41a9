/**
 * Milliseconds of CPU that this process spends while `work` is done. Unlike the clock it hardly depends on what else the
 * machine is doing, so a limit on it tells linear from quadratic on a busy machine too.
 */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
