import type { ErrorReport } from '../../../../platform/errors/errors';
import type { Callee } from '../../core/analysis/callees';
import type { PathStep } from '../../core/analysis/criticalPath';
import type { HotFunction } from '../../core/analysis/hotFunctions';
import type { CountedLabelKey } from '../../core/model/labelSelection';
import type { LabelValue } from '../../core/analysis/labelWeights';
import type { ProfileSummary } from '../../core/analysis/profileSummary';
import type { ShownLabel } from '../../protocol/flameGraph';
import type { ProfileEntry } from './profileEntry';

/** The captures of a host or of several hosts together; without hosts, files that were opened. */
export interface ProfileGroupNode {
  readonly kind: 'profileGroup';
  readonly hosts: readonly string[];
  readonly entries: readonly ProfileEntry[];
  readonly parent: undefined;
}

export interface ProfileNode {
  readonly kind: 'profile';
  readonly entry: ProfileEntry;
  readonly parent: ProfileGroupNode;
}

export interface ValueTypeNode {
  readonly kind: 'valueType';
  readonly entry: ProfileEntry;
  readonly parent: ProfileNode;
  readonly valueType: number;
  readonly summary: ProfileSummary;
}

export type SectionName = 'hot' | 'path' | 'tree' | 'labels';

export interface SectionNode {
  readonly kind: 'section';
  readonly section: SectionName;
  readonly entry: ProfileEntry;
  readonly parent: ProfileNode | ValueTypeNode | LabelValueNode;
  readonly valueType: number;
  readonly summary: ProfileSummary;
  /** Only samples with the label. */
  readonly label?: ShownLabel;
  /** What shares are of. */
  readonly whole: number;
  /** Rows shown at most. */
  limit: number;
}

/** A key of labels. */
export interface LabelKeyNode {
  readonly kind: 'labelKey';
  readonly entry: ProfileEntry;
  readonly parent: SectionNode;
  readonly section: SectionNode;
  readonly labels: CountedLabelKey;
  /** Values shown at most. */
  limit: number;
}

/** A value of a label, below which are the functions of the samples that have it. */
export interface LabelValueNode {
  readonly kind: 'labelValue';
  readonly entry: ProfileEntry;
  readonly parent: LabelKeyNode;
  readonly section: SectionNode;
  readonly label: ShownLabel;
  readonly value: LabelValue;
}

/** A function among the hot ones, on the critical path or in the call tree. */
export interface FunctionNode {
  readonly kind: 'function';
  readonly entry: ProfileEntry;
  readonly parent: SectionNode | FunctionNode;
  readonly section: SectionNode;
  readonly function: HotFunction & Partial<Pick<PathStep, 'narrows'>> & Partial<Callee>;
  /** Rows below it shown at most. */
  limit: number;
}

/** What is said instead of rows, or after them. */
export interface ProfileNoteNode {
  readonly kind: 'more' | 'failed' | 'empty';
  readonly entry: ProfileEntry;
  readonly parent: ProfileNode | SectionNode | FunctionNode | LabelKeyNode;
  readonly hidden?: number;
  readonly error?: ErrorReport;
}

export type ProfilesNode =
  | ProfileGroupNode
  | ProfileNode
  | ValueTypeNode
  | SectionNode
  | LabelKeyNode
  | LabelValueNode
  | FunctionNode
  | ProfileNoteNode;

const kinds = [
  ...['profileGroup', 'profile', 'valueType', 'section', 'labelKey', 'labelValue', 'function'],
  ...['more', 'failed', 'empty'],
];

/** The rows that a command of the Profiles view was called on. */
export function profileNodesOf(node: unknown, selected?: unknown): ProfilesNode[] {
  const rows = Array.isArray(selected) && selected.length > 0 ? (selected as unknown[]) : [node];
  return rows.filter(
    (row): row is ProfilesNode =>
      typeof row === 'object' && row !== null && kinds.includes((row as { kind?: string }).kind ?? ''),
  );
}

/** The profiles of rows, each once. */
export function entriesOf(nodes: readonly ProfilesNode[]): ProfileEntry[] {
  return [...new Set(nodes.flatMap((node) => (node.kind === 'profileGroup' ? node.entries : [node.entry])))];
}

/** The type of values that a row is about; undefined for a whole profile. */
export function valueTypeOf(node: ProfilesNode): number | undefined {
  if (node.kind === 'valueType' || node.kind === 'section') return node.valueType;
  return node.kind === 'profileGroup' || node.kind === 'profile' ? undefined : valueTypeOf(node.parent);
}

/** The label of the samples that a row is about; undefined for all samples. */
export function labelOf(node: ProfilesNode): ShownLabel | undefined {
  if (node.kind === 'labelValue' || node.kind === 'section') return node.label;
  return node.kind === 'function' ? node.section.label : undefined;
}
