import { EventEmitter, l10n, type Pseudoterminal, type TaskDefinition, type WorkspaceFolder } from 'vscode';
import { errorChain, errorReport, toMusterError } from '../../../platform/errors/errors';
import { batchAt, batchSizes } from '../../../platform/batch/fanOut';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { printable } from '../../../platform/text/printable';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import type { RunReport } from '../../runs/core/runBatch';
import { Throttle } from '../../../platform/batch/throttle';
import { assertTrusted } from '../../../shell/editor/batches';
import { confirmRun, orderTitle } from '../../runs/editor/command/confirmRun';
import { orderOf } from '../../runs/editor/command/orderOf';
import { readRunArguments, taskKeys } from '../../../shell/editor/commands/runArguments';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { RunOrder } from '../../runs/editor/fleetRuns';
import { summaryText } from '../../runs/editor/outcome';
import type { Ports } from '../../../shell/editor/services';
import { hostCount, latency } from '../../../shell/editor/hosts/wording';
import { outcomeOf, problemLine, TaskOutput } from './taskOutput';

const interrupt = '\x03';
/** Lines are written together, since thousands of hosts may speak at once. */
const writeMs = 50;

/** A run as the terminal of a task: each host's output as it arrives, then what went wrong where. */
export class RunTaskTerminal implements Pseudoterminal {
  private readonly write = new EventEmitter<string>();
  private readonly closed = new EventEmitter<number>();
  readonly onDidWrite = this.write.event;
  readonly onDidClose = this.closed.event;
  private readonly ending = new AbortController();
  private lines: string[] = [];
  private readonly throttle = new Throttle(() => this.writeLines(), writeMs);

  constructor(
    private readonly definition: TaskDefinition,
    private readonly folder: WorkspaceFolder | undefined,
    private readonly services: Ports<'fleets' | 'runs'>,
  ) {}

  open(): void {
    void this.run().then((exitCode) => {
      this.throttle.flush();
      this.closed.fire(exitCode);
    });
  }

  handleInput(data: string): void {
    if (!data.includes(interrupt) || this.ending.signal.aborted) return;
    this.line(l10n.t('Cancelling…'));
    this.close();
  }

  /** The user has ended the task, or closed its terminal. */
  close(): void {
    this.ending.abort();
  }

  /** 0: it ended well on every host; 1: it did not; 2: it was not run. */
  private async run(): Promise<number> {
    try {
      assertTrusted();
      const given = { ...this.definition, type: undefined };
      await this.services.fleets.whenLoaded();
      const read = readRunArguments(given, taskKeys);
      const order = await orderOf(read, this.services.fleets.shown, this.folder);
      if (!(await confirmRun(order, read.confirmOver ?? Infinity)) || this.ending.signal.aborted) {
        this.line(l10n.t('Not confirmed: nothing was run.'));
        return 2;
      }
      const report = await this.carryOut(order);
      return report.summary.ok === report.summary.total ? 0 : 1;
    } catch (thrown) {
      for (const line of errorChain(errorReport(toMusterError(thrown)))) this.line(`\x1b[31m${line}\x1b[m`);
      return 2;
    }
  }

  private async carryOut(order: RunOrder): Promise<RunReport> {
    const { fleet, hosts, selector, options } = order;
    const total = hosts.length;
    const output = new TaskOutput(hosts.map(({ name }) => name));
    this.line(`\x1b[1m> ${withoutCredentials(orderTitle(order))} · ${printable(selector)} (${total})\x1b[m`);
    const sizes = batchSizes(total, options?.serial);
    if (sizes.length > 1) this.line(batchLine(1, sizes));
    let ended = 0;
    const report = await this.services.runs.run({
      ...order,
      quiet: true,
      signal: this.ending.signal,
      onOutput: (host, stream, piece) => this.show(output.add(host, stream, piece)),
      onResult: (result) => {
        ended++;
        if (result.status !== 'skipped') this.show(output.end(result, `${ended}/${total}`));
        this.announceBatch(sizes, ended, options?.pauseMs, () => ended);
      },
    });
    if (output.isCut) this.line(l10n.t('More output is not shown here: see the Runs view.'));
    for (const line of summaryLines(report, fleet)) this.line(line);
    return report;
  }

  /** Says that a batch begins, unless the one before was the last: then the others are not started, in the same turn. */
  private announceBatch(
    sizes: readonly number[],
    ended: number,
    pauseMs: number | undefined,
    now: () => number,
  ): void {
    const next = batchAt(ended, sizes);
    const begins = sizes.length > 1 && next > batchAt(ended - 1, sizes);
    if (!begins) return;
    setImmediate(() => {
      if (now() === ended) this.line(batchLine(next, sizes, pauseMs));
    });
  }

  private line(text: string): void {
    this.show([text]);
  }

  private show(lines: readonly string[]): void {
    this.lines.push(...lines);
    this.throttle.request();
  }

  private writeLines(): void {
    if (this.lines.length > 0) this.write.fire(this.lines.map((line) => `${line}\r\n`).join(''));
    this.lines = [];
  }
}

function batchLine(batch: number, sizes: readonly number[], pauseMs?: number): string {
  const title = l10n.t('Batch {0} of {1}', batch, sizes.length);
  const wait = pauseMs === undefined ? '' : `, ${l10n.t('in {0}', latency(pauseMs))}`;
  return `\x1b[1m── ${title} (${hostCount(sizes[batch - 1]!)})${wait} ──\x1b[m`;
}

/** Failed hosts and those that were stopped while running as problems, those never started by reason, and the counts. */
function summaryLines({ results, summary }: RunReport, fleet: Fleet): string[] {
  const failed = results.filter(({ status }) => status === 'failed' || status === 'stopped');
  const notStarted = new Map<string, string[]>();
  for (const result of results) {
    if (result.status !== 'skipped') continue;
    const reason = outcomeOf(result);
    const hosts = notStarted.get(reason) ?? [];
    notStarted.set(reason, hosts);
    hosts.push(result.host);
  }
  return [
    ...failed.map((result) =>
      problemLine(result, fleet.inventory?.hosts.get(result.host)?.source, fleet.file),
    ),
    ...[...notStarted].map(([reason, hosts]) =>
      l10n.t('not started: {0}: {1}', compactHostSet(hosts), reason),
    ),
    summaryText(summary),
  ];
}
