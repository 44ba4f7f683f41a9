import { errorChain } from '../../core/errors';
import type { SourceRange } from '../../core/inventory/model';
import { printable, printableText } from '../../core/printable';
import type { RunResult } from '../../core/runs/runBatch';

/** Lines shown of one host's output, and characters of a line; runs keep what a task's terminal does not show. */
const mostLines = 1000;
const longestLine = 4000;

/** What a host said, each line under its name, and how it ended unless it ended well. */
export function resultLines({ host, stdout, stderr, ...result }: RunResult, progress: string): string[] {
  const failed = result.status !== 'ok';
  const name = `\x1b[${failed ? '31' : '36'}m${printable(host)}\x1b[m`;
  const said = [...linesOf(stdout), ...linesOf(stderr)];
  const shown = said.slice(0, mostLines);
  if (said.length > mostLines) shown.push(`[+${said.length - mostLines}]`);
  const end = failed ? `\x1b[31m${outcome(result)}\x1b[m` : '\x1b[2mok\x1b[m';
  return [...shown.map((line) => `${name} | ${line}`), `${name} ${end} \x1b[2m${progress}\x1b[m`];
}

/** A failed host as a problem where the inventory lists it, in the form that `$muster` matches. */
export function problemLine(
  { host, ...result }: RunResult,
  source: SourceRange | undefined,
  inventory: string,
): string {
  const { file, line, column } = source ?? { file: inventory, line: 1, column: 1 };
  const severity = result.status === 'skipped' ? 'warning' : 'error';
  return `${file}:${line}:${column}: ${severity}: ${printable(host)}: ${outcome(result)}`;
}

function outcome({ error, exitCode, status }: Omit<RunResult, 'host' | 'stdout' | 'stderr'>): string {
  if (error) return printable(errorChain(error).join(': '), 500);
  return exitCode === null ? status : `exit status ${exitCode}`;
}

function linesOf(output: string): string[] {
  const text = printableText(output);
  return text === '' ? [] : text.split('\n').map((line) => line.slice(0, longestLine));
}
