import type { RunRequest } from '../core/remoteCommand';
import type { RunResult, RunSummary } from '../core/runBatch';
import type { RunControl } from '../../../shell/editor/commands/runChoices';

/** What is known of a run from its first moment on. Standard input is never stored. */
export interface RunHead {
  version: 1;
  id: string;
  /** Process that runs it: while that lives, a run without an end is not interrupted. */
  pid: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  fleetId: string;
  /** Path of the inventory. */
  inventory: string;
  selector: string;
  title: string;
  label?: string;
  request: RunRequest;
  /** How it was run, where that was chosen: it is run again so. */
  control?: RunControl;
  /** Names of all hosts, whether they were reached or not. */
  hosts: string[];
}

export interface RunEnd {
  traceId: string;
  summary: RunSummary;
}

/** A run with as much of it as was received. */
export interface StoredRun {
  head: RunHead;
  results: RunResult[];
  /** Without it the run is under way, or was cut off. */
  end?: RunEnd;
}

type Line = { head: RunHead } | { result: RunResult } | { end: RunEnd };

/** One line of a run's file: JSON, so that hostile output cannot forge another. */
export function runLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

/** Reads as much as is whole: the last line of a file may be torn. undefined when not even the head is. */
export function readRun(text: string): StoredRun | undefined {
  let run: StoredRun | undefined;
  for (const text_ of text.split('\n')) {
    const line = readLine(text_);
    if (!line) continue;
    if ('head' in line) run ??= { head: line.head, results: [] };
    else if (run && 'result' in line) run.results.push(line.result);
    else if (run && 'end' in line) run.end = line.end;
  }
  return run?.head.version === 1 && Array.isArray(run.head.hosts) ? run : undefined;
}

function readLine(text: string): Line | undefined {
  if (text === '') return undefined;
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as Line) : undefined;
  } catch {
    return undefined;
  }
}
