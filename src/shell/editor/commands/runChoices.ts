import type { Share } from '../../../platform/batch/fanOut';
import { parseDuration } from '../../../platform/inventory/schema/duration';

/** How to run, as a person writes it; what is not given is left to the settings and the inventory. */
export interface RunChoices {
  concurrency?: string;
  timeout?: string;
  serial?: string;
  /** Between the batches of `serial`. */
  pause?: string;
  maxFailures?: string;
  retries?: string;
}

export type ChoiceName = keyof RunChoices;
export const choiceNames: readonly ChoiceName[] = [
  ...(['concurrency', 'timeout', 'serial', 'pause', 'maxFailures', 'retries'] as const),
];

/** The same for the batch. */
export interface RunControl {
  concurrency?: number;
  timeoutMs?: number;
  serial?: readonly Share[];
  pauseMs?: number;
  maxFailures?: Share;
  retries?: number;
}

const mostConcurrency = 10_000;
const longestMs = 86_400_000;
export const mostRetries = 100;

const readers: Record<ChoiceName, (text: string) => RunControl | undefined> = {
  concurrency: (text) => {
    const concurrency = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    return concurrency >= 1 && concurrency <= mostConcurrency ? { concurrency } : undefined;
  },
  timeout: (text) => {
    const timeoutMs = durationOf(text);
    return timeoutMs === undefined ? undefined : { timeoutMs };
  },
  serial: (text) => {
    const serial = text.split(',').map((size) => shareOf(size, 1));
    return serial.every((share) => share !== undefined) ? { serial } : undefined;
  },
  pause: (text) => {
    const pauseMs = durationOf(text);
    return pauseMs === undefined ? undefined : { pauseMs };
  },
  retries: (text) => {
    const retries = /^\d{1,3}$/.test(text) ? Number(text) : Infinity;
    return retries <= mostRetries ? { retries } : undefined;
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

/** The choices with another one; without batches there is no pause between them. */
export function withChoice(choices: RunChoices, name: ChoiceName, text: string): RunChoices {
  const chosen = Object.entries({ ...choices, [name]: text.trim() }).filter(([, value]) => value !== '');
  const { pause, ...others } = Object.fromEntries(chosen) as RunChoices;
  return { ...others, ...(pause !== undefined && others.serial !== undefined && { pause }) };
}

/** All of them; those that make no sense are left out. */
export function controlOf(choices: RunChoices): RunControl {
  const parts = choiceNames.map((name) =>
    choices[name] === undefined ? {} : readChoice(name, choices[name]),
  );
  return Object.assign({}, ...parts) as RunControl;
}

/** Milliseconds of up to a day; undefined for none and for what is no duration. */
function durationOf(text: string): number | undefined {
  try {
    const ms = parseDuration(text);
    return ms > 0 && ms <= longestMs ? ms : undefined;
  } catch {
    return undefined;
  }
}

function shareOf(text: string, least = 0): Share | undefined {
  const [, digits, percent] = /^(\d{1,6})(%?)$/.exec(text.trim()) ?? [];
  const value = Number(digits);
  if (digits === undefined || value < least) return undefined;
  if (!percent) return { count: value };
  return value <= 100 ? { percent: value } : undefined;
}
