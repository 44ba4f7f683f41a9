import type { KeyState } from '../../core/watch/keyStates';
import type { KeyValue } from '../../core/client/etcdModel';
import type { ClusterStatus, EndpointStatus } from '../../core/client/etcdStatus';
import type { ErrorReport } from '../../../../platform/errors/errors';
import type { Cluster } from '../clusters/cluster';

export interface ClusterNode {
  readonly kind: 'cluster';
  readonly cluster: Cluster;
  readonly parent: undefined;
  status?: ClusterStatus;
  /** Members that were healthy when one last was, and when that was, ms since the epoch. */
  lastHealthy?: { members: number; at: number };
  /** The watch has lost its connection, and the members have not been asked since. */
  isLost?: boolean;
  level?: Level;
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly cluster: Cluster;
  readonly parent: ParentNode;
  /** What the keys in it begin with, separator included. */
  readonly prefix: Buffer;
  /** Keys in it and in its folders; undefined until they were counted. */
  count?: number;
  level?: Level;
}

export interface KeyNode {
  readonly kind: 'key';
  readonly cluster: Cluster;
  readonly parent: ParentNode;
  /** Without its value. */
  kv: KeyValue;
  /** VS Code has its tooltip, which it keeps until the row is drawn anew. */
  isExplained?: boolean;
}

/** A row that is neither: there is more to load, or it could not be loaded. */
export interface NoteNode {
  readonly kind: 'more' | 'failed';
  readonly cluster: Cluster;
  readonly parent: ParentNode;
  readonly error?: ErrorReport;
}

export type ParentNode = ClusterNode | FolderNode;
export type ConfigNode = ParentNode | KeyNode | NoteNode;

/** A key of a cluster. */
export interface KeyPlace {
  cluster: Cluster;
  key: Buffer;
}

/** A state of the key that the view shows, and those beside it. */
export interface RevisionNode extends KeyPlace {
  state: KeyState;
  previous: KeyState | undefined;
  next: KeyState | undefined;
  now: KeyState;
}

/** The rows below a cluster or a folder, as far as they were loaded. */
export interface Level {
  entries: (FolderNode | KeyNode)[];
  /** Where the next page begins; undefined when all are there. */
  next: Buffer | undefined;
  error?: ErrorReport;
}

/** Whether it is known that no member of a cluster answers, or feared until they have been asked. */
export function isUnreachable({ isLost, status }: ClusterNode): boolean {
  return isLost || (status?.endpoints.every(isSilent) ?? false);
}

/** Whether a member answers, and wants to know who asks. */
export function wantsLogin({ error }: EndpointStatus): boolean {
  return error?.code === 'AUTH' && error.phase === 'auth';
}

function isSilent(endpoint: EndpointStatus): boolean {
  return !endpoint.healthy && endpoint.version === undefined && !wantsLogin(endpoint);
}

/** What the keys below a row begin with. */
export function prefixOf(node: ParentNode): Buffer {
  return node.kind === 'cluster' ? node.cluster.prefix : node.prefix;
}
