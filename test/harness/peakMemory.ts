import { readFileSync } from 'node:fs';

/** The most that this process ever held, in bytes: what was in memory, and what was asked for whether used or not. */
export function peakMemory(): { resident: number; asked: number } {
  const status = readFileSync('/proc/self/status', 'utf8');
  const peak = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1]);
  return { resident: peak('VmHWM'), asked: peak('VmPeak') };
}
