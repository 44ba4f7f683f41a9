import { compileKeyPattern, type KeyMatch, type KeyPlace } from '../keys/keyPattern';
import type { Key } from '../client/etcdModel';
import type { WatchRecord } from '../watch/etcdWatchRecord';

/** Keys that one reaction lists; further ones are counted. */
const maxKeys = 500;
/** Changes that never pause are told after so many times `settleMs`. */
const longestSettles = 10;

/** What a rule says about keys. */
export interface KeyRule {
  keys: readonly string[];
  /** Milliseconds. */
  settleMs: number;
}

/** A key that changed, with where to read what it was. */
export interface ChangedKey {
  key: Key;
  /** The revision before the first change; undefined when nothing is known of it. */
  before: number | undefined;
  /** The revision of the last change, or one after it. */
  after: number;
  isDeleted: boolean;
}

/** Revisions of which nothing is known but what they came to. */
export interface UnknownSpan {
  from: number;
  to: number;
  /** Keys that went meanwhile are not known either. */
  isPartial: boolean;
}

/** Changes that belong together: each key once, bounded. */
export class ChangeSet {
  private readonly byKey = new Map<string, ChangedKey>();
  /** Changes of keys that are not listed any more. */
  unlisted = 0;
  /** Hosts that keys named. */
  readonly names = new Set<string>();
  /** A key that names no host changed: all hosts of the rule are affected. */
  affectsAll = false;
  /** The last one, if revisions are unknown. */
  gap: UnknownSpan | undefined;

  get keys(): readonly ChangedKey[] {
    return [...this.byKey.values()];
  }

  /** How many keys, or at least how many when some are not listed. */
  get size(): number {
    return this.byKey.size;
  }

  /** Whether nothing at all is known to have changed. */
  get isEmpty(): boolean {
    return this.byKey.size + this.unlisted === 0;
  }

  add(change: ChangedKey, { name }: KeyMatch): void {
    if (name === undefined) this.affectsAll = true;
    else this.names.add(name);
    this.put(change);
  }

  /** Takes in what came later. */
  merge(later: ChangeSet): void {
    for (const change of later.keys) this.put(change);
    for (const name of later.names) this.names.add(name);
    this.unlisted += later.unlisted;
    this.affectsAll ||= later.affectsAll;
    this.gap = later.gap ?? this.gap;
  }

  private put(change: ChangedKey): void {
    const id = change.key.toString('latin1');
    const known = this.byKey.get(id);
    if (known) this.byKey.set(id, { ...change, before: known.before });
    else if (this.byKey.size < maxKeys) this.byKey.set(id, change);
    else this.unlisted++;
  }
}

/**
 * Gathers what a watch tells of a rule's keys until they rest for `settleMs`, or for ten times as long when they never
 * do. `affects` says which names of hosts count: keys with another one are none of the rule's.
 */
export class ChangeSettler {
  private readonly patterns: readonly ((key: Key) => KeyMatch | undefined)[];
  private gathered = new ChangeSet();
  private timer: NodeJS.Timeout | undefined;
  private since = 0;

  constructor(
    private readonly rule: KeyRule,
    place: KeyPlace,
    private readonly port: { affects(name: string): boolean; settled(changes: ChangeSet): void },
  ) {
    this.patterns = rule.keys.map((pattern) => compileKeyPattern(pattern, place));
  }

  take(record: WatchRecord): void {
    if (record.type === 'events')
      for (const { key, revision, type } of record.events)
        this.note({ key, before: revision - 1, after: revision, isDeleted: type === 'delete' });
    else if (record.type === 'gap') this.noteGap({ from: record.from, to: record.to, isPartial: false });
    else if (record.type === 'difference') {
      for (const { key, previousRevision, current } of record.changes)
        this.note({ key, before: previousRevision, after: record.revision, isDeleted: !current });
      const { gap } = this.gathered;
      if (!record.deletionsKnown && gap) this.noteGap({ ...gap, isPartial: true });
    }
  }

  /** Whether changes wait until keys rest. */
  get isGathering(): boolean {
    return this.timer !== undefined;
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private note(change: ChangedKey): void {
    const match = this.matchOf(change.key);
    if (!match) return;
    this.gathered.add(change, match);
    this.wait();
  }

  private noteGap(gap: UnknownSpan): void {
    this.gathered.gap = gap;
    this.wait();
  }

  private matchOf(key: Key): KeyMatch | undefined {
    for (const pattern of this.patterns) {
      const match = pattern(key);
      if (match && (match.name === undefined || this.port.affects(match.name))) return match;
    }
    return undefined;
  }

  private wait(): void {
    const { settleMs } = this.rule;
    const now = performance.now();
    if (!this.timer) this.since = now;
    clearTimeout(this.timer);
    const left = this.since + longestSettles * settleMs - now;
    this.timer = setTimeout(() => this.tell(), Math.max(0, Math.min(settleMs, left)));
  }

  private tell(): void {
    this.timer = undefined;
    const settled = this.gathered;
    this.gathered = new ChangeSet();
    this.port.settled(settled);
  }
}
