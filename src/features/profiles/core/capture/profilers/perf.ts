import { z } from 'zod';
import type { Host } from '../../../../../platform/inventory/model';
import { t, text } from '../../../../../platform/l10n/l10n';
import { shellQuote } from '../../../../../platform/text/shellQuote';
import { chooseProcess } from '../chooseProcess';
import { hostFacts } from '../hostFacts';
import { toolShape } from '../hostSettings';
import type { CaptureContext, Captured, CaptureOrder, Profiler } from '../profiler';
import { recordOnHost } from '../recordOnHost';
import { requirePerfEvents, requireTarget, requireTool } from '../requirements';

const settings = z.strictObject({
  ...toolShape('perf'),
  callGraph: z
    .enum(['fp', 'dwarf', 'lbr'])
    .default('fp')
    .describe('How stacks are walked: frame pointers, debug information (large), or the branch record.'),
});
type Settings = z.output<typeof settings>;

async function capture(
  host: Host,
  { process, sudo, path, callGraph }: Settings,
  order: CaptureOrder,
  context: CaptureContext,
): Promise<Captured> {
  const chosen = await chooseProcess(host, process, order, context);
  const pid = chosen?.pid;
  const facts = await hostFacts(host, [path, 'gzip'], context, { pid, sudo });
  if (pid !== undefined) requireTarget(host, facts, pid);
  const tool = requireTool(
    host,
    facts,
    path,
    t('Install it on the host: Debian linux-perf, Ubuntu linux-tools-$(uname -r), others perf.'),
  );
  requirePerfEvents(host, facts);
  const target = pid === undefined ? ['-a'] : ['-p', String(pid)];
  const seconds = String(order.durationMs / 1000);
  const words = [tool, 'record', '-F', String(order.rate), '-g', '--call-graph', callGraph, ...target];
  const line = words.map(shellQuote).join(' ');
  await recordOnHost(host, context, {
    ...{ tool, sudo, facts },
    record: `exec ${line} -o "$dir/perf.data" -- sleep ${seconds}`,
    endsEarly: true,
    print: `${shellQuote(tool)} script -i "$dir/perf.data"`,
  });
  return { command: `${words.join(' ')} -- sleep ${seconds}`, notes: chosen?.notes ?? [] };
}

export const perf: Profiler<Settings> = {
  type: 'perf',
  title: 'Linux (perf)',
  description: 'Samples a process, or the whole host, with perf record and perf script.',
  settings,
  kinds: [
    {
      ...{ name: 'cpu', description: 'Stacks on the CPU', ending: '.perf.txt', timed: true },
      whenEmpty: text('Nothing ran while it was recorded: capture under load.'),
    },
  ],
  rate: { default: 99, most: 10_000 },
  runsCommands: () => true,
  process: 'optional',
  endsEarly: true,
  capture,
};
