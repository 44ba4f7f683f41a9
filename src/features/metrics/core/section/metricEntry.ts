import type { BecomeSettings, SourceRange } from '../../../../platform/inventory/model';
import type { SectionToken } from '../../../../platform/inventory/sectionToken';

/** An entry of the section `metrics`: what to read, and from which hosts. */
export interface MetricEntry {
  readonly name: string;
  readonly type: string;
  /** Names of the hosts that have it, in the inventory's order. */
  readonly hosts: readonly string[];
  /** As validated by the schema of its type. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Milliseconds from one reading to the next where it is followed. */
  readonly intervalMs: number;
  readonly become?: BecomeSettings;
  /** What relative paths of its files are relative to. */
  readonly directory: string;
  readonly source: SourceRange;
}

export const metricEntries: SectionToken<MetricEntry> = { key: 'metrics' };
