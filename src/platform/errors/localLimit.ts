// eslint-disable-next-line no-restricted-syntax -- /proc and the null device are in memory and answer at once
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { MusterError, toMusterError } from './errors';

/** Descriptors that are left to files, name lookups, and what else this process does meanwhile. */
const reserve = 16;
/** Milliseconds until it is tried again; others give back their descriptors meanwhile. */
const restMs = 50;
/** Milliseconds after which a file that cannot be opened for want of descriptors is given up. */
const fileLimitMs = 5_000;

/** Whether it failed because this machine has no more of something, which says nothing about a host. */
export function isLocalLimit(error: unknown): boolean {
  return toMusterError(error).code === 'LOCAL_LIMIT';
}

/** How many connections this process can have open beside what it has, at least one; Infinity where that is unknown. */
export function descriptorRoom(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))!;
    return Math.max(1, Number(soft) - readdirSync('/proc/self/fd').length - reserve);
  } catch {
    // Elsewhere than on Linux, or without one left for reading this.
    return Infinity;
  }
}

/** Whether there is no descriptor left: what is behind getaddrinfo reports that as a name that it cannot resolve. */
export function outOfDescriptors(): boolean {
  try {
    closeSync(openSync(devNull, 'r'));
    return false;
  } catch (error) {
    return isLocalLimit(error);
  }
}

/** Waits for a moment in which descriptors may be given back. */
export function rest(): Promise<void> {
  return delay(restMs);
}

/** Opens something as soon as a descriptor is free. @throws what `open` throws */
export async function whenDescriptorsAreFree<T>(open: () => Promise<T>): Promise<T> {
  for (const startedAt = performance.now(); ;) {
    try {
      return await open();
    } catch (error) {
      if (!isLocalLimit(error) || performance.now() - startedAt > fileLimitMs) throw error;
      await rest();
    }
  }
}

/** @throws MusterError LOCAL_LIMIT where this machine is why it failed */
export function refuseLocalLimit(error: unknown): void {
  const known = toMusterError(error);
  if (MusterError.is(known, 'LOCAL_LIMIT')) throw known;
}
