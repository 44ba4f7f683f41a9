import type { Key, KeyValue } from '../client/etcdModel';

/** The keys of a watch and their revisions, to tell after a gap what has changed and what is gone. */
export class TrackedKeys {
  private revisions: Map<string, number> | undefined = new Map();
  /** What was changed while the state before is read. */
  private changed: Set<string> | undefined;

  /** At most `limit` keys are kept; with more nothing is known. */
  constructor(private readonly limit: number) {
    if (limit === 0) this.revisions = undefined;
  }

  /** Whether all keys are known. */
  get known(): boolean {
    return this.revisions !== undefined;
  }

  put({ key, modRevision }: KeyValue): void {
    if (!this.revisions) return;
    const name = key.toString('latin1');
    this.changed?.add(name);
    this.revisions.set(name, modRevision);
    if (this.revisions.size > this.limit) this.forget();
  }

  delete(key: Key): void {
    if (!this.revisions) return;
    const name = key.toString('latin1');
    this.changed?.add(name);
    this.revisions.delete(name);
  }

  /** Begins to take the state from before the changes, with `putBefore`. */
  beginBefore(): void {
    this.changed = new Set();
  }

  endBefore(): void {
    this.changed = undefined;
  }

  putBefore({ key, modRevision }: KeyValue): void {
    const name = key.toString('latin1');
    if (!this.revisions || this.changed?.has(name)) return;
    this.revisions.set(name, modRevision);
    if (this.revisions.size > this.limit) this.forget();
  }

  /** The modRevision of a key, if it is known to have existed. */
  revisionOf(key: Key): number | undefined {
    return this.revisions?.get(key.toString('latin1'));
  }

  forget(): void {
    this.revisions = undefined;
    this.changed = undefined;
  }

  /** Keys that are not in `others`. */
  *missingIn(others: ReadonlySet<string>): Generator<{ key: Key; revision: number }> {
    for (const [name, revision] of this.revisions ?? [])
      if (!others.has(name)) yield { key: Buffer.from(name, 'latin1'), revision };
  }
}
