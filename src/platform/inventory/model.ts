import type { SectionToken } from './sectionToken';

/** A place in a file; lines and columns count from 1, the end is exclusive. */
export interface SourceRange {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface SshSettings {
  user?: string;
  port?: number;
  /** Paths with `~` still in them; tried in order. */
  identityFile?: readonly string[];
  /** Paths as those; empty for none, also not those beside the identity files. */
  certificateFile?: readonly string[];
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

/** What a host's commands become another user with. */
export const becomeMethods = ['sudo', 'doas', 'su', 'run0'] as const;
export type BecomeMethod = (typeof becomeMethods)[number];

/** How a command becomes another user; what is left out is the inventory's to say. */
export interface BecomeSettings {
  /** Default: root. */
  user?: string;
  /** Default: sudo. */
  method?: BecomeMethod;
  /** `ask`: asked for where the host wants one; `none`: hosts that want one refuse. */
  password?: 'ask' | 'none';
}

/** How commands become another user on a host, by what the inventory says. */
export interface HostBecome extends BecomeSettings {
  /** Whose password it is: `group web`, `host db-1`, `defaults`. It is asked for once, and sent to no other hosts. */
  readonly declaredBy: string;
}

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
  readonly become?: HostBecome;
  /** Other variables, e.g. Ansible's host vars. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly source: SourceRange;
  /** The first group that makes the host read-only: nothing is run on it, checks are made. */
  readonly readOnly?: ReadOnly;
  /** The groups whose sources found it; undefined for a host that a file declares. */
  readonly foundBy?: readonly string[];
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
  /** Of a group whose hosts a source finds. */
  readonly origin?: Origin;
  /** The groups without an answer whose hosts this one may hold as well: there may be more than `hosts`. */
  readonly unknown?: readonly string[];
}

/** What finds the hosts of a group, and how good its answer is. */
export interface Origin {
  /** For people: `etcd main, /services/web/`. */
  readonly from: string;
  /**
   * `waiting`: it has not answered yet; `contested`: another source contradicts it; `stale`: the hosts are those of its last good answer; `unknown`: it never
   * answered; `restricted`: it is not asked, because nothing is connected to.
   */
  readonly state: 'waiting' | 'current' | 'stale' | 'unknown' | 'contested' | 'restricted';
  /** When the answer was last known to be right, in milliseconds since the epoch. */
  readonly answeredAt?: number;
  /** Why there is no answer, or no newer one. */
  readonly reason?: string;
}

/** Whether the source of a group has answered, however long ago. */
export function hasAnswered({ state }: Origin): boolean {
  return state === 'current' || state === 'stale';
}

/** A change of the document that mends a problem, made by an editor. */
export type ProblemFix =
  | { readonly kind: 'create'; readonly section: 'hosts' | 'groups'; readonly name: string }
  | {
      readonly kind: 'setType';
      readonly section: string;
      readonly name: string;
      readonly types: readonly string[];
    }
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
  /** The entries of a section by name. */
  section<Entry>(this: void, token: SectionToken<Entry>): ReadonlyMap<string, Entry>;
  /** The keys that its files may have at the top. */
  readonly topKeys: readonly string[];
  /** Targets in flight. */
  readonly concurrency: number;
  readonly defaultSsh: SshSettings;
  readonly problems: readonly Problem[];
  /** Every file read, the inventory first: what to watch. */
  readonly files: readonly string[];
}
