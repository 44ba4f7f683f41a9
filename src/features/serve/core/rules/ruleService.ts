import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from '../../../../platform/batch/deadline';
import { MusterError, toMusterError } from '../../../../platform/errors/errors';
import { type Family, labelText } from '../../../../platform/exposition/exposition';
import type { Logger } from '../../../../platform/host/host';
import type { Host, Inventory } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import type { CheckResult } from '../../../checks/core/checkBatch';
import type { EtcdClusters } from '../../../etcd/core/client/etcdClusters';
import { prefixRange, singleKey } from '../../../etcd/core/client/etcdModel';
import { type ChangeRule, changeRules } from '../../../etcd/core/rules/changeRule';
import { type ChangeSet, ChangeSettler } from '../../../etcd/core/rules/changeRules';
import { affectedHosts, consentId } from '../../../etcd/core/rules/ruleConsent';
import { clusterEntries, type ClusterEntry } from '../../../etcd/core/section/clusterEntry';
import type { RunReport } from '../../../runs/core/runBatch';
import type { Remembered } from '../stateFile';

export interface RulePorts {
  readonly clusters: Pick<EtcdClusters, 'ready'>;
  readonly run: (hosts: readonly Host[], command: string, signal: AbortSignal) => Promise<RunReport>;
  /** Makes the checks of a rule on these hosts. */
  readonly check: (hosts: readonly Host[], which: ChangeRule['check']) => Promise<CheckResult[]>;
  /** The ids of rules that may run without being asked about. */
  readonly consents: () => ReadonlySet<string>;
  /** What was dealt with before: changed by the rules, and written by `remember` before a command runs. */
  readonly dealtWith: Remembered['rules'];
  readonly remember: () => Promise<void>;
  readonly logger: Logger;
}

/** What came of changes, as it is counted. */
const outcomes = ['ran', 'failed', 'checked', 'noted', 'refused'] as const;
type Outcome = (typeof outcomes)[number];

/** Milliseconds. */
const times = { connect: 30_000, run: 600_000, backoff: { first: 5_000, most: 60_000 } } as const;

/**
 * The `onChange` rules of an inventory without a window: each change is acted on once, also over restarts; what was
 * under way when the process ended is said and not repeated, and unknown revisions run nothing.
 */
export class RuleService {
  private followed = new Map<string, FollowedCluster>();
  /** What a reload has ended, while it still runs. */
  private readonly ending = new Set<FollowedCluster>();
  private readonly counts = new Map<string, Record<Outcome, number>>();

  constructor(private readonly ports: RulePorts) {}

  /** From now on the rules of this inventory are followed. */
  follow(inventory: Inventory): void {
    const clusters = [...inventory.section(changeRules)].map(([name, rules]) => {
      const entry = inventory.section(clusterEntries).get(name)!;
      const ids = rules.map((rule) => consentId(inventory, entry, rule));
      return { id: JSON.stringify([entry, ids], withoutPlace), entry, rules };
    });
    const ids = new Set(clusters.map(({ id }) => id));
    const gone = [...this.followed].filter(([id]) => !ids.has(id)).map(([, one]) => this.end(one));
    // Of a rule that was edited the one before ends first: both deal with the same revisions.
    const ended = Promise.all(gone);
    const before = this.followed;
    this.followed = new Map(
      clusters.map(({ id, entry, rules }) => {
        const known = before.get(id);
        known?.renew(inventory, rules);
        return [id, known ?? new FollowedCluster(entry, inventory, rules, ended, this.ports, this.count)];
      }),
    );
  }

  /** Waits for what runs; it is cancelled when `limit` aborts. */
  async stop(limit: AbortSignal): Promise<void> {
    await Promise.all([...this.followed.values(), ...this.ending].map((one) => one.stop(limit)));
  }

  private async end(one: FollowedCluster): Promise<void> {
    this.ending.add(one);
    await one.stop();
    this.ending.delete(one);
  }

  *families(): Iterable<Family> {
    if (this.followed.size === 0) return;
    const { counts } = this;
    yield {
      ...{ name: 'muster_rule_changes_total', type: 'counter' },
      help: 'Changes that rules of onChange dealt with, by what came of them.',
      samples: [...counts].flatMap(([labels, by]) =>
        outcomes.map((outcome) => ({ labels: `${labels},${labelText({ outcome })}`, value: by[outcome] })),
      ),
    };
    yield {
      ...{ name: 'muster_rule_watch_connected', type: 'gauge' },
      help: 'Whether the changes of the cluster arrive.',
      samples: [...this.followed.values()].map(({ entry, isConnected }) => ({
        labels: labelText({ cluster: entry.name }),
        value: Number(isConnected),
      })),
    };
  }

  private readonly count = (rule: ChangeRule, outcome: Outcome | undefined): void => {
    const labels = labelText({ cluster: rule.cluster, rule: rule.name });
    const by = this.counts.get(labels) ?? { ran: 0, failed: 0, checked: 0, noted: 0, refused: 0 };
    this.counts.set(labels, by);
    if (outcome) by[outcome]++;
  };
}

function withoutPlace(key: string, value: unknown): unknown {
  return key === 'source' ? undefined : value;
}

/** One rule and what waits for it. */
interface Followed {
  rule: ChangeRule;
  readonly settler: ChangeSettler;
  pending: ChangeSet | undefined;
  /** Every change up to this revision was dealt with, or is pending. */
  settledUpTo: number;
  acting: Promise<void> | undefined;
}

class FollowedCluster {
  isConnected = false;
  private readonly closing = new AbortController();
  private readonly cancelling = new AbortController();
  private readonly rules: Followed[];
  private readonly running: Promise<void>;
  /** Every revision up to this one has arrived. */
  private arrived = 0;
  /** Of this one at least a part has. */
  private begun = 0;

  constructor(
    readonly entry: ClusterEntry,
    private inventory: Inventory,
    rules: readonly ChangeRule[],
    private readonly before: Promise<unknown>,
    private readonly ports: RulePorts,
    private readonly count: (rule: ChangeRule, outcome: Outcome | undefined) => void,
  ) {
    this.rules = rules.map((rule) => {
      const followed: Followed = {
        rule,
        settler: new ChangeSettler(rule, entry, {
          affects: (name) => followed.rule.hosts.includes(name),
          settled: (changes) => this.settled(followed, changes),
        }),
        ...{ pending: undefined, settledUpTo: 0, acting: undefined },
      };
      this.count(rule, undefined);
      return followed;
    });
    this.sayWhatWasUnderWay();
    this.running = this.run();
  }

  /** The same rules, with the hosts that they mean now. */
  renew(inventory: Inventory, rules: readonly ChangeRule[]): void {
    this.inventory = inventory;
    for (const [index, rule] of rules.entries()) this.rules[index]!.rule = rule;
  }

  async stop(limit?: AbortSignal): Promise<void> {
    this.closing.abort();
    for (const { settler } of this.rules) settler.dispose();
    limit?.addEventListener('abort', () => this.cancelling.abort(), { once: true });
    await this.running;
    for (const { acting } of this.rules) await acting;
  }

  private keyOf({ rule }: Followed): string {
    return `${this.entry.name}/${rule.name}`;
  }

  private sayWhatWasUnderWay(): void {
    for (const followed of this.rules) {
      const known = this.ports.dealtWith[this.keyOf(followed)];
      if (!known?.underWay) continue;
      this.ports.logger.warn(
        t(
          'onChange {0}: the process ended while the rule ran for changes up to revision {1}: it does not run again, check the hosts',
          this.keyOf(followed),
          known.revision,
        ),
      );
      known.underWay = false;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    const { logger } = this.ports;
    await this.before;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.watch(() => (failures = 0));
      } catch (error) {
        if (signal.aborted) break;
        const { code, message } = toMusterError(error);
        if (failures === 1)
          logger.warn(t('onChange {0}: not followed, trying again: {1}', this.entry.name, message));
        this.isConnected = false;
        // A refused password is not tried again, for some servers lock the user out.
        if (code === 'AUTH') break;
      }
      const { first, most } = times.backoff;
      await delay(Math.min(first * 2 ** Math.max(0, failures - 1), most), undefined, { signal }).catch(
        () => {},
      );
    }
  }

  private async watch(connected: () => void): Promise<void> {
    const { signal } = this.closing;
    const { clusters, logger } = this.ports;
    const deadline = new Deadline(times.connect, signal);
    const etcd = await clusters.ready(this.entry.name, deadline).finally(() => deadline.dispose());
    const range = prefixRange(Buffer.from(this.entry.prefix));
    const { revision } = await etcd.range(singleKey(range.start), { keysOnly: true, signal });
    let from = this.firstNeeded(revision);
    if (from > revision + 1) {
      logger.warn(
        t(
          'onChange {0}: the cluster is at revision {1}, before {2}, which was seen: its history is another, and what changed is unknown',
          ...[this.entry.name, revision, from - 1],
        ),
      );
      for (const one of this.rules) this.ports.dealtWith[this.keyOf(one)]!.revision = revision;
      from = revision + 1;
    }
    this.arrived = from - 1;
    this.begun = this.arrived;
    const before = new Map(this.rules.map((one) => [one, this.ports.dealtWith[this.keyOf(one)]!.revision]));
    for await (const record of etcd.watch(range, { fromRevision: from, previous: false, signal })) {
      this.isConnected = record.type !== 'disconnected';
      if (record.type === 'connected' || record.type === 'resumed') connected();
      if (record.type === 'gap')
        logger.warn(
          t('onChange {0}: revisions {1} to {2} are unknown', this.entry.name, record.from, record.to),
        );
      if (record.type === 'events') this.begun = record.events.at(-1)!.revision;
      for (const one of this.rules) {
        if (record.type !== 'events') one.settler.take(record);
        else {
          const events = record.events.filter((event) => event.revision > before.get(one)!);
          if (events.length > 0) one.settler.take({ ...record, events });
        }
      }
      const upTo =
        record.type === 'events'
          ? // The rest of a transaction may come in the next record.
            record.events.at(-1)!.revision - 1
          : record.type === 'progress' || (record.type === 'difference' && record.last)
            ? record.revision
            : 0;
      this.arrived = Math.max(this.arrived, upTo);
      for (const one of this.rules) if (isIdle(one)) this.deal(one, this.arrived);
    }
  }

  /** The first revision that some rule has not dealt with; rules that are new begin with what comes. */
  private firstNeeded(revision: number): number {
    const { dealtWith } = this.ports;
    const known = this.rules.map((one) => (dealtWith[this.keyOf(one)] ??= { revision }));
    return Math.min(...known.map((one) => one.revision)) + 1;
  }

  private deal(followed: Followed, revision: number): void {
    const known = this.ports.dealtWith[this.keyOf(followed)]!;
    known.revision = Math.max(known.revision, revision);
  }

  private settled(followed: Followed, changes: ChangeSet): void {
    if (followed.pending) followed.pending.merge(changes);
    else followed.pending = changes;
    followed.settledUpTo = Math.max(lastOf(changes), this.begun);
    followed.acting ??= this.act(followed).finally(() => (followed.acting = undefined));
  }

  /** One thing at a time: what changes meanwhile is dealt with afterwards, as one change. */
  private async act(followed: Followed): Promise<void> {
    for (;;) {
      const changes = followed.pending;
      if (!changes || this.closing.signal.aborted) return;
      followed.pending = undefined;
      const known = this.ports.dealtWith[this.keyOf(followed)]!;
      known.revision = Math.max(known.revision, followed.settledUpTo);
      known.underWay = true;
      try {
        // From here on it may have run: what is not written before could run twice.
        await this.ports.remember();
        this.count(followed.rule, await this.react(followed, changes));
      } catch (error) {
        this.count(followed.rule, 'failed');
        this.log(followed, toMusterError(error).message);
      }
      known.underWay = false;
      await this.ports.remember().catch((error: unknown) => this.log(followed, toMusterError(error).message));
    }
  }

  private async react(followed: Followed, changes: ChangeSet): Promise<Outcome> {
    const { rule } = followed;
    const hosts = affectedHosts(rule, changes).flatMap((name) => this.inventory.hosts.get(name) ?? []);
    const summary = t(
      '{0} keys changed up to revision {1}',
      changes.keys.length + changes.unlisted,
      lastOf(changes),
    );
    if (rule.run === undefined) {
      if (rule.check === 'none') {
        this.log(followed, summary);
        return 'noted';
      }
      await this.check(followed, hosts);
      return 'checked';
    }
    const hindrance = this.hindrance(rule, hosts, changes);
    if (hindrance !== undefined) {
      this.log(followed, t('{0}; not run: {1}', summary, hindrance));
      return 'refused';
    }
    this.log(followed, t('{0}; running on {1} hosts by standing consent', summary, hosts.length));
    const signal = AbortSignal.any([this.cancelling.signal, AbortSignal.timeout(times.run)]);
    const report = await this.ports.run(hosts, rule.run, signal);
    const { ok, failed, stopped, skipped } = report.summary;
    this.log(followed, t('{0} ok, {1} failed, {2} stopped, {3} not reached', ok, failed, stopped, skipped));
    const reached = new Set(
      report.results.filter(({ status }) => status !== 'skipped').map(({ host }) => host),
    );
    await this.check(
      followed,
      hosts.filter(({ name }) => reached.has(name)),
    );
    return ok === hosts.length ? 'ran' : 'failed';
  }

  /** Why a rule does not run its command by itself; undefined if it does. */
  private hindrance(rule: ChangeRule, hosts: readonly Host[], changes: ChangeSet): string | undefined {
    if (changes.isEmpty) return t('only unknown revisions');
    if (hosts.length === 0) return t('no host is affected');
    if (hosts.some(({ readOnly }) => readOnly)) return t('hosts are read-only');
    if (!this.ports.consents().has(consentId(this.inventory, this.entry, rule)))
      return t('it has no consent');
    return undefined;
  }

  private async check(followed: Followed, hosts: readonly Host[]): Promise<void> {
    if (followed.rule.check === 'none' || hosts.length === 0) return;
    const results = await this.ports.check(hosts, followed.rule.check);
    const well = results.filter(({ status }) => status === 'healthy').length;
    this.log(followed, t('{0} of {1} checks healthy', well, results.length));
  }

  private log(followed: Followed, text: string): void {
    this.ports.logger.info(`onChange ${this.keyOf(followed)}: ${text}`);
  }
}

function isIdle({ settler, pending, acting }: Followed): boolean {
  return !settler.isGathering && !pending && !acting;
}

/** The last revision of changes. */
function lastOf({ keys, gap }: ChangeSet): number {
  return Math.max(0, gap?.to ?? 0, ...keys.map(({ after }) => after));
}

/** The consents that the lines of a file give: `ID CLUSTER/RULE COMMAND` each. @throws MusterError FORMAT naming the line */
export function parseConsents(text: string): Set<string> {
  const ids = new Set<string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, id] = /^([\da-f]{64})(?:\s|$)/.exec(line) ?? [];
    if (id === undefined)
      throw new MusterError(
        'FORMAT',
        t('line {0} does not begin with the 64 digits of a consent', index + 1),
        {
          hint: t('`muster serve --list-consents` prints the lines.'),
        },
      );
    ids.add(id);
  }
  return ids;
}

/** The lines of that file for all rules of an inventory that run something. */
export function consentLines(inventory: Inventory): string[] {
  return [...inventory.section(changeRules)].flatMap(([name, rules]) => {
    const entry = inventory.section(clusterEntries).get(name)!;
    return rules
      .filter(({ run }) => run !== undefined)
      .map((rule) => `${consentId(inventory, entry, rule)} ${name}/${rule.name} ${rule.run!}`);
  });
}
