import type { FoldedGroup } from '../../core/fold';
import type { RunTiming } from '../../core/timing';
import type { RunEntry } from '../runHistory';

export interface RunNode {
  readonly kind: 'run';
  readonly entry: RunEntry;
}

/** Hosts of a run with the same outcome and output. */
export interface RunGroupNode {
  readonly kind: 'runGroup';
  readonly entry: RunEntry;
  readonly parent: RunNode;
  readonly group: FoldedGroup;
}

export interface RunHostNode {
  readonly kind: 'runHost';
  readonly entry: RunEntry;
  readonly parent: RunGroupNode;
  readonly host: string;
  readonly timing: RunTiming;
}

export type RunsNode = RunNode | RunGroupNode | RunHostNode;

/** The host whose output the row stands for; a run has none of its own. */
export function hostOf(node: RunsNode): string | undefined {
  if (node.kind === 'run') return undefined;
  return node.kind === 'runHost' ? node.host : node.group.result.host;
}

/** The rows that a command of the Runs view was called on. */
export function runNodesOf(node: unknown, selected: unknown): RunsNode[] {
  return (Array.isArray(selected) ? (selected as unknown[]) : [node]).filter(isRunsNode);
}

function isRunsNode(value: unknown): value is RunsNode {
  return typeof value === 'object' && value !== null && 'entry' in value && 'kind' in value;
}
