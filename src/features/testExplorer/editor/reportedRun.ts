import { l10n, TestMessage, type TestItem, type TestRun } from 'vscode';
import type { CheckResult, CheckTarget } from '../../checks/core/checkBatch';
import { errorReport, errorChain } from '../../../platform/errors/errors';
import type { Logger } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { latency, statusWord, turningWord } from '../../../shell/editor/hosts/wording';
import { failureLines, isJudged, outputLines } from './failureText';
import { PacedQueue } from './pacedQueue';
import type { TestTree } from './testTree';

/** Mismatches are compared in an editor: no more than this is kept of either side. */
const maxValue = 20_000;
/**
 * Failures of a run with a message to themselves, and other results with a line to themselves. With each, VS Code looks
 * through all of them for every editor on screen: 1.100 hung for 25 s over 400. The output of the run has all the lines.
 */
const maxOwn = 200;

/** Tells a TestRun what a batch finds, in the order in which it does and never much of it at once. */
export class ReportedRun {
  private readonly queue: PacedQueue<() => void>;
  private readonly counts = new Map<CheckResult['status'], number>();
  private failures = 0;
  private others = 0;

  constructor(
    private readonly run: TestRun,
    private readonly tree: TestTree,
    logger: Logger,
  ) {
    this.queue = new PacedQueue<() => void>(
      (work) => work(),
      (error) => logger.error(`Test Explorer: ${String(error)}`),
    );
  }

  /** Marks a row as under way. */
  started(scope: TestItem): void {
    this.queue.add(() => this.run.started(scope));
  }

  /** Marks the rows of a target as under way, which `makeRows` makes if need be. */
  startedTarget(fleet: Fleet, { host, check }: CheckTarget, makeRows: () => void): void {
    this.queue.add(() => {
      makeRows();
      for (const item of this.tree.itemsOf(fleet, host.name, check.name)) this.run.started(item);
    });
  }

  /** Shows a result in every row of its target, which `makeRows` makes if need be. */
  result(result: CheckResult, fleet: Fleet, makeRows: () => void): void {
    this.counts.set(result.status, (this.counts.get(result.status) ?? 0) + 1);
    this.queue.add(() => {
      makeRows();
      this.show(result, this.tree.itemsOf(fleet, result.host, result.check));
    });
  }

  /** What kept the batch from running at all. */
  refused(error: unknown, scopes: readonly TestItem[]): void {
    const lines = errorChain(errorReport(error)).map((line) => printable(line, 500));
    this.queue.add(() => {
      for (const scope of scopes) this.run.errored(scope, new TestMessage(lines.join('\n')));
      this.run.appendOutput(`${lines.join('\r\n')}\r\n`);
    });
  }

  /** Resolves when everything was told. */
  async end(): Promise<void> {
    this.queue.add(() => {
      const counts = [...this.counts].map(([status, count]) => `${count} ${statusWord(status)}`);
      if (counts.length > 0) this.run.appendOutput(`${l10n.t('Checked: {0}', counts.join(', '))}\r\n`);
    });
    await this.queue.idle();
    this.run.end();
  }

  private show(result: CheckResult, items: readonly TestItem[]): void {
    const { status, turning } = result;
    const state = turning ? `${statusWord(status)}, ${turningWord(turning)}` : statusWord(status);
    const lines = outputLines(result, state, latency(result.latencyMs));
    // As in the exit status of the CLI: what is not healthy has not passed.
    const isFailure = result.status === 'degraded' || result.status === 'unhealthy';
    const hasOwn = (isFailure ? this.failures++ : this.others++) < maxOwn;
    // A failure's message says the same.
    this.run.appendOutput(
      `${lines.join('\r\n')}\r\n`,
      undefined,
      hasOwn && !isFailure ? items[0] : undefined,
    );
    for (const item of items) this.tree.shown.set(item, result.status);
    if (result.status === 'healthy') for (const item of items) this.run.passed(item, result.latencyMs);
    if (result.status === 'skipped') for (const item of items) this.run.skipped(item);
    if (!isFailure) return;
    const messages = hasOwn ? messagesOf(result) : [];
    for (const item of items) {
      if (isJudged(result)) this.run.failed(item, messages, result.latencyMs);
      else this.run.errored(item, messages, result.latencyMs);
    }
  }
}

/** Expected against actual where there is such, then the chain of causes and the advice. */
function messagesOf(result: CheckResult): TestMessage[] {
  const lines = failureLines(result);
  const degraded = result.status === 'degraded' ? ` (${statusWord(result.status)})` : '';
  const where = `${printable(result.host)} ${printable(result.check)}${degraded}`;
  const { mismatch } = result;
  if (!mismatch) return [new TestMessage([`${where}: ${lines[0]}`, ...lines.slice(1)].join('\n'))];
  const diff = TestMessage.diff(
    `${where}: ${printable(result.message, 500)}`,
    safeText(mismatch.expected),
    safeText(mismatch.actual),
  );
  return lines.length > 1 ? [diff, new TestMessage(lines.join('\n'))] : [diff];
}

/** Several lines may stand in a diff; what could deceive in them may not. */
function safeText(text: string): string {
  return text
    .slice(0, maxValue)
    .split('\n')
    .map((line) => printable(line, 2000))
    .join('\n');
}
