import { EventEmitter, l10n, type Pseudoterminal, type TaskDefinition, type WorkspaceFolder } from 'vscode';
import { errorChain, errorReport, toMusterError } from '../../core/errors';
import type { RunReport, RunResult } from '../../core/runs/runBatch';
import { assertTrusted } from '../batches';
import { confirmRun, orderTitle } from '../commands/confirmRun';
import { orderOf } from '../commands/orderOf';
import { readRunArguments, runKeys } from '../commands/runArguments';
import type { RunOrder } from '../runs/fleetRuns';
import type { Services } from '../services';
import { problemLine, resultLines } from './taskOutput';

const interrupt = '\x03';
const taskKeys = runKeys.filter((key) => key !== 'dryRun' && key !== 'confirm');

/** A run as the terminal of a task: each host's output when the host has ended, then what went wrong where. */
export class RunTaskTerminal implements Pseudoterminal {
  private readonly write = new EventEmitter<string>();
  private readonly closed = new EventEmitter<number>();
  readonly onDidWrite = this.write.event;
  readonly onDidClose = this.closed.event;
  private readonly ending = new AbortController();

  constructor(
    private readonly definition: TaskDefinition,
    private readonly folder: WorkspaceFolder | undefined,
    private readonly services: Pick<Services, 'fleets' | 'runs'>,
  ) {}

  open(): void {
    void this.run().then((exitCode) => this.closed.fire(exitCode));
  }

  handleInput(data: string): void {
    if (data.includes(interrupt)) this.close();
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
      const order = await orderOf(readRunArguments(given, taskKeys), this.services.fleets.shown, this.folder);
      if (!(await confirmRun(order, 'ifProtected'))) {
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
    const { fleet, hosts, selector } = order;
    const total = hosts.length;
    this.line(`\x1b[2m> ${orderTitle(order)} · ${selector} (${total})\x1b[m`);
    let ended = 0;
    const report = await this.services.runs.run({
      ...order,
      quiet: true,
      signal: this.ending.signal,
      onResult: (result: RunResult) => {
        ended++;
        for (const line of resultLines(result, `${ended}/${total}`)) this.line(line);
      },
    });
    for (const result of report.results) {
      if (result.status === 'ok') continue;
      this.line(problemLine(result, fleet.inventory?.hosts.get(result.host)?.source, fleet.file));
    }
    const { ok, failed, skipped } = report.summary;
    this.line(l10n.t('{0} ok, {1} failed, {2} skipped', ok, failed, skipped));
    return report;
  }

  private line(text: string): void {
    this.write.fire(`${text}\r\n`);
  }
}
