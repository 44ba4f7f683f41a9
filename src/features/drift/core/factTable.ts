import { createHash } from 'node:crypto';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { printable } from '../../../platform/text/printable';

/** Why something cannot be seen: it may be there or not, the same or not. */
export const unseenKinds = ['denied', 'missing', 'failed', 'timeout', 'cut', 'garbled'] as const;
export type UnseenKind = (typeof unseenKinds)[number];

export interface Unseen {
  readonly kind: UnseenKind;
  /** What is denied, missing or has failed. */
  readonly detail: string;
  /** Where no host shows it, nothing is missed. */
  readonly isOptional?: true;
}

/** What a host has of an entry: `null` is absent, which is known. */
export type State = string | null | Unseen;

export interface Entry {
  /** The place of its fact. */
  readonly fact: number;
  readonly name: string;
}

/** What one host shows: numbers of entries and of their states, and by fact why it is incomplete. */
export interface Row {
  readonly host: string;
  readonly entries: Uint32Array;
  readonly states: Uint32Array;
  readonly incomplete: readonly (Unseen | undefined)[];
}

const longestName = 300;
const longestValue = 400;
/** UTF-16 units that all names and values may have together: what is the same is held once. */
const mostText = 128 * 1024 * 1024;

/** What many hosts show, with every name and value once. */
export class FactTable {
  readonly entries: Entry[] = [];
  readonly rows = new Map<string, Row>();
  private readonly states: (string | Unseen)[] = [];
  private readonly entryNumbers: Map<string, number>[];
  private readonly stateNumbers = new Map<string, number>();
  private textLeft = mostText;

  /** @param keys what was asked for, e.g. `os` and `files=/etc/app/*` */
  constructor(readonly keys: readonly string[]) {
    this.entryNumbers = keys.map(() => new Map<string, number>());
  }

  /** The number of an entry; undefined when there is no room left. */
  entry(fact: number, name: string): number | undefined {
    return this.numberOf(this.entryNumbers[fact]!, name, safe(name, longestName), (shown) =>
      this.entries.push({ fact, name: shown }),
    );
  }

  /** The number of a state; undefined when there is no room left. One that is shown somewhere holds no secret any more. */
  state(state: string | Unseen, isShown = false): number | undefined {
    if (typeof state === 'string') {
      const key = `=${state}`;
      const known = this.stateNumbers.get(key);
      if (known !== undefined) return known;
      const shown = safe(isShown ? state : withoutSecrets(state), longestValue);
      return this.numberOf(this.stateNumbers, key, `=${shown}`, () => this.states.push(shown));
    }
    const detail = safe(withoutCredentials(state.detail), longestName);
    const key = JSON.stringify(state);
    return this.numberOf(this.stateNumbers, key, key, () => this.states.push({ ...state, detail }));
  }

  stateOf(number: number): string | Unseen {
    return this.states[number]!;
  }

  /** Puts rows, which came as hosts answered, into the order of their hosts. */
  order(hosts: readonly string[]): void {
    const rows = new Map(this.rows);
    this.rows.clear();
    for (const host of hosts) {
      const row = rows.get(host);
      if (row) this.rows.set(host, row);
    }
  }

  /** The same rows in a table that others can be added to; what is there is shared. */
  copy(): FactTable {
    const copy = new FactTable(this.keys);
    for (const row of this.rows.values()) copy.rows.set(row.host, copy.adopt(this, row));
    return copy;
  }

  /** A row of another table as one of this; a fact that the other does not have cannot be seen. */
  adopt(other: FactTable, row: Row, host = row.host): Row {
    const places = new Map(other.keys.map((key, fact) => [fact, this.keys.indexOf(key)]));
    const incomplete = this.keys.map((key): Unseen | undefined => {
      const fact = other.keys.indexOf(key);
      return fact < 0 ? { kind: 'missing', detail: '' } : row.incomplete[fact];
    });
    const entries: number[] = [];
    const states: number[] = [];
    for (const [at, number] of row.entries.entries()) {
      const { fact, name } = other.entries[number]!;
      const place = places.get(fact)!;
      if (place < 0) continue;
      const [entry, state] = [this.entry(place, name), this.state(other.stateOf(row.states[at]!), true)];
      if (entry === undefined || state === undefined) {
        incomplete[place] = { kind: 'cut', detail: '' };
        continue;
      }
      entries.push(entry);
      states.push(state);
    }
    return { host, entries: Uint32Array.from(entries), states: Uint32Array.from(states), incomplete };
  }

  /** Whether something that was asked for cannot be seen. */
  isPartial({ states, incomplete }: Row): boolean {
    const isMissed = (state: string | Unseen | undefined) => typeof state === 'object' && !state.isOptional;
    return incomplete.some(isMissed) || states.some((number) => isMissed(this.stateOf(number)));
  }

  /** Every entry with what the host has of it, in the order of facts and names. */
  *statesOf(row: Row): Generator<readonly [Entry, State]> {
    const own = new Map([...row.entries].map((entry, at) => [entry, row.states[at]!]));
    for (const number of this.inOrder()) {
      const entry = this.entries[number]!;
      const state = own.get(number);
      yield [entry, state === undefined ? (row.incomplete[entry.fact] ?? null) : this.stateOf(state)];
    }
  }

  /** Numbers of all entries, in the order of facts and names. */
  inOrder(): number[] {
    return [...this.entries.keys()].sort((a, b) => {
      const [one, other] = [this.entries[a]!, this.entries[b]!];
      return one.fact - other.fact || compareNames(one.name, other.name);
    });
  }

  /** Of a text as it came, or as it is shown: that is also how a snapshot has it. */
  private numberOf(
    numbers: Map<string, number>,
    given: string,
    shown: string,
    add: (shown: string) => number,
  ): number | undefined {
    const known = numbers.get(given) ?? numbers.get(shown);
    if (known !== undefined) return known;
    this.textLeft -= given.length + shown.length;
    if (this.textLeft < 0) return undefined;
    const number = add(shown) - 1;
    numbers.set(given, number).set(shown, number);
    return number;
  }
}

const { compare: compareNames } = new Intl.Collator('en', { numeric: true });

/** A secret is not shown, and yet two of them are not the same. */
function withoutSecrets(value: string): string {
  const shown = withoutCredentials(value);
  return shown === value ? value : `${shown} ${digestOf(value)}`;
}

/** One line that can be shown; what this takes away still tells texts apart. Done twice it is the same. */
function safe(text: string, limit: number): string {
  if (printable(text, limit) === text) return text;
  const digest = digestOf(text);
  return `${printable(text, limit - digest.length - 1)} ${digest}`;
}

function digestOf(text: string): string {
  return `(sha256 ${createHash('sha256').update(text).digest('hex').slice(0, 12)})`;
}
