import type {
  ChangeRule,
  CheckSettings,
  EtcdCluster,
  InventoryLog,
  Problem,
  ProfilerEntry,
  SourceRange,
  SshSettings,
  TransportName,
} from './model';

/** A piece of text that refers to something, and where it stands. */
export interface Reference {
  text: string;
  range: SourceRange;
  /** The range of a part of the text, for pointing at what is wrong in it. */
  part(offset: number, length?: number): SourceRange;
}

/** A text and where it stands. */
export interface PlacedText {
  text: string;
  range: SourceRange;
}

/** A host as one file describes it, before groups and duplicates are looked at. */
export interface HostDraft {
  name: string;
  /** Placeholders already resolved. */
  address: string;
  labels: Record<string, string>;
  /** Its file's defaults included. */
  ssh: SshSettings;
  transport?: TransportName;
  variables: Record<string, unknown>;
  source: SourceRange;
}

export interface GroupDraft {
  name: string;
  source: SourceRange;
  /** Names, ranges and globs. */
  hosts: Reference[];
  /** Selectors. */
  select: Reference[];
  children: Reference[];
  /** Members already known by name, as from Ansible. */
  names?: readonly string[];
  /** Where it is said that nothing is run on its hosts. */
  readOnly?: SourceRange;
  /** Its entry has a mistake, so that members may be missing. */
  unsound?: boolean;
}

export interface CheckDraft {
  name: string;
  type: string;
  /** Undefined: every host. */
  on?: Reference[];
  timeoutMs: number;
  settings: CheckSettings;
  /** The settings as they were written. */
  input: Readonly<Record<string, unknown>>;
  /** The etcd cluster that it asks. */
  cluster?: Reference;
  /** `{label.X}` in its settings, by X. */
  labels: Map<string, SourceRange>;
  /** Command lines for a shell that hold placeholders. */
  commandLines: PlacedText[];
  source: SourceRange;
}

export interface ClusterDraft {
  settings: EtcdCluster;
  /** Where it names the host that leads to it. */
  through?: Reference;
  rules: RuleDraft[];
}

export interface RuleDraft extends Omit<ChangeRule, 'cluster' | 'hosts' | 'on'> {
  /** Selectors. */
  on: Reference[];
  /** Names of checks. */
  checks: Reference[];
}

export interface ProfilerDraft {
  profiler: Omit<ProfilerEntry, 'hosts'>;
  /** Undefined: every host. */
  on?: Reference[];
  /** `{label.X}` in its settings, by X. */
  labels: Map<string, SourceRange>;
  /** Command lines for a shell that hold placeholders. */
  commandLines: PlacedText[];
}

export interface LogDraft extends Omit<InventoryLog, 'hosts'> {
  /** Selectors; none: every host. */
  on: Reference[];
  /** `{label.X}` in its path, unit or command, by X. */
  labels: Map<string, SourceRange>;
  commandLines: PlacedText[];
}

/** What a file asks to be read as well. */
export interface ImportDraft {
  kind: 'sshConfig' | 'ansible' | 'muster';
  path: string;
  range: SourceRange;
}

/** What one file with hosts comes to. */
export interface Fragment {
  file: string;
  hosts: HostDraft[];
  /** Hosts that are there but unsound: naming them is no mistake. */
  unsoundHosts: string[];
  groups: GroupDraft[];
  checks: CheckDraft[];
  clusters: ClusterDraft[];
  /** Clusters that are there but unsound: naming them is no mistake. */
  unsoundClusters: string[];
  profilers: ProfilerDraft[];
  logs: LogDraft[];
  imports: ImportDraft[];
  defaultSsh: SshSettings;
  concurrency?: number;
  problems: Problem[];
  /** Files read for it, itself included. */
  files: string[];
}

export function emptyFragment(file: string): Fragment {
  return {
    file,
    hosts: [],
    unsoundHosts: [],
    groups: [],
    checks: [],
    clusters: [],
    unsoundClusters: [],
    profilers: [],
    logs: [],
    imports: [],
    defaultSsh: {},
    problems: [],
    files: [file],
  };
}
