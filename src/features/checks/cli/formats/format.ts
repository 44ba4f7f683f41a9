import type { SourceRange } from '../../../../platform/inventory/model';
import { printable } from '../../../../platform/text/printable';
import type { CheckReport, CheckResult } from '../../core/checkBatch';

/** What is known of a report beside it. */
export interface ReportSurroundings {
  /** When the checks began. */
  readonly startedAt: Date;
  /** Where a check is written, its file as seen from the root of the checkout, else the working folder; undefined where no file has it. */
  placeOf(this: void, check: string): Pick<SourceRange, 'file' | 'line'> | undefined;
  /** Whether there may be hosts that nothing is known of. */
  readonly hasUnknownHosts: boolean;
}

/** The text of a report in one format, in pieces. */
export type Format = (report: CheckReport, surroundings: ReportSurroundings) => Iterable<string>;

/** One line of what a host or an inventory has said, without anything that a terminal or a reader acts on. */
export function line(text: string, limit = 500): string {
  // Characters that are none: XML has no way to write them.
  return printable(text, limit).replace(/[\ufffe\uffff\ufdd0-\ufdef]/g, '');
}

/** Why a result is not healthy, with the code of its error: `REFUSED: 10.0.0.2:80 …`. */
export function reason({ error, message }: CheckResult): string {
  const code = error && error.code !== 'EXPECTATION' ? `${error.code}: ` : '';
  return code + line(message);
}

/** What a reader of details wants to know: the causes below the reason, and what can be done. */
export function details({ error }: CheckResult): string[] {
  if (!error) return [];
  return [...error.causes, ...(error.hint ? [error.hint] : [])].map((text) => line(text));
}
