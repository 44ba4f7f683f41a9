import { type Disposable, l10n, window } from 'vscode';
import type { CheckResult } from '../../../checks/core/checkBatch';
import { errorReport } from '../../../../platform/errors/errors';
import type { ChangeSet } from '../../core/rules/changeRules';
import { affectedHosts } from '../../core/rules/ruleConsent';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import type { ChangeRule } from '../../core/rules/changeRule';
import type { Host } from '../../../../platform/inventory/model';
import { printable } from '../../../../platform/text/printable';
import { isProtected } from '../../../../shell/editor/prompts/protection';
import { confirmRun } from '../../../runs/editor/command/confirmRun';
import type { Cluster } from '../clusters/cluster';
import { attended, unattended } from '../../../../shell/editor/prompts/unattended';
import type { RunOrder } from '../../../runs/editor/fleetRuns';
import type { Ports } from '../../../../shell/editor/services';
import { askConsent } from './askConsent';
import type { RuleConsents } from './ruleConsents';
import { changesText, hostsText, logText, namesOf } from './ruleText';
import { showChanges } from './showChanges';
import { type RuleOutcome, tellOutcome } from './tellOutcome';

/** A question that nobody answered is put again for new changes after so many milliseconds. */
const askAgainMs = 600_000;

type Answer = 'run' | 'always' | 'changes' | 'check';

/**
 * What one rule does with what changed: one thing at a time, and one question. What changes meanwhile waits, and is
 * one change with what else does.
 */
export class RuleReaction implements Disposable {
  readonly cluster: Cluster;
  private readonly id: string;
  rule: ChangeRule;
  private pending: ChangeSet | undefined;
  /** How often something came: a question is about what had come until then. */
  private arrivals = 0;
  private asked: { arrivals: number; at: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private busy = false;
  /** Another window runs it by itself. */
  private isElsewhere = false;
  private disposed = false;

  constructor(
    private readonly services: Ports<'checks' | 'runs' | 'etcd' | 'logger'>,
    private readonly consents: RuleConsents,
    { cluster, rule, id }: { cluster: Cluster; rule: ChangeRule; id: string },
  ) {
    this.cluster = cluster;
    this.rule = rule;
    this.id = id;
  }

  /** The same rule, with the hosts that it means now. */
  renew(rule: ChangeRule): void {
    this.rule = rule;
  }

  take(changes: ChangeSet): void {
    this.arrivals++;
    this.log(logText(changes));
    if (this.pending) this.pending.merge(changes);
    else this.pending = changes;
    this.goOn();
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private goOn(byUser = false): void {
    this.consider(byUser).catch((error: unknown) => this.failed(error));
  }

  private async consider(byUser: boolean): Promise<void> {
    const changes = this.pending;
    if (this.disposed || this.busy || !changes) return;
    const { run, check, notify } = this.rule;
    if (run !== undefined) {
      const hosts = this.affected(changes);
      this.busy = true;
      const alone = await this.mayRunAlone(hosts, changes).finally(() => (this.busy = false));
      if (alone) await this.work((taken) => this.runAlone(taken, byUser));
      else this.ask();
    } else if (check !== 'none') await this.work((taken) => this.checkAlone(taken));
    else if (notify) this.ask();
    else this.pending = undefined;
  }

  /** Does something with what is pending; what comes meanwhile is looked at afterwards. */
  private async work(doIt: (changes: ChangeSet) => Promise<void>): Promise<void> {
    const changes = this.pending;
    if (!changes || this.busy || this.disposed) return;
    this.pending = undefined;
    this.asked = undefined;
    this.busy = true;
    try {
      await doIt(changes);
    } finally {
      this.busy = false;
      this.goOn();
    }
  }

  private affected(changes: ChangeSet): Host[] {
    const { hosts } = this.cluster.fleet.inventory ?? {};
    return affectedHosts(this.rule, changes).flatMap((name) => hosts?.get(name) ?? []);
  }

  /** Standing consent is for changes that were seen, in an inventory as it is, on hosts that are not protected. */
  private async mayRunAlone(hosts: readonly Host[], changes: ChangeSet): Promise<boolean> {
    const { fleet } = this.cluster;
    if (fleet.stale || changes.isEmpty || hosts.length === 0 || !this.consents.has(this.id)) return false;
    if (hosts.some(({ readOnly }) => readOnly) || (await isProtected({ fleet, hosts }))) return false;
    this.isElsewhere = !(await this.consents.claim(this.id));
    return !this.isElsewhere;
  }

  /** Puts the question, unless it was put a moment ago: then its answer is for what came since, too. */
  private ask(): void {
    const changes = this.pending!;
    const now = performance.now();
    clearTimeout(this.timer);
    if (this.asked && now - this.asked.at < askAgainMs) {
      this.timer = setTimeout(() => this.goOn(), this.asked.at + askAgainMs - now);
      return;
    }
    const asked = { arrivals: this.arrivals, at: now };
    this.asked = asked;
    const { message, buttons } = this.question(changes);
    const show = changes.gap ? window.showWarningMessage : window.showInformationMessage;
    void show(message, ...buttons.keys()).then((button) =>
      attended(() => this.answered(button === undefined ? undefined : buttons.get(button), asked)).catch(
        (error: unknown) => this.failed(error),
      ),
    );
  }

  private question(changes: ChangeSet): { message: string; buttons: Map<string, Answer> } {
    const { run, name } = this.rule;
    const hosts = this.affected(changes);
    const readOnly = hosts.filter((host) => host.readOnly);
    const buttons = new Map<string, Answer>();
    const sentences = [`${name}: ${changesText(this.cluster, this.rule, changes)}`];
    if (run !== undefined) {
      const command = printable(run, 100);
      if (hosts.length === 0) sentences.push(l10n.t('No host is affected.'));
      else if (readOnly.length > 0)
        sentences.push(
          l10n.t('“{0}” is not run: {1} read-only.', command, namesOf(readOnly.map((host) => host.name))),
        );
      else {
        sentences.push(
          l10n.t('Run “{0}” on {1}?', command, hostsText(hosts, this.selectorOf(changes, hosts))),
        );
        if (this.isElsewhere) sentences.push(l10n.t('Another window has your consent to run it, too.'));
        buttons.set(l10n.t('Run…'), 'run');
        if (!this.consents.has(this.id)) buttons.set(l10n.t('Always Run…'), 'always');
      }
    }
    buttons.set(l10n.t('Show Changes'), 'changes');
    if (this.targetsOf(hosts).length > 0) buttons.set(l10n.t('Check'), 'check');
    return { message: sentences.join(' '), buttons };
  }

  private async answered(answer: Answer | undefined, asked: RuleReaction['asked']): Promise<void> {
    const isLast = asked === this.asked;
    if (isLast) this.asked = undefined;
    const changes = this.pending;
    if (this.disposed || !changes) return;
    switch (answer) {
      case undefined:
        // What came after the question was not seen by whoever closed it.
        if (isLast && asked!.arrivals === this.arrivals) this.pending = undefined;
        else if (isLast) this.goOn();
        return;
      case 'changes':
        await showChanges(this.services.etcd, this.cluster, this.rule.name, changes);
        // Who had only to be told knows it now.
        if (this.rule.run === undefined) this.pending = undefined;
        else this.goOn();
        return;
      case 'always':
        await askConsent(this.consents, this.id, {
          ...{ cluster: this.cluster, rule: this.rule },
          hosts: this.affected(changes),
        });
        this.goOn(true);
        return;
      case 'run':
        return this.work((taken) => this.runConfirmed(taken));
      case 'check':
        return this.work(async (taken) => {
          const results = await this.check(this.affected(taken), 'all');
          this.tell({ results });
        });
    }
  }

  private async runConfirmed(changes: ChangeSet): Promise<void> {
    const order = this.orderFor(changes);
    const { refuseReadOnly } = await import('../../../../platform/inventory/readOnly');
    refuseReadOnly(order.hosts);
    if (!(await confirmRun(order))) return this.log('not run');
    await this.runAndCheck(order);
  }

  private async runAlone(changes: ChangeSet, byUser: boolean): Promise<void> {
    const order = this.orderFor(changes);
    // What came while that was looked at may have brought a protected host.
    if (!(await this.mayRunAlone(order.hosts, changes))) return this.putBack(changes);
    this.log(`runs on ${order.hosts.length} hosts by standing consent`);
    await (byUser ? this.runAndCheck(order) : unattended(() => this.runAndCheck(order)));
  }

  private putBack(changes: ChangeSet): void {
    if (this.pending) changes.merge(this.pending);
    this.pending = changes;
  }

  private async runAndCheck(order: RunOrder): Promise<void> {
    const report = await this.services.runs.run(order);
    const reached = new Set(
      report.results.filter(({ status }) => status !== 'skipped').map(({ host }) => host),
    );
    const results = await this.check(order.hosts.filter(({ name }) => reached.has(name)));
    this.tell({ report, results });
  }

  private async checkAlone(changes: ChangeSet): Promise<void> {
    const results = await unattended(() => this.check(this.affected(changes)));
    const isWell = results.every(({ status }) => status === 'healthy');
    if (this.rule.notify || !isWell) this.tell({ results, changes });
  }

  /** The checks that the rule asks for, or all of them if somebody asked for that. */
  private async check(hosts: readonly Host[], which = this.rule.check): Promise<CheckResult[]> {
    const { fleet } = this.cluster;
    const targets = this.targetsOf(hosts, which);
    if (targets.length === 0) return [];
    return this.services.checks.check(new Map([[fleet, targets]]), { quiet: true });
  }

  private targetsOf(hosts: readonly Host[], which: ChangeRule['check'] = 'all') {
    if (which === 'none') return [];
    const targets = this.cluster.fleet.targetsOf(hosts.map(({ name }) => name));
    return which === 'all' ? targets : targets.filter(({ check }) => which.includes(check.name));
  }

  private orderFor(changes: ChangeSet): RunOrder {
    const hosts = this.affected(changes);
    const { fleet } = this.cluster;
    const reason = `${changesText(this.cluster, this.rule, changes)} (${this.rule.name})`;
    return {
      fleet,
      hosts,
      selector: this.selectorOf(changes, hosts),
      request: { command: [this.rule.run!] },
      reason,
    };
  }

  /** The words of the rule, or the names of the hosts that keys named. */
  private selectorOf({ affectsAll, gap }: ChangeSet, hosts: readonly Host[]): string {
    const { on } = this.rule;
    if (on.length > 0 && (affectsAll || gap)) return on.join(' ');
    return compactHostSet(hosts.map(({ name }) => name));
  }

  private tell(outcome: RuleOutcome): void {
    const line = tellOutcome(this.services.etcd, this, outcome);
    if (line !== '') this.log(line);
  }

  private failed(error: unknown): void {
    const { code, message, hint, causes } = errorReport(error);
    this.services.logger.error(
      [`onChange ${this.cluster.name}/${this.rule.name}: ${code}: ${message}`, ...causes].join('\n  '),
    );
    if (code !== 'CANCELLED')
      void window.showErrorMessage(`${this.rule.name}: ${[message, hint].filter(Boolean).join(' — ')}`);
  }

  private log(text: string): void {
    this.services.logger.info(`onChange ${this.cluster.name}/${this.rule.name}: ${text}`);
  }
}
