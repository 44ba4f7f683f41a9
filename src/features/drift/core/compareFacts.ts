import { createHash } from 'node:crypto';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import type { Entry, FactTable, Row, Unseen } from './factTable';

export interface Hosts {
  readonly hosts: readonly string[];
  /** Written compactly, e.g. `web-[01-18]`. */
  readonly hostSet: string;
}

/** Hosts with the same. */
export interface HostGroup extends Hosts {
  /** Something of them cannot be seen: they are the same as far as they can be. */
  readonly isPartial: boolean;
}

/** Hosts that have the same of some entries, and what that is, by the place of the entry. */
export interface DifferenceClass extends Hosts {
  readonly states: readonly (string | null)[];
}

/** Entries that divide the hosts in the same way. */
export interface Difference {
  readonly entries: readonly Entry[];
  /** Those that are not the common ones, the biggest first. */
  readonly others: readonly DifferenceClass[];
  /** What the others are held against: the host that was named, or more hosts than any other class has; none in a tie. */
  readonly common?: DifferenceClass;
  /** Hosts on which these entries cannot be seen. */
  readonly unseenOn?: Hosts;
}

/** What cannot be seen for the same reason on the same hosts. */
export interface UnseenEntries extends Hosts {
  readonly fact: number;
  /** Without any it may be whatever belongs to the fact. */
  readonly names: readonly string[];
  readonly why: Unseen;
}

/** How the hosts that answered differ. */
export interface Comparison extends Hosts {
  readonly keys: readonly string[];
  readonly against?: Against;
  /**
   * Hosts that are the same in everything that was asked: that of the named host first, then those that can be seen as a
   * whole, the biggest first.
   */
  readonly groups: readonly HostGroup[];
  /** How many groups that can be seen as a whole are as big as the biggest of them. */
  readonly tied: number;
  readonly differences: readonly Difference[];
  readonly unseen: readonly UnseenEntries[];
}

/** What all hosts are held against, in place of what most of them have. */
export interface Against {
  /** Of a row of the table. */
  readonly host: string;
  /** It is from a snapshot: not one of the hosts. */
  readonly isSnapshot?: boolean;
  /** States of the table are changes since then, and an entry that is absent has not changed. */
  readonly isChanges?: boolean;
}

/** Folds what hosts show. */
export function compareFacts(table: FactTable, against?: Against): Comparison {
  const rows = [...table.rows.values()];
  const groupOf = hostsOf(rows, against?.isSnapshot ? against.host : undefined);
  const columns = columnsOf(table, rows);
  const differing = new Map<string, { entries: number[]; partition: Partition }>();
  const unseen = new UnseenFold();
  const partial = new Set<number>();
  const identities = rows.map(() => createHash('sha256'));
  for (const entry of table.inOrder()) {
    const partition = new Partition();
    const { fact, name } = table.entries[entry]!;
    const column = columns.of(entry);
    const isKnown = column.some((state) => state >= 0 && typeof table.stateOf(state) === 'string');
    for (const [host, number] of column.entries()) {
      const state = number < 0 ? rows[host]!.incomplete[fact] : table.stateOf(number);
      if (typeof state === 'object') {
        partition.unseen.push(host);
        if (isKnown || !state.isOptional) partial.add(host);
        // What all of a fact is missing is said once.
        if (number >= 0 && (isKnown || !state.isOptional)) unseen.add(fact, name, state, host);
      } else partition.add(host, number);
    }
    if (partition.classes.size > 1) {
      const key = partition.key(rows.length);
      const same = differing.get(key);
      if (same) same.entries.push(entry);
      else differing.set(key, { entries: [entry], partition });
      for (const [host, state] of column.entries()) identities[host]!.update(`${entry}=${state};`);
    } else if (partition.unseen.length > 0)
      for (const host of partition.unseen) identities[host]!.update(`${entry}?;`);
  }
  for (const [host, { incomplete }] of rows.entries())
    for (const [fact, why] of incomplete.entries())
      if (why) {
        partial.add(host);
        unseen.add(fact, undefined, why, host);
        identities[host]!.update(`!${fact};`);
      }
  const reference = against ? rows.findIndex(({ host }) => host === against.host) : -1;
  const ranked = foldedBy(identities.map((hash) => hash.digest('base64')))
    .map((places) => ({
      isNamed: places.includes(reference),
      group: { ...groupOf(places), isPartial: places.some((place) => partial.has(place)) },
    }))
    .filter(({ group }) => group.hosts.length > 0)
    .sort(
      (a, b) =>
        Number(b.isNamed) - Number(a.isNamed) ||
        Number(a.group.isPartial) - Number(b.group.isPartial) ||
        b.group.hosts.length - a.group.hosts.length,
    );
  const groups = ranked.map(({ group }) => group);
  const sizes = groups.filter(({ isPartial }) => !isPartial).map(({ hosts }) => hosts.length);
  const biggest = Math.max(...sizes);
  return {
    keys: table.keys,
    ...(against && { against }),
    ...groupOf([...rows.keys()]),
    groups,
    tied: sizes.filter((size) => size === biggest).length,
    differences: [...differing.values()].map((divided) =>
      differenceOf(table, { ...divided, columns, reference, groupOf }),
    ),
    unseen: unseen.folded(groupOf),
  };
}

type GroupOf = (places: readonly number[]) => Hosts;

/** Names the hosts at places, without what is not a host. */
function hostsOf(rows: readonly Row[], hidden?: string): GroupOf {
  return (places) => {
    const hosts = places.map((place) => rows[place]!.host).filter((host) => host !== hidden);
    return { hosts, hostSet: compactHostSet(hosts) };
  };
}

/** Which state each host has of an entry: made of the rows by one pass, since a table of all would be large. */
function columnsOf(table: FactTable, rows: readonly Row[]) {
  const starts = new Uint32Array(table.entries.length + 1);
  for (const { entries } of rows) for (const entry of entries) starts[entry + 1]!++;
  for (let entry = 0; entry < table.entries.length; entry++) starts[entry + 1]! += starts[entry]!;
  const total = starts[table.entries.length]!;
  const [hosts, states, filled] = [new Uint32Array(total), new Uint32Array(total), starts.slice()];
  for (const [host, row] of rows.entries())
    for (const [at, entry] of row.entries.entries()) {
      const place = filled[entry]!++;
      hosts[place] = host;
      states[place] = row.states[at]!;
    }
  return {
    /** By host; -1 where the host says nothing. */
    of: (entry: number): Int32Array => {
      const column = new Int32Array(rows.length).fill(-1);
      for (let place = starts[entry]!; place < starts[entry + 1]!; place++)
        column[hosts[place]!] = states[place]!;
      return column;
    },
  };
}

/** Which hosts have the same of one entry. */
class Partition {
  readonly classes = new Map<number, number[]>();
  readonly unseen: number[] = [];

  add(host: number, state: number): void {
    const known = this.classes.get(state);
    if (known) known.push(host);
    else this.classes.set(state, [host]);
  }

  /** The same for all partitions with the same hosts in each class, whatever they have. */
  key(hosts: number): string {
    const classOf = new Int32Array(hosts).fill(-1);
    for (const [number, places] of [...this.classes.values()].entries())
      for (const place of places) classOf[place] = number;
    return createHash('sha256').update(classOf).digest('base64');
  }
}

interface Divided {
  entries: readonly number[];
  partition: Partition;
  columns: ReturnType<typeof columnsOf>;
  /** The place of what is held against, or -1. */
  reference: number;
  groupOf: GroupOf;
}

function differenceOf(
  table: FactTable,
  { entries, partition, columns, reference, groupOf }: Divided,
): Difference {
  const ofEntries = entries.map((entry) => columns.of(entry));
  const classes = [...partition.classes.values()].sort((a, b) => b.length - a.length);
  const isCommon = (places: readonly number[]) =>
    reference >= 0 && !partition.unseen.includes(reference)
      ? places.includes(reference)
      : places === classes[0] && places.length > classes[1]!.length;
  const shown = (places: readonly number[]): DifferenceClass => ({
    ...groupOf(places),
    states: ofEntries.map((column) => {
      const number = column[places[0]!]!;
      return number < 0 ? null : (table.stateOf(number) as string);
    }),
  });
  const common = classes.find(isCommon);
  return {
    entries: entries.map((entry) => table.entries[entry]!),
    others: classes.filter((places) => places !== common).map(shown),
    ...(common && { common: shown(common) }),
    ...(partition.unseen.length > 0 && { unseenOn: groupOf(partition.unseen) }),
  };
}

/** The places of what is the same. */
function foldedBy(identities: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [place, identity] of identities.entries()) {
    const group = groups.get(identity);
    if (group) group.push(place);
    else groups.set(identity, [place]);
  }
  return [...groups.values()];
}

/** Gathers what cannot be seen: by fact, reason and hosts. */
class UnseenFold {
  private readonly hostsOf = new Map<string, { fact: number; name?: string; why: Unseen; hosts: number[] }>();

  add(fact: number, name: string | undefined, why: Unseen, host: number): void {
    const key = JSON.stringify([fact, name, why.kind, why.detail]);
    const known = this.hostsOf.get(key);
    if (known) known.hosts.push(host);
    else this.hostsOf.set(key, { fact, why, hosts: [host], ...(name !== undefined && { name }) });
  }

  folded(groupOf: GroupOf): UnseenEntries[] {
    const folded = new Map<string, { fact: number; why: Unseen; hosts: number[]; names: string[] }>();
    for (const { fact, name, why, hosts } of this.hostsOf.values()) {
      const key = JSON.stringify([fact, name === undefined, why.kind, why.detail, hosts]);
      const known = folded.get(key);
      if (known) known.names.push(name!);
      else folded.set(key, { fact, why, hosts, names: name === undefined ? [] : [name] });
    }
    return [...folded.values()]
      .sort((a, b) => a.fact - b.fact)
      .map(({ fact, why, hosts, names }) => ({ fact, why, names, ...groupOf(hosts) }));
  }
}
