import { randomUUID } from 'node:crypto';
import { type Disposable, EventEmitter } from 'vscode';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import type { FoldedGroup } from '../core/fold';
import type { RunResult, RunStatus } from '../core/runBatch';
import { orderTitle } from './command/confirmRun';
import type { RunControl } from '../../../shell/editor/commands/runChoices';
import { Disposables } from '../../../shell/editor/disposables';
import type { FleetRuns, LiveRun } from './fleetRuns';
import { isUnderWay, type ListedRun, type RunJournal, type RunStore } from './runStore';
import type { RunEnd, RunHead } from './storedRun';

/** Milliseconds between two drawings of a run under way, and between two foldings of its output. */
const drawMs = 200;
const foldMs = 1000;
/** Milliseconds between two looks at runs of other windows. */
const recheckMs = 1000;

export type RunState = 'running' | 'ended' | 'interrupted';

const none: Readonly<Record<RunStatus, number>> = { ok: 0, failed: 0, stopped: 0, skipped: 0 };

function countedWith(counts: typeof none, { status }: RunResult): typeof none {
  return { ...counts, [status]: counts[status] + 1 };
}

/** What is kept of how a run was ordered: not its input, which may hold secrets. */
function chosenOf({
  concurrency,
  timeoutMs,
  serial,
  pauseMs,
  maxFailures,
  retries,
}: NonNullable<LiveRun['order']['options']>): RunControl | undefined {
  const chosen = Object.entries({ concurrency, timeoutMs, serial, pauseMs, maxFailures, retries }).filter(
    ([, value]) => value !== undefined,
  );
  return chosen.length > 0 ? Object.fromEntries(chosen) : undefined;
}

/** A run in the history, under way or not. */
export class RunEntry {
  end: RunEnd | undefined;
  cancel: (() => void) | undefined;
  /** Hosts by how they ended, as far as this window knows without reading the file. */
  counts: Readonly<Record<RunStatus, number>> = none;
  private received: RunResult[] | undefined;
  private folded: { groups: FoldedGroup[]; at: number; count: number } | undefined;

  constructor(
    readonly head: RunHead,
    private readonly store: RunStore,
    received?: RunResult[],
  ) {
    this.received = received;
  }

  get state(): RunState {
    if (this.end) return 'ended';
    return this.cancel || isUnderWay({ head: this.head }) ? 'running' : 'interrupted';
  }

  /** Hosts that have ended. */
  get done(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  add(result: RunResult): void {
    this.received?.push(result);
    this.counts = countedWith(this.counts, result);
  }

  /** From now on the store has it. */
  release(): void {
    this.received = undefined;
  }

  /** What was received so far. */
  async results(): Promise<readonly RunResult[]> {
    if (this.received) return this.received;
    const stored = await this.store.read(this.head);
    const results = stored?.results ?? [];
    this.counts = results.reduce(countedWith, none);
    return results;
  }

  /** Hosts with the same outcome and output, the biggest group first. */
  async groups(): Promise<readonly FoldedGroup[]> {
    const { folded } = this;
    if (folded && (this.end || Date.now() - folded.at < foldMs || folded.count === this.done))
      return folded.groups;
    const { foldResults } = await import('../core/fold');
    const results = await this.results();
    const groups = foldResults(results).reverse();
    this.folded = { groups, at: Date.now(), count: this.done };
    return groups;
  }
}

/** The runs of this workspace, newest first: those under way as they go on, the others from the store. */
export class RunHistory implements Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<RunEntry | undefined>());
  /** One run, or with undefined the list. */
  readonly onDidChange = this.changed.event;
  private entries: RunEntry[] = [];
  private loading: Promise<void> | undefined;
  private readonly writing = new Set<Promise<void>>();
  /** Of the runs under way. */
  private readonly journals = new Set<Promise<RunJournal>>();
  private isClosing = false;
  private readonly timers = new Map<RunEntry, NodeJS.Timeout>();
  private recheck: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: RunStore,
    runs: FleetRuns,
    private readonly onError: (error: unknown) => void,
  ) {
    this.owned.add(runs.onDidStart((run) => this.follow(run)));
  }

  /** Reads the store at the first call. */
  async all(): Promise<readonly RunEntry[]> {
    this.loading ??= this.load();
    await this.loading;
    return this.entries;
  }

  find(id: string): RunEntry | undefined {
    return this.entries.find(({ head }) => head.id === id);
  }

  async remove(entry: RunEntry): Promise<void> {
    if (entry.state === 'running') return;
    this.entries = this.entries.filter((other) => other !== entry);
    await this.store.remove(entry.head);
    this.changed.fire(undefined);
  }

  async clear(): Promise<void> {
    for (const entry of [...this.entries]) await this.remove(entry);
  }

  /** Resolves when all that was received is written. What is still under way then is cut off: it has no end. */
  async close(): Promise<void> {
    this.isClosing = true;
    const received = [...this.journals].map(async (journal) => (await journal).flush());
    await Promise.allSettled([...this.writing, ...received]);
  }

  dispose(): void {
    clearTimeout(this.recheck);
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.owned.dispose();
  }

  private async load(): Promise<void> {
    const known = new Set(this.entries.map(({ head }) => head.id));
    const stored = (await this.store.list()).filter(({ head }) => !known.has(head.id));
    this.entries = [...this.entries, ...stored.map((run) => this.entryOf(run))];
    this.changed.fire(undefined);
    this.recheckSoon();
  }

  private entryOf({ head, end }: ListedRun): RunEntry {
    const entry = new RunEntry(head, this.store);
    entry.end = end;
    if (end) {
      const { ok, failed, stopped, skipped } = { ...none, ...end.summary };
      entry.counts = { ok, failed, stopped, skipped };
    }
    return entry;
  }

  private follow(run: LiveRun): void {
    const { order, startedAt } = run;
    const { fleet, selector, request, label, hosts, options } = order;
    const control = options && chosenOf(options);
    const head: RunHead = {
      ...{ version: 1, id: randomUUID(), pid: process.pid, startedAt: startedAt.getTime() },
      ...{
        fleetId: fleet.id,
        inventory: fleet.file,
        selector,
        title: withoutCredentials(orderTitle(order)),
        request,
      },
      ...(label !== undefined && { label }),
      ...(control && { control }),
      hosts: hosts.map(({ name }) => name),
    };
    const entry = new RunEntry(head, this.store, []);
    entry.cancel = run.cancel;
    this.entries = [entry, ...this.entries];
    this.changed.fire(undefined);
    const journal = this.store.begin(head);
    // Who tells of it waits for the end of the run.
    journal.catch(() => {});
    this.journals.add(journal);
    run.onResult((result) => {
      entry.add(result);
      void journal.then((opened) => opened.result(result)).catch(() => {});
      this.drawSoon(entry);
    });
    void run.report
      .then(({ traceId, summary }): RunEnd => ({ traceId, summary }))
      .catch((): undefined => undefined)
      .then(async (end) => {
        this.journals.delete(journal);
        // What is left of the window cancels it: that is no end of the run.
        if (this.isClosing) return;
        entry.cancel = undefined;
        entry.end = end;
        this.changed.fire(entry);
        const written = this.write(entry, await journal);
        this.writing.add(written);
        await written.finally(() => this.writing.delete(written));
      })
      .catch(this.onError);
  }

  private async write(entry: RunEntry, journal: RunJournal): Promise<void> {
    // What could not be written stays in memory.
    if (await journal.end(entry.end)) entry.release();
    // What was refused never ran.
    if (!entry.end && entry.done === 0) await this.remove(entry);
  }

  /** Runs of other windows end, or are cut off, without telling this one. */
  private recheckSoon(): void {
    const others = this.entries.filter((entry) => !entry.cancel && entry.state === 'running');
    if (others.length === 0) return;
    this.recheck = setTimeout(() => {
      for (const entry of others) if (entry.state !== 'running') this.changed.fire(entry);
      this.recheckSoon();
    }, recheckMs);
  }

  private drawSoon(entry: RunEntry): void {
    if (this.timers.has(entry)) return;
    const draw = () => {
      this.timers.delete(entry);
      this.changed.fire(entry);
    };
    this.timers.set(entry, setTimeout(draw, drawMs));
  }
}
