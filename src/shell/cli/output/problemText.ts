import path from 'node:path';
import { printable } from '../../../platform/text/printable';
import type { Problem } from '../../../platform/inventory/model';
import { t } from '../l10n';
import type { Colors } from './outputStream';

/** `file:line:column: error: message (did you mean "x"?)`, as compilers write it and editors link it. */
export function formatProblem(problem: Problem, cwd: string, colors: Colors): string {
  const { severity, range, message, suggestion } = problem;
  const place = `${shortestPath(range.file, cwd)}:${range.line}:${range.column}`;
  const label = severity === 'error' ? colors.red(t('error')) : colors.yellow(t('warning'));
  const advice = suggestion === undefined ? '' : ` ${t('(did you mean "{0}"?)', printable(suggestion))}`;
  return `${colors.bold(place)}: ${label}: ${printable(message, 500)}${advice}`;
}

function shortestPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return relative !== '' && relative.length < file.length ? relative : file;
}
