import type { SourceRange } from '../../../../platform/inventory/model';
import type { SectionToken } from '../../../../platform/inventory/sectionToken';

/** What to do when keys of a cluster change: an entry of its `onChange`. */
export interface ChangeRule {
  readonly name: string;
  readonly cluster: string;
  /** Patterns for what follows the cluster's prefix. */
  readonly keys: readonly string[];
  /** Selectors as they were written; none: every host, or the one that the key names. */
  readonly on: readonly string[];
  /** Names of the hosts that it may affect, in the inventory's order. */
  readonly hosts: readonly string[];
  readonly notify: boolean;
  /** Which checks of the affected hosts to make. */
  readonly check: 'all' | 'none' | readonly string[];
  /** Command line. */
  readonly run?: string;
  /** Milliseconds: changes with shorter pauses between them are one. */
  readonly settleMs: number;
  readonly source: SourceRange;
}

/** By cluster, in the order of the file; clusters without rules are left out. */
export const changeRules: SectionToken<readonly ChangeRule[]> = { key: 'etcd.onChange' };
