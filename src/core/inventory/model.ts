import type { EtcdSettings } from '../etcd/etcdSettings';
import type { LogSource } from '../logs/logSource';

/** A place in a file; lines and columns count from 1, the end is exclusive. */
export interface SourceRange {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** A check's settings as its probe's schema leaves them. */
export type CheckSettings = Readonly<Record<string, unknown>>;

export interface SshSettings {
  user?: string;
  port?: number;
  /** Paths with `~` still in them; tried in order. */
  identityFile?: readonly string[];
  identitiesOnly?: boolean;
  /** Jumps from here to the host: inventory names, ssh_config aliases or `user@host:port`. Empty means none. */
  proxyJump?: readonly string[];
  proxyCommand?: string;
  connectTimeoutMs?: number;
  /** Paths with `~` still in them, all read. */
  knownHosts?: readonly string[];
  /** ssh_config files whose `Host` and `Match` blocks apply to this host, from `imports`. */
  configFiles?: readonly string[];
}

/** How a host is reached: over SSH, or not at all because it is this machine. */
export const transportNames = ['ssh', 'local'] as const;
export type TransportName = (typeof transportNames)[number];

export interface Host {
  readonly name: string;
  /** Host name or IP address, placeholders resolved. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the groups that hold the host, in the inventory's order. */
  readonly groups: readonly string[];
  readonly ssh: SshSettings;
  /** Default: ssh. */
  readonly transport?: TransportName;
  /** Other variables, e.g. Ansible's host vars. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly source: SourceRange;
  /** The first group that makes the host read-only: nothing is run on it, checks are made. */
  readonly readOnly?: ReadOnly;
}

/** Who says that a host is read-only: the name of a group, and the place where it says so. */
export interface ReadOnly {
  readonly group: string;
  readonly source: SourceRange;
}

export interface Group {
  readonly name: string;
  /** Member names in the inventory's order. */
  readonly hosts: readonly string[];
  readonly source: SourceRange;
}

export interface Check {
  readonly name: string;
  readonly type: string;
  /** Names of the hosts it applies to, in the inventory's order. */
  readonly hosts: readonly string[];
  /** One check on one host, connecting included. */
  readonly timeoutMs: number;
  /** As validated by the probe's own schema. */
  readonly settings: CheckSettings;
  /** The settings as they were written, for another thread to validate again. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly source: SourceRange;
}

/** An etcd cluster of the section `etcd`. */
export interface EtcdCluster extends EtcdSettings {
  /** What its folders of keys end with. */
  readonly separator: string;
  /** Milliseconds for one request. */
  readonly timeoutMs: number;
  /** What relative paths of its files are relative to. */
  readonly directory: string;
  readonly source: SourceRange;
}

/** A profiler of the section `profilers`: what to capture, and where. */
export interface ProfilerEntry {
  readonly name: string;
  readonly type: string;
  /** Names of the hosts that it can capture from, in the inventory's order. */
  readonly hosts: readonly string[];
  /** As validated by the profiler's own schema. */
  readonly settings: CheckSettings;
  readonly kind?: string;
  readonly durationMs?: number;
  /** Samples a second. */
  readonly rate?: number;
  /** What relative paths of its files are relative to. */
  readonly directory: string;
  readonly source: SourceRange;
}

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

/** An entry of the section `logs`. */
export interface InventoryLog extends LogSource {
  readonly source: SourceRange;
}

/** A change of the document that mends a problem, made by an editor. */
export type ProblemFix =
  | { readonly kind: 'create'; readonly section: 'hosts' | 'groups'; readonly name: string }
  | { readonly kind: 'setType'; readonly check: string; readonly types: readonly string[] }
  | { readonly kind: 'movePort'; readonly host: string; readonly address: string; readonly port: number }
  | { readonly kind: 'import' };

export interface Problem {
  severity: 'error' | 'warning';
  message: string;
  range: SourceRange;
  /** What the word was probably meant to be ("did you mean"). */
  suggestion?: string;
  fixes?: readonly ProblemFix[];
}

/** What a `muster.yaml` with its imports comes to. Sound parts are there even when `problems` has errors. */
export interface Inventory {
  readonly file: string;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly checks: ReadonlyMap<string, Check>;
  readonly etcd: ReadonlyMap<string, EtcdCluster>;
  readonly profilers: ReadonlyMap<string, ProfilerEntry>;
  /** Sources of logs by name. */
  readonly logs: ReadonlyMap<string, InventoryLog>;
  /** Of all clusters, in the order of the file. */
  readonly changeRules: readonly ChangeRule[];
  /** Targets in flight. */
  readonly concurrency: number;
  readonly defaultSsh: SshSettings;
  readonly problems: readonly Problem[];
  /** Every file read, the inventory first: what to watch. */
  readonly files: readonly string[];
}
