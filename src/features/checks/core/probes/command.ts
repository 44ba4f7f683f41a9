import { z } from 'zod';
import type { Host } from '../../../../platform/inventory/model';
import { resolveShellLine } from '../../../../platform/inventory/shell/shellLine';
import { t } from '../../../../platform/l10n/l10n';
import { patternFor, patternSchema } from '../../../../platform/inventory/schema/pattern';
import {
  conclude,
  firstNumber,
  matchPattern,
  matchSubstring,
  matchThreshold,
  type Mismatch,
  quoted,
  thresholdSchema,
} from '../expectation';
import type { Finding, Probe, ProbeContext } from '../probe';
import { Redactor } from '../../../../platform/redaction/redactor';
import { printable } from '../../../../platform/text/printable';
import { ProbeMeasurements } from '../probeMeasurements';
import { exitText, type RemoteResult, remoteExec } from '../../../../platform/transport/remoteExec';

const settings = z.strictObject({
  run: z
    .string()
    .min(1)
    .describe('Command line for the shell of the host. Placeholders are put in quoted, as one word each.'),
  become: z
    .boolean()
    .default(false)
    .describe('true: as another user, as “become” of the host or its group says. Default: false.'),
  expose: z
    .boolean()
    .default(false)
    .describe('true: clients of `muster serve` may have it run, by a probe. Default: false.'),
  expect: z
    .strictObject({
      exitCode: z.number().int().min(0).max(255).default(0).describe('Exit code. Default: 0.'),
      stdout: z.string().optional().describe('Text that the standard output contains.'),
      stdoutMatches: patternSchema
        .optional()
        .describe('Regular expression (RE2) that matches in the standard output.'),
      value: thresholdSchema.optional().describe('Bounds on the first number in the standard output.'),
    })
    .prefault({})
    .describe('How the command must end and what it must print.'),
});
type Settings = z.output<typeof settings>;

async function run(host: Host, { run, expect, become }: Settings, context: ProbeContext): Promise<Finding> {
  const measured = new ProbeMeasurements();
  const result = await remoteExec(host, resolveShellLine(run, host), {
    ...context,
    become: context.become ?? (become ? {} : undefined),
  });
  measured.total();
  if (result.exitCode !== null) measured.record('process.exit.code', result.exitCode, '1');
  const isAsked = expect.value && result.exitCode === expect.exitCode;
  const value = isAsked ? firstNumber(result.stdout) : undefined;
  if (value !== undefined) measured.record('value', value, '1');
  const hidden = hiding(result.secret);
  const mismatches = judge(host, expect, result).map((one) => ({ ...one, actual: hidden(one.actual) }));
  return conclude(mismatches, hidden(result.stdout.trim()) || exitText(result), measured.found);
}

/** Without what the host was sent, which it may repeat, also where escape sequences are within. */
function hiding(secret: string | undefined): (text: string) => string {
  if (secret === undefined) return (text) => text;
  const redactor = new Redactor([secret]);
  return (text) => redactor.redact(printable(redactor.redact(text), 1_000));
}

function judge(host: Host, expect: Settings['expect'], result: RemoteResult): Mismatch[] {
  // What a command that failed has printed is no measurement.
  if (result.exitCode !== expect.exitCode) {
    const output = result.stdout.trim() === '' ? '' : t(' and {0}', quoted(result.stdout));
    return [
      {
        status: 'unhealthy',
        expected: t('exit code {0}', expect.exitCode),
        actual: exitText(result) + output,
      },
    ];
  }
  const { stdout } = result;
  const mismatches = [
    ...(expect.stdout === undefined ? [] : matchSubstring('output', host, expect.stdout, stdout)),
    ...(expect.stdoutMatches ? matchPattern('output', patternFor(host, expect.stdoutMatches), stdout) : []),
    ...(expect.value ? matchThreshold(t('a value'), expect.value, firstNumber(stdout)) : []),
  ];
  if (!result.truncated) return mismatches;
  return mismatches.map((mismatch) => ({
    ...mismatch,
    actual: t('more output than the 64 KiB that are judged'),
  }));
}

export const command: Probe<Settings> = {
  type: 'command',
  description: 'Runs a command over SSH and judges its exit code, output or the number that it prints.',
  settings,
  commandLines: ['run'],
  run,
};
