import { l10n } from 'vscode';
import { errorChain } from '../../../platform/errors/errors';
import type { SourceRange } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import type { RunResult } from '../../runs/core/runBatch';
import { HostOutput } from './hostOutput';

type Stream = 'stdout' | 'stderr';

/** Lines shown of one host's output, and of all; the Runs view keeps what a task's terminal does not show. */
const mostLines = 1000;
const mostLinesOfAll = 20_000;
const widestName = 30;
const marks: Record<Stream, string> = { stdout: '|', stderr: '!' };

interface HostState {
  shown: number;
  hidden: number;
  streams: Map<Stream, HostOutput>;
}

/** The output of a task's hosts as it arrives: whole lines, each after the name of its host. */
export class TaskOutput {
  private readonly hosts = new Map<string, HostState>();
  private readonly width: number;
  private total = 0;
  private cut = false;

  constructor(names: readonly string[]) {
    this.width = names.reduce((width, name) => Math.min(widestName, Math.max(width, name.length)), 0);
  }

  /** Whether there was more than is shown. */
  get isCut(): boolean {
    return this.cut;
  }

  add(host: string, stream: Stream, piece: Buffer): string[] {
    const state = this.hosts.get(host) ?? { shown: 0, hidden: 0, streams: new Map<Stream, HostOutput>() };
    this.hosts.set(host, state);
    const output = state.streams.get(stream) ?? new HostOutput();
    state.streams.set(stream, output);
    return this.shown(host, stream, state, output.add(piece));
  }

  /** What is left of the host's output, and how it ended. */
  end(result: RunResult, progress: string): string[] {
    const { host, status } = result;
    const state = this.hosts.get(host);
    this.hosts.delete(host);
    const rest = [...(state?.streams ?? [])].flatMap(([stream, output]) =>
      this.shown(host, stream, state!, output.end()),
    );
    const hidden = state?.hidden ?? 0;
    const more = hidden > 0 ? [`${this.name(host, '36')}   [+${hidden}]`] : [];
    const outcome = status === 'ok' ? l10n.t('ok') : `\x1b[31m${outcomeOf(result)}\x1b[m`;
    const name = this.name(host, status === 'ok' ? '36' : '31');
    return [...rest, ...more, `${name} = ${outcome} (${progress})`];
  }

  private shown(host: string, stream: Stream, state: HostState, lines: string[]): string[] {
    const shown = lines.slice(0, Math.min(mostLines - state.shown, mostLinesOfAll - this.total));
    state.shown += shown.length;
    state.hidden += lines.length - shown.length;
    this.total += shown.length;
    this.cut ||= lines.length > shown.length;
    const name = this.name(host, '36');
    return shown.map((line) => `${name} ${marks[stream]} ${line}`);
  }

  private name(host: string, colour: string): string {
    return `\x1b[${colour}m${printable(host).padEnd(this.width)}\x1b[m`;
  }
}

/** A failed host as a problem where the inventory lists it, in the form that `$muster` matches. */
export function problemLine(
  result: Pick<RunResult, 'host' | 'error' | 'exitCode' | 'status'>,
  source: SourceRange | undefined,
  inventory: string,
): string {
  const { file, line, column } = source ?? { file: inventory, line: 1, column: 1 };
  return `${file}:${line}:${column}: error: ${printable(result.host)}: ${outcomeOf(result)}`;
}

/** How it ended, as one line. */
export function outcomeOf({
  error,
  exitCode,
  status,
}: Pick<RunResult, 'error' | 'exitCode' | 'status'>): string {
  if (error) return printable(errorChain(error).join(': '), 500);
  return exitCode === null ? status : l10n.t('exit status {0}', exitCode);
}
