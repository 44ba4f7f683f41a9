import type { NamedEntry, Reference, Targets } from './fragment';
import type { JsonSchema } from './schema/jsonSchema';
import type { Host, SshSettings } from './model';
import type { ProblemDetails } from './yaml/problemReport';
import type { SectionToken } from './sectionToken';
import type { EntryNoun } from './yaml/valueSource';
import type { Entry as YamlEntry, YamlSource } from './yaml/yamlSource';

/**
 * A section of `muster.yaml`, which a feature brings: all that the inventory knows about it. A draft is an entry as
 * one file has it; an entry is what it means together with everything else.
 */
export interface Section<
  Draft extends NamedEntry = NamedEntry,
  Entry extends NamedEntry = NamedEntry,
> extends SectionToken<Entry> {
  /** What messages call an entry; in a schema, `x-muster` with it says that a value names one. */
  readonly noun: EntryNoun;
  /** What the section holds, for its hover. */
  readonly description: string;
  /** The message for a name that is taken, {0}, by an entry in another place, {1}. */
  readonly duplicate: string;
  /** The texts of its entries may hold placeholders: labels in them are names. */
  readonly placeholders?: boolean;
  /** The key whose value the outline shows beside an entry; with it, entries are listed there and can be renamed. */
  readonly outlineKey?: string;
  /** Its entries are something to work on where there are no hosts. */
  readonly standsAlone?: boolean;
  /**
   * What finds the hosts of an entry, for people. With it each entry is a group as well, whose hosts come from a source.
   */
  origin?(draft: Draft): string;
  /** The schema of an entry. What `x-muster` marks in it is completed, explained and renamed. */
  schema(): JsonSchema;
  /** Undefined, and problems, for an entry that is unsound. */
  read(source: YamlSource, entry: YamlEntry, defaults: EntryDefaults): Draft | undefined;
  /** Undefined, and problems, for an entry that refers to what there is not. */
  assemble(draft: Draft, scope: Scope): Entry | undefined;
  /** Looks at entries that refer to others of the same section, once all of them are assembled. */
  relate?(drafts: readonly Draft[], entries: Map<string, Entry>, scope: Scope): void;
  /** What completion and hovers say about an entry where others name it. */
  summary?(entry: Entry): EntrySummary;
}

export interface EntrySummary {
  /** Beside its name. */
  readonly detail: string;
  /** What its name stands for, for hovers: hosts, or other texts. */
  readonly facts: { readonly hosts: readonly string[] } | readonly string[];
}

/** What is written within the entries of a section and refers to sections that refer to these. */
export interface InnerSection<
  Draft extends NamedEntry = NamedEntry,
  Entry = unknown,
> extends SectionToken<Entry> {
  /** The key of the section whose drafts it is assembled from. */
  readonly within: string;
  assemble(draft: Draft, scope: Scope): Entry | undefined;
}

export type Sections = readonly (Section | InnerSection)[];

/** The sections that have a key at the top of the file. */
export function outerSections(sections: Sections): Section[] {
  return sections.filter((section): section is Section => !('within' in section));
}

/** What entries fall back to. */
export interface EntryDefaults {
  readonly timeoutMs: number;
  /** The SSH settings of hosts. */
  readonly ssh: SshSettings;
}

/** What an entry may refer to. Mistakes are reported where the reference stands. */
export interface Scope {
  readonly hosts: ReadonlyMap<string, Host>;
  /** The sound entries of another section; two sections must not need each other. */
  section<Entry>(token: SectionToken<Entry>): ReadonlyMap<string, Entry>;
  /** The entry that a reference names; the problem is `unknown` if none is written by that name. */
  find<Entry>(token: SectionToken<Entry>, reference: Reference, unknown: string): Entry | undefined;
  /** Whether an entry is written by the name of a reference, also one of the same section; the problem is `unknown` if not. */
  isWritten<Entry>(token: SectionToken<Entry>, reference: Reference, unknown: string): boolean;
  /** Whether a reference names a host. */
  namesHost(reference: Reference): boolean;
  /** The hosts that selectors select, all of `everywhere` without any; undefined if there is a mistake in them. */
  select(on: readonly Reference[] | undefined, everywhere?: Iterable<string>): string[] | undefined;
  /** The same, without the hosts that do not have the values that the texts of `entry`, so called in messages, need. */
  hostsOf(entry: string, targets: Targets, everywhere?: Iterable<string>): string[] | undefined;
  report(...details: ProblemDetails): void;
}
