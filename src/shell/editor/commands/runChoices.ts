import type { Share } from '../../../platform/batch/fanOut';
import { parseDuration } from '../../../platform/inventory/schema/duration';

/** How to run, as a person writes it; what is not given is left to the settings and the inventory. */
export interface RunChoices {
  concurrency?: string;
  timeout?: string;
  serial?: string;
  maxFailures?: string;
}

export type ChoiceName = keyof RunChoices;
export const choiceNames: readonly ChoiceName[] = ['concurrency', 'timeout', 'serial', 'maxFailures'];

/** The same for the batch. */
export interface RunControl {
  concurrency?: number;
  timeoutMs?: number;
  serial?: Share[];
  maxFailures?: Share;
}

const mostConcurrency = 10_000;
const longestTimeoutMs = 86_400_000;

const readers: Record<ChoiceName, (text: string) => RunControl | undefined> = {
  concurrency: (text) => {
    const concurrency = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    return concurrency >= 1 && concurrency <= mostConcurrency ? { concurrency } : undefined;
  },
  timeout: (text) => {
    const timeoutMs = durationMs(text);
    return timeoutMs > 0 && timeoutMs <= longestTimeoutMs ? { timeoutMs } : undefined;
  },
  serial: (text) => {
    const serial = text.split(',').map((size) => shareOf(size, 1));
    return serial.every((share) => share !== undefined) ? { serial } : undefined;
  },
  maxFailures: (text) => {
    const maxFailures = shareOf(text);
    return maxFailures && { maxFailures };
  },
};

/** One of the choices; undefined when it makes no sense. */
export function readChoice(name: ChoiceName, text: string): RunControl | undefined {
  return readers[name](text.trim());
}

/** All of them; those that make no sense are left out. */
export function controlOf(choices: RunChoices): RunControl {
  const parts = choiceNames.map((name) =>
    choices[name] === undefined ? {} : readChoice(name, choices[name]),
  );
  return Object.assign({}, ...parts) as RunControl;
}

function durationMs(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    return 0;
  }
}

function shareOf(text: string, least = 0): Share | undefined {
  const [, digits, percent] = /^(\d{1,6})(%?)$/.exec(text.trim()) ?? [];
  const value = Number(digits);
  if (digits === undefined || value < least) return undefined;
  if (!percent) return { count: value };
  return value <= 100 ? { percent: value } : undefined;
}
