import { errorChain, errorReport } from '../../core/errors';
import { printable } from '../../core/printable';

/** What ended the program, for people: the chain from the symptom to what can be done. */
export function describeFailure(error: unknown): string {
  const report = errorReport(error);
  const [symptom, ...rest] = errorChain(report);
  const first = report.code === 'INVENTORY' ? report.message : symptom!;
  return [
    `muster: ${printable(first, 1_000)}`,
    ...rest.map((line) => `  ${printable(line, 1_000)}`),
    '',
  ].join('\n');
}
