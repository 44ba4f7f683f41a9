import type { Host, SourceRange } from '../../../platform/inventory/model';
import type { SectionToken } from '../../../platform/inventory/sectionToken';

/** A check's settings as its probe's schema leaves them. */
export type CheckSettings = Readonly<Record<string, unknown>>;

/** An entry of the section `checks`. */
export interface Check {
  readonly name: string;
  readonly type: string;
  /** Names of the hosts it applies to, in the inventory's order. */
  readonly hosts: readonly string[];
  /** One check on one host, connecting included. */
  readonly timeoutMs: number;
  /** Checks that must not be unhealthy, by their names; without circles. */
  readonly after?: readonly string[];
  /** How often an unhealthy verdict is questioned, and after how many milliseconds. */
  readonly retries?: number;
  readonly retryDelayMs?: number;
  /** How often it is made where that goes on for ever, if it says so. */
  readonly intervalMs?: number;
  /** Where it is checked again and again: so many results in a row make it unhealthy, or end that. */
  readonly unhealthyAfter?: number;
  readonly healthyAfter?: number;
  /** As validated by the probe's own schema. */
  readonly settings: CheckSettings;
  /** The settings as they were written, for another thread to validate again. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly source: SourceRange;
}

/** One check on one host. */
export interface CheckTarget {
  host: Host;
  check: Check;
}

export const checks: SectionToken<Check> = { key: 'checks' };
