import {
  type CancellationToken,
  l10n,
  type TestController,
  type TestItem,
  TestRunRequest,
  type Disposable,
} from 'vscode';
import type { CheckTarget } from '../../checks/core/checkBatch';
import { assertTrusted } from '../../../shell/editor/batches';
import type { Inventory } from '../../../platform/inventory/model';
import type { RecordedResult } from '../../checks/editor/fleetChecks';
import { Disposables } from '../../../shell/editor/disposables';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Ports } from '../../../shell/editor/services';
import { ReportedRun } from './reportedRun';
import { holdsHost, targetKey, targetsBelow } from './testNodes';
import type { TestTree } from './testTree';
import { checks } from '../../checks/core/check';

/** Each target is marked as under way in a batch up to this size, else the rows that were asked for. */
const maxMarked = 1_000;
/**
 * Of an inventory of up to so many targets all that was checked elsewhere is shown, so that the Test Explorer counts what
 * was checked; of a larger one only rows that were made already, as VS Code would be busy with the others for seconds.
 */
const maxMirrored = 1_000;

export interface TestRunOptions {
  failFast: boolean;
  /** Nobody asked for this pass: nobody is asked anything, and nothing is kept of it. */
  automatic?: boolean;
}

type Plan = Map<Fleet, Map<string, CheckTarget>>;
type MakeRows = (fleet: Fleet, target: CheckTarget) => void;

/** Checks that the Test Explorer starts, and those of others as far as they change what it shows. */
export class TestRuns implements Disposable {
  private readonly owned = new Disposables();
  /** Targets of own batches under way, and how many of these. */
  private readonly own = new Map<string, number>();
  /** What others have checked since no check was under way, and the run that shows it once some of it is news. */
  private elsewhere: RecordedResult[] = [];
  private mirror: ReportedRun | undefined;
  private readonly small = new WeakMap<Inventory, boolean>();

  constructor(
    private readonly controller: TestController,
    private readonly tree: TestTree,
    private readonly services: Ports<'checks' | 'logger'>,
  ) {
    this.owned.add(services.checks.onDidRecord((recorded) => this.reflect(recorded)));
    this.owned.add(services.checks.onDidSettle(() => this.closeMirror()));
  }

  /** Resolves when everything asked for has ended, by itself or by a cancel. */
  async run(request: TestRunRequest, token: CancellationToken, options: TestRunOptions): Promise<void> {
    const run = this.controller.createTestRun(request, undefined, !options.automatic);
    const reported = new ReportedRun(run, this.tree, this.services.logger);
    const cancel = new AbortController();
    const cancelled = [token, run.token].map((one) => one.onCancellationRequested(() => cancel.abort()));
    if (token.isCancellationRequested) cancel.abort();
    const scopes = request.include ?? this.tree.scopes;
    const makeRows = request.include ? this.rowsBelow(request.include) : this.oneRow;
    try {
      assertTrusted();
      const plan = this.planOf(scopes, request.exclude ?? []);
      await this.check(plan, scopes, makeRows, reported, cancel.signal, options);
    } catch (error) {
      reported.refused(error, scopes);
    } finally {
      for (const one of cancelled) one.dispose();
      await reported.end();
    }
  }

  dispose(): void {
    this.closeMirror();
    this.owned.dispose();
  }

  private async check(
    plan: Plan,
    scopes: readonly TestItem[],
    makeRows: MakeRows,
    reported: ReportedRun,
    signal: AbortSignal,
    { failFast, automatic }: TestRunOptions,
  ): Promise<void> {
    const total = [...plan.values()].reduce((sum, targets) => sum + targets.size, 0);
    if (total > maxMarked) for (const scope of scopes) reported.started(scope);
    else
      for (const [fleet, targets] of plan)
        for (const target of targets.values())
          reported.startedTarget(fleet, target, () => makeRows(fleet, target));
    this.count(plan, 1);
    try {
      await this.services.checks.check(
        new Map([...plan].map(([fleet, targets]) => [fleet, [...targets.values()]])),
        {
          signal,
          quiet: true,
          ...(failFast && { maxFailures: { count: 0 } }),
          ...(automatic && { automatic: true, overrideCircuit: false }),
          onResult: (result, fleet) => {
            const target = plan.get(fleet)?.get(targetKey(fleet, result.host, result.check));
            reported.result(result, fleet, () => target && makeRows(fleet, target));
          },
        },
      );
    } finally {
      this.count(plan, -1);
    }
  }

  /** Makes the rows of a target below those that were asked for. */
  private rowsBelow(scopes: readonly TestItem[]): MakeRows {
    return (fleet, target) => {
      for (const scope of scopes) if (this.holds(scope, fleet, target)) this.tree.makeItems(scope, target);
    };
  }

  /** Makes a row of a target that has none, so that VS Code, which counts rows, counts it once. */
  private readonly oneRow: MakeRows = (fleet, target) => {
    if (this.tree.itemsOf(fleet, target.host.name, target.check.name).length === 0)
      this.tree.makeItem(target, fleet);
  };

  private planOf(scopes: readonly TestItem[], excluded: readonly TestItem[] = []): Plan {
    const plan: Plan = new Map();
    for (const scope of scopes) {
      const node = this.tree.nodeOf(scope);
      if (!node) continue;
      const targets = plan.get(node.fleet) ?? new Map<string, CheckTarget>();
      plan.set(node.fleet, targets);
      for (const target of targetsBelow(node))
        targets.set(targetKey(node.fleet, target.host.name, target.check.name), target);
    }
    if (excluded.length > 0)
      for (const [fleet, targets] of this.planOf(excluded))
        for (const key of targets.keys()) plan.get(fleet)?.delete(key);
    return plan;
  }

  /** Whether the rows of the target belong below this one. */
  private holds(scope: TestItem, fleet: Fleet, target: CheckTarget): boolean {
    const node = this.tree.nodeOf(scope);
    if (node?.fleet !== fleet) return false;
    switch (node.kind) {
      case 'fleet':
      case 'byCheck':
        return true;
      case 'group':
        return holdsHost(node, target.host);
      case 'host':
        return node.host.name === target.host.name;
      case 'check':
        return node.check.name === target.check.name;
      case 'target':
        return false;
    }
  }

  private count(plan: Plan, by: 1 | -1): void {
    for (const targets of plan.values()) {
      for (const key of targets.keys()) {
        const left = (this.own.get(key) ?? 0) + by;
        if (left > 0) this.own.set(key, left);
        else this.own.delete(key);
      }
    }
  }

  /** A check of the Hosts view, an agent or the clock: all of it is shown as soon as some of it is news. */
  private reflect(recorded: RecordedResult): void {
    const { fleet, held: result } = recorded;
    if (this.own.has(targetKey(fleet, result.host, result.check))) return;
    if (result.status === 'skipped' && result.error?.code !== 'DEPENDENCY') return;
    const known = this.tree.itemsOf(fleet, result.host, result.check);
    if (known.length === 0 && !this.isSmall(fleet)) return;
    const isNews = known.length === 0 || known.some((item) => this.tree.shown.get(item) !== result.status);
    if (!this.mirror && !isNews) {
      this.elsewhere.push(recorded);
      return;
    }
    for (const earlier of this.elsewhere) this.show(earlier);
    this.elsewhere = [];
    this.show(recorded);
  }

  private isSmall(fleet: Fleet): boolean {
    const { inventory } = fleet;
    if (!inventory) return false;
    let isSmall = this.small.get(inventory);
    if (isSmall === undefined) {
      isSmall = fleet.targetsOf(inventory.hosts.keys()).length <= maxMirrored;
      this.small.set(inventory, isSmall);
    }
    return isSmall;
  }

  private show({ fleet, held: result }: RecordedResult): void {
    this.mirror ??= this.openMirror();
    const host = fleet.inventory?.hosts.get(result.host);
    const check = fleet.inventory?.section(checks).get(result.check);
    this.mirror.result(result, fleet, () => host && check && this.oneRow(fleet, { host, check }));
  }

  private openMirror(): ReportedRun {
    // The focus stays where it is: nobody asked the Test Explorer for this.
    const request = new TestRunRequest([], undefined, undefined, false, true);
    const run = this.controller.createTestRun(request, l10n.t('Checked elsewhere'), false);
    return new ReportedRun(run, this.tree, this.services.logger);
  }

  private closeMirror(): void {
    const { mirror } = this;
    this.mirror = undefined;
    this.elsewhere = [];
    void mirror?.end();
  }
}
