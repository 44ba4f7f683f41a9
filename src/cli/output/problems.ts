import { relative } from 'node:path';
import type { Problem } from '../../core/inventory/model';
import { printable } from '../../core/printable';

/** As compilers print them: `muster.yaml:3:5: error: unknown key "adress" (did you mean "address"?)`. */
export function problemLines(problems: readonly Problem[]): string {
  return problems
    .map(({ severity, message, range, suggestion }) => {
      const file = relative(process.cwd(), range.file);
      const shown = file.startsWith('..') ? range.file : file;
      const meant = suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`;
      return `${shown}:${range.line}:${range.column}: ${severity}: ${printable(message, 500)}${meant}\n`;
    })
    .join('');
}
