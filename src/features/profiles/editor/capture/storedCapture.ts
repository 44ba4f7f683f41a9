import type { ValueType } from '../../core/model/profile';

/** What is known of a capture beside the profile itself. No secret belongs here: it is written down as it is. */
export interface CaptureDetails {
  /** Names of the hosts, several where their profiles were merged. */
  hosts: readonly string[];
  /** What was profiled: the name of a service of `profilers:`, or of a process. */
  service: string;
  /** Kind of profiler, such as `go`, `py-spy`, `perf`. */
  profiler: string;
  /** What ran or was asked for, as people read it; empty if there is nothing to say. */
  command: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Milliseconds that it was measured for; undefined for a look at one moment, such as a heap. */
  durationMs?: number;
  valueTypes: readonly ValueType[];
}

/** A capture in the store. */
export interface StoredCapture extends CaptureDetails {
  version: 1;
  id: string;
  /** Name of the profile in the folder of the store. */
  file: string;
  bytes: number;
}

/** undefined for what makes no sense: files of the store can be edited, and cut off. */
export function readCapture(text: string): StoredCapture | undefined {
  try {
    const value = JSON.parse(text) as Partial<StoredCapture> | null;
    return isCapture(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isCapture(value: Partial<StoredCapture> | null): value is StoredCapture {
  const texts = [value?.id, value?.service, value?.profiler, value?.command, value?.file];
  return (
    value?.version === 1 &&
    texts.every((text) => typeof text === 'string') &&
    // Nothing outside of the folder is ever read or removed.
    /^\w[\w.-]*$/.test(value.file!) &&
    [value.startedAt, value.bytes].every(Number.isFinite) &&
    [value.hosts, value.valueTypes].every(Array.isArray)
  );
}
