import type { FactChoice } from './factChoice';
import { type FactTable, type Row, type Unseen, type UnseenKind, unseenKinds } from './factTable';

/** Bytes of one line. */
const longestLine = 16 * 1024;
/** Bytes and entries of one host. */
const mostBytes = 8 * 1024 * 1024;
const mostEntries = 100_000;

const newline = 10;
const cut: Unseen = { kind: 'cut', detail: '' };
const garbled: Unseen = { kind: 'garbled', detail: '' };

/** Reads what `factScript` writes, as it comes. Whatever the host sends instead, it is bounded and nobody else's. */
export class FactReader {
  private readonly marker: Buffer;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private bytes = 0;
  private count = 0;
  private readonly values: Map<string, string[] | Unseen>[];
  private readonly incomplete: (Unseen | undefined)[];
  private readonly ended = new Set<number>();

  constructor(
    private readonly choices: readonly FactChoice[],
    nonce: string,
    private readonly table: FactTable,
  ) {
    this.marker = Buffer.from(nonce);
    this.values = choices.map(() => new Map<string, string[] | Unseen>());
    this.incomplete = choices.map(() => undefined);
  }

  /** Whether it has all that it takes from one host. */
  get isFull(): boolean {
    return this.bytes > mostBytes || this.count > mostEntries;
  }

  append(chunk: Buffer): void {
    let rest = chunk;
    while (!this.isFull) {
      const end = rest.indexOf(newline);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      this.bytes += piece.length + 1;
      // What is too long is not kept, but its beginning says which fact it was of.
      if (this.pendingBytes <= longestLine)
        this.pending.push(Buffer.from(piece.subarray(0, longestLine + 1)));
      this.pendingBytes += piece.length;
      if (end < 0) return;
      this.readLine();
      rest = rest.subarray(end + 1);
    }
  }

  /** What came until now, where `why` is the reason that there is no more of what has not ended. */
  row(host: string, why: Unseen): Row {
    const entries: number[] = [];
    const states: number[] = [];
    for (const [fact, values] of this.values.entries()) {
      if (this.isFull) this.miss(fact, cut);
      else if (!this.ended.has(fact)) this.miss(fact, why);
      const isSet = this.choices[fact]!.fact.isSet;
      if (this.incomplete[fact]) this.forgetUncertain(fact);
      for (const [name, value] of values) {
        const text = Array.isArray(value)
          ? (isSet ? value.toSorted() : value).join(isSet ? ', ' : ' | ')
          : value;
        const [entry, state] = [this.table.entry(fact, name), this.table.state(text)];
        if (entry === undefined || state === undefined) {
          this.incomplete[fact] = cut;
          break;
        }
        entries.push(entry);
        states.push(state);
      }
      values.clear();
    }
    return {
      host,
      entries: Uint32Array.from(entries),
      states: Uint32Array.from(states),
      incomplete: this.incomplete,
    };
  }

  private readLine(): void {
    const line = this.pending.length === 1 ? this.pending[0]! : Buffer.concat(this.pending);
    const isTooLong = this.pendingBytes > longestLine;
    this.pending = [];
    this.pendingBytes = 0;
    // What the login shell says is between the lines.
    if (!line.subarray(0, this.marker.length).equals(this.marker)) return;
    const text = line.toString('utf8', this.marker.length);
    const [, digits, kind, rest = ''] = /^(\d{1,3})\t([=l?~et])(?:\t(.*))?$/s.exec(text) ?? [];
    const fact = Number(digits);
    const choice = this.choices[fact];
    if (!choice) return;
    if (isTooLong || this.ended.has(fact)) this.miss(fact, garbled);
    else if (kind === 'e') this.ended.add(fact);
    else if (kind === 't') this.miss(fact, { kind: 'timeout', detail: '' });
    else if (kind === '?' || kind === '~') this.readUnseen(fact, rest, kind === '~');
    else this.readEntry(fact, choice, kind === 'l', rest);
  }

  private readEntry(fact: number, { fact: { readLine } }: FactChoice, isRaw: boolean, rest: string): void {
    const at = rest.indexOf('\t');
    const entry = isRaw ? readLine?.(rest) : ([rest.slice(0, at), rest.slice(at + 1)] as const);
    if (!isRaw && at <= 0) return this.miss(fact, garbled);
    if (!entry) return;
    const [name, value] = [entry[0], entry[1].trim()];
    const known = this.values[fact]!.get(name);
    if (Array.isArray(known)) known.push(value);
    else if (known === undefined) this.values[fact]!.set(name, [value]);
    this.count++;
  }

  private readUnseen(fact: number, rest: string, isOptional: boolean): void {
    const [name = '', kind = '', detail = ''] = rest.split('\t');
    if (!unseenKinds.includes(kind as UnseenKind)) return this.miss(fact, garbled);
    const unseen: Unseen = { kind: kind as UnseenKind, detail, ...(isOptional && { isOptional }) };
    if (name === '') return this.miss(fact, unseen);
    // What was found a second time, and could not be seen then, is not known.
    this.values[fact]!.set(name, unseen);
    this.count++;
  }

  /** Values of which there may be more: all of a set, and the last ones where the rest has not come. */
  private forgetUncertain(fact: number): void {
    const values = this.values[fact]!;
    const isCut = this.isFull || !this.ended.has(fact);
    const last = [...values.keys()].at(-1);
    for (const [name, value] of values)
      if (Array.isArray(value) && (this.choices[fact]!.fact.isSet || (isCut && name === last)))
        values.delete(name);
  }

  /** The first reason is the one that counts. */
  private miss(fact: number, why: Unseen): void {
    this.incomplete[fact] ??= why;
  }
}
