import { z } from 'zod';
import type { Host } from '../../../../../platform/inventory/model';
import { t, text } from '../../../../../platform/l10n/l10n';
import { resolveShellLine } from '../../../../../platform/inventory/shell/shellLine';
import { printable } from '../../../../../platform/text/printable';
import { shellQuote } from '../../../../../platform/text/shellQuote';
import { chooseProcess } from '../chooseProcess';
import { hostFacts } from '../hostFacts';
import { processShape } from '../hostSettings';
import type { CaptureContext, Captured, CaptureOrder, Profiler } from '../profiler';
import { recordOnHost } from '../recordOnHost';
import { requireTarget } from '../requirements';

const settings = z.strictObject({
  run: z
    .string()
    .refine((line) => line.trim() !== '', { error: text('must not be empty') })
    .describe(
      'Command line for the shell of the host that prints a profile of any known format. $MUSTER_SECONDS, $MUSTER_RATE and $MUSTER_PID say what was chosen.',
    ),
  ...processShape,
});
type Settings = z.output<typeof settings>;

async function capture(
  host: Host,
  { run, process, sudo }: Settings,
  order: CaptureOrder,
  context: CaptureContext,
): Promise<Captured> {
  const chosen = await chooseProcess(host, process, order, context);
  const pid = chosen?.pid;
  const facts = await hostFacts(host, ['gzip'], context, { pid, sudo });
  if (pid !== undefined) requireTarget(host, facts, pid);
  const line = resolveShellLine(run, host);
  const seconds = Math.max(1, Math.round(order.durationMs / 1000));
  await recordOnHost(host, context, {
    ...{ tool: t('the command'), sudo, facts },
    record: `MUSTER_SECONDS=${seconds} MUSTER_RATE=${order.rate} MUSTER_PID=${pid ?? ''}
export MUSTER_SECONDS MUSTER_RATE MUSTER_PID
sh -c ${shellQuote(line)} >"$dir/out"`,
    print: 'cat "$dir/out"',
  });
  return { command: printable(line, 500), notes: chosen?.notes ?? [] };
}

export const command: Profiler<Settings> = {
  type: 'command',
  title: 'Command',
  description: 'Runs a command of your own over SSH that prints a profile of any known format.',
  settings,
  commandLines: ['run'],
  kinds: [{ name: 'profile', description: 'What the command prints', ending: '.profile', timed: true }],
  rate: { default: 99, most: 10_000 },
  runsCommands: () => true,
  process: 'optional',
  capture,
};
