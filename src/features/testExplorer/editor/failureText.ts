import type { CheckResult } from '../../checks/core/checkBatch';
import { errorChain, type ErrorCode } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';

/** Nothing was found out about the host: a wrong key, say, is no sign of its health. */
const unjudged: readonly ErrorCode[] = [
  'AUTH',
  'HOST_KEY_UNKNOWN',
  'HOST_KEY_MISMATCH',
  'CIRCUIT_OPEN',
  'USAGE',
  'INVENTORY',
  'UNTRUSTED',
  'READ_ONLY',
  'LOCAL_LIMIT',
  'INTERNAL',
];

export function isJudged({ error }: CheckResult): boolean {
  return !error || !unjudged.includes(error.code);
}

/** What is wrong, then why, then what can be done; each a line, made safe to show. */
export function failureLines(result: CheckResult): string[] {
  const lines = result.error ? errorChain(result.error) : [result.message];
  return [...lines, ...(result.warning ? [result.warning] : [])].map((line) => printable(line, 500));
}

/** A result as a line of the output. */
export function outputLines(result: CheckResult, status: string, duration: string): string[] {
  const [first = '', ...more] =
    result.status === 'unhealthy' || result.error
      ? failureLines(result)
      : [printable(result.message, 300), ...(result.warning ? [printable(result.warning, 300)] : [])];
  const phases = Object.entries(result.phases ?? {})
    .filter(([phase]) => phase !== 'total')
    .map(([phase, ms]) => `${phase} ${String(ms)} ms`)
    .join(', ');
  return [
    `${printable(result.host)} ${printable(result.check)}: ${status} (${duration}) ${first}`,
    ...[...more, ...(result.status === 'unhealthy' && phases ? [phases] : [])].map((line) => `    ${line}`),
  ];
}
