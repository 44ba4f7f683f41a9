import { type Disposable, l10n, window, workspace } from 'vscode';
import { ChangeSettler } from '../../core/rules/changeRules';
import { type ChangeRule, changeRules } from '../../core/rules/changeRule';
import { Disposables } from '../../../../shell/editor/disposables';
import type { FailedWatch } from '../clusters/clusterWatches';
import type { Cluster } from '../clusters/cluster';
import { attended, unattended } from '../../../../shell/editor/prompts/unattended';
import type { Ports } from '../../../../shell/editor/services';
import { consentId } from '../../core/rules/ruleConsent';
import type { RuleConsents } from './ruleConsents';
import { RuleReaction } from './ruleReaction';

/** Milliseconds between attempts to follow a cluster that does not answer. */
const retry = { first: 5_000, most: 300_000 };

/** One rule that is followed. */
interface FollowedRule {
  settler: ChangeSettler;
  reaction: RuleReaction;
  /** Names of its hosts, as the inventory is now. */
  hosts: Set<string>;
}

/** Follows the clusters of all inventories that have rules, and hands what changes to the rules. */
export class RuleFollower implements Disposable {
  private readonly owned = new Disposables();
  private rules = new Map<Cluster, Map<string, FollowedRule>>();
  private readonly failures = new WeakMap<Cluster, number>();
  private readonly retries = new Map<Cluster, NodeJS.Timeout>();

  constructor(
    private readonly services: Ports<'fleets' | 'checks' | 'runs' | 'etcd' | 'logger'>,
    private readonly consents: RuleConsents,
  ) {
    const { watches } = services.etcd;
    this.owned.add(
      watches.onDidTell(({ cluster, record }) => {
        const rules = this.rules.get(cluster);
        if (!rules) return;
        for (const { settler } of rules.values()) settler.take(record);
        if (record.type === 'connected') this.failures.delete(cluster);
        if (record.type === 'connected' || record.type === 'disconnected' || record.type === 'resumed')
          this.services.logger.info(
            `onChange ${cluster.name}: ${record.type} at revision ${record.revision}`,
          );
      }),
    );
    this.owned.add(watches.onDidFail((failed) => this.failed(failed)));
    this.owned.add(services.etcd.onDidChange(() => this.update()));
  }

  /** To be called when inventories came, went or changed. */
  update(): void {
    if (!workspace.isTrusted) return;
    const before = this.rules;
    this.rules = new Map();
    const ids = new Set<string>();
    for (const cluster of this.services.etcd.all) {
      const wanted = cluster.fleet.inventory?.section(changeRules).get(cluster.name);
      if (!wanted) continue;
      const followed = new Map<string, FollowedRule>();
      for (const rule of wanted) {
        const { file, inventory } = cluster.fleet;
        const id = consentId({ file, hosts: inventory?.hosts }, cluster.settings, rule);
        ids.add(id);
        const known = before.get(cluster)?.get(id);
        followed.set(id, known ? this.renew(known, rule) : this.begin(cluster, rule, id));
      }
      this.rules.set(cluster, followed);
      if (!this.retries.has(cluster) && !this.failures.has(cluster)) this.follow(cluster);
    }
    for (const [cluster, rules] of before)
      for (const [id, rule] of rules) if (!this.rules.get(cluster)?.has(id)) end(rule);
    for (const [cluster, timer] of this.retries) {
      if (this.rules.has(cluster)) continue;
      clearTimeout(timer);
      this.retries.delete(cluster);
    }
    this.withdrawEdited(ids);
  }

  dispose(): void {
    for (const timer of this.retries.values()) clearTimeout(timer);
    for (const rules of this.rules.values()) for (const rule of rules.values()) end(rule);
    this.owned.dispose();
  }

  private begin(cluster: Cluster, rule: ChangeRule, id: string): FollowedRule {
    const reaction = new RuleReaction(this.services, this.consents, { cluster, rule, id });
    const hosts = new Set(rule.hosts);
    const settler = new ChangeSettler(rule, cluster.settings, {
      affects: (name) => hosts.has(name),
      settled: (changes) => reaction.take(changes),
    });
    return { settler, reaction, hosts };
  }

  private renew(known: FollowedRule, rule: ChangeRule): FollowedRule {
    known.reaction.renew(rule);
    known.hosts.clear();
    for (const name of rule.hosts) known.hosts.add(name);
    return known;
  }

  /** Nobody waits for it: what is not known is not asked for. */
  private follow(cluster: Cluster): void {
    void unattended(() => Promise.resolve(this.services.etcd.watches.follow(cluster)));
  }

  private failed({ cluster, error }: FailedWatch): void {
    if (!this.rules.has(cluster)) return;
    const failures = (this.failures.get(cluster) ?? 0) + 1;
    this.failures.set(cluster, failures);
    // A refused password is not tried again, for some servers lock the user out.
    if (error.code !== 'AUTH') this.retryLater(cluster, failures);
    if (failures > 1) return;
    const connect = l10n.t('Connect…');
    const message = l10n.t(
      'The rules of the etcd cluster {0} are not followed: {1}',
      cluster.name,
      error.message,
    );
    void window.showWarningMessage(message, connect).then((answer) => {
      if (answer !== connect) return;
      this.failures.delete(cluster);
      void attended(() => Promise.resolve(this.services.etcd.watches.follow(cluster)));
    });
  }

  private retryLater(cluster: Cluster, failures: number): void {
    const ms = Math.min(retry.first * 2 ** (failures - 1), retry.most);
    const timer = setTimeout(() => {
      this.retries.delete(cluster);
      if (this.rules.has(cluster)) this.follow(cluster);
    }, ms);
    clearTimeout(this.retries.get(cluster));
    this.retries.set(cluster, timer);
  }

  /** Consents of inventories that are read hold for the rules that are in them to the letter, and for no others. */
  private withdrawEdited(ids: ReadonlySet<string>): void {
    const read = new Set(this.services.fleets.shown.filter(({ stale }) => !stale).map(({ file }) => file));
    const edited = this.consents.all.filter(([id, { inventory }]) => read.has(inventory) && !ids.has(id));
    for (const [, { rule, cluster }] of edited)
      this.services.logger.info(`onChange ${cluster}/${rule}: edited, the standing consent is withdrawn`);
    if (edited.length > 0) void this.consents.withdraw(new Set(edited.map(([id]) => id)));
  }
}

function end({ settler, reaction }: FollowedRule): void {
  settler.dispose();
  reaction.dispose();
}
