import type { Share } from '../../platform/batch/fanOut';
import { parseSerial, parseShare } from '../../platform/batch/fanOut';
import { parseDuration } from '../../platform/inventory/schema/duration';
import { UsageError } from './exitStatus';
import { t } from './l10n';

/** What commander gives for the options that every command has. */
export interface CommonOptions {
  inventory?: string;
  json?: boolean;
  ndjson?: boolean;
  color: boolean;
  verbose?: boolean;
  keepGoing?: boolean;
}

/** Options of commands that work on many hosts, as written. */
export interface BatchOptions extends CommonOptions {
  concurrency?: string;
  timeout?: string;
  failFast?: boolean;
  maxFailures?: string;
  serial?: string;
  acceptNew?: boolean;
  sshThreads?: string;
}

/** The same, read; what is undefined is the inventory's or the core's to decide. */
export interface BatchSettings {
  concurrency?: number;
  timeoutMs?: number;
  maxFailures?: Share;
  serial?: Share[];
}

const mostConcurrency = 10_000;
const longestMs = 86_400_000;

/** @throws UsageError, MusterError INVENTORY */
export function readBatchOptions(options: BatchOptions): BatchSettings {
  return {
    concurrency: given(options.concurrency, readConcurrency),
    timeoutMs: given(options.timeout, (text) => readDuration(text, '--timeout')),
    maxFailures: options.failFast
      ? { count: 0 }
      : given(options.maxFailures, (text) => parseShare(text, '--max-failures')),
    serial: given(options.serial, (text) => parseSerial(text, '--serial')),
  };
}

/** What an option that was given comes to. */
export function given<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

function readConcurrency(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= mostConcurrency) return value;
  throw new UsageError(t('--concurrency: "{0}" is not a number from 1 to {1}', text, mostConcurrency));
}

/** @throws UsageError naming `option` */
export function readCount(text: string, option: string, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value <= most) return value;
  throw new UsageError(t('{0}: "{1}" is not a number from 0 to {2}', option, text, most));
}

/** Milliseconds of a duration up to a day. @throws UsageError naming `option` */
export function readDuration(text: string, option: string): number {
  try {
    const ms = parseDuration(text);
    if (ms > 0 && ms <= longestMs) return ms;
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`);
  }
  throw new UsageError(t('{0}: "{1}" is not more than 0 and at most 1d', option, text));
}

const units: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2 };
/** Of each output of a host; what is kept is held in memory and printed as one JSON string. */
const mostOutput = 64 * 1024 ** 2;

/** `65536`, `64k`, `64KiB` or `10MiB` in bytes, at most 64 MiB. @throws UsageError */
export function readSize(text: string, option: string): number {
  const [, amount, unit] = /^(\d{1,12})\s*([km]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(amount) * (units[unit?.toLowerCase() ?? ''] ?? NaN);
  if (bytes <= mostOutput) return bytes;
  throw new UsageError(t('{0}: "{1}" is not a size up to 64MiB, such as 65536, 64k or 10MiB', option, text));
}

/** `NAME=value` each; later ones win. @throws UsageError */
export function readEnvironment(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(assignment) ?? [];
      if (name === undefined || value === undefined)
        throw new UsageError(t('--env: "{0}" is not NAME=value', assignment));
      return [name, value];
    }),
  );
}
