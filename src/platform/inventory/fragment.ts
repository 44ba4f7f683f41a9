import type {
  BecomeSettings,
  HostBecome,
  Origin,
  Problem,
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

/** What an entry says about the hosts that it applies to. */
export interface Targets {
  /** Selectors; undefined or none: every host. */
  on?: Reference[];
  /** `{label.X}` in its texts, by X. */
  labels: Map<string, SourceRange>;
  /** Command lines for a shell that hold placeholders. */
  commandLines: PlacedText[];
}

/** An entry of a section, as one file has it or as it is in the inventory. */
export interface NamedEntry {
  readonly name: string;
  readonly source: SourceRange;
}

/** A section as one file has it, before what its entries refer to is looked at. */
export interface SectionDrafts {
  drafts: NamedEntry[];
  /** Unsound entries too: a reference to one is not a second mistake. */
  names: Set<string>;
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
  /** What it says itself. */
  become?: HostBecome;
  /** What its file says for all hosts. */
  defaultBecome?: BecomeSettings;
  variables: Record<string, unknown>;
  source: SourceRange;
  /** The groups whose sources found it. */
  foundBy?: readonly string[];
  /** Of the labels of one that was found, those that the file says. */
  writtenLabels?: Readonly<Record<string, string>>;
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
  become?: BecomeSettings;
  /** Its entry has a mistake, so that members may be missing. */
  unsound?: boolean;
  /** What finds its hosts. */
  origin?: Origin;
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
  /** Hosts that are written but unsound: a reference to one is not a second mistake. */
  unsoundHosts: string[];
  groups: GroupDraft[];
  /** By key. */
  sections: Map<string, SectionDrafts>;
  imports: ImportDraft[];
  defaultSsh: SshSettings;
  concurrency?: number;
  problems: Problem[];
  /** Files read for it, itself included. */
  files: string[];
  /** Of what a live source found: the group that its hosts are in, and how it answered. */
  found?: { group: string; origin: Origin };
}

export function emptyFragment(file: string): Fragment {
  return {
    file,
    hosts: [],
    unsoundHosts: [],
    groups: [],
    sections: new Map(),
    imports: [],
    defaultSsh: {},
    problems: [],
    files: [file],
  };
}
