import type { SourceRange } from '../../../../platform/inventory/model';
import type { SectionToken } from '../../../../platform/inventory/sectionToken';

/** A profiler of the section `profilers`: what to capture, and where. */
export interface ProfilerEntry {
  readonly name: string;
  readonly type: string;
  /** Names of the hosts that it can capture from, in the inventory's order. */
  readonly hosts: readonly string[];
  /** As validated by the profiler's own schema. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly kind?: string;
  readonly durationMs?: number;
  /** Samples a second. */
  readonly rate?: number;
  /** What relative paths of its files are relative to. */
  readonly directory: string;
  readonly source: SourceRange;
}

export const profilerEntries: SectionToken<ProfilerEntry> = { key: 'profilers' };
