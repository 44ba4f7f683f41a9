import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<boolean>();

/** Does work that nobody waits for: questions that it leads to are declined, not put. */
export function unattended<T>(work: () => Promise<T>): Promise<T> {
  return scope.run(true, work);
}

/** Does what the user asks for amid work that nobody waits for, such as the answer to its notification. */
export function attended<T>(work: () => Promise<T>): Promise<T> {
  return scope.run(false, work);
}

/** Whether the current work is one that nobody waits for; asynchronous work knows who began it. */
export function isUnattended(): boolean {
  return scope.getStore() ?? false;
}
