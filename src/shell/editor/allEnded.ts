/** Like `Promise.all`, but rejects only when all have ended: nobody could cancel those that went on. */
export async function allEnded<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
