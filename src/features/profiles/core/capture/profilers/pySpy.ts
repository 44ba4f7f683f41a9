import { rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { MusterError } from '../../../../../platform/errors/errors';
import type { Host } from '../../../../../platform/inventory/model';
import { t, text } from '../../../../../platform/l10n/l10n';
import { shellQuote } from '../../../../../platform/text/shellQuote';
import { chooseProcess } from '../chooseProcess';
import { hostFacts } from '../hostFacts';
import { hostScript, scriptError } from '../../../../../platform/transport/hostScript';
import { toolShape } from '../hostSettings';
import type { CaptureContext, Captured, CaptureOrder, Profiler } from '../profiler';
import { foldedDump } from '../pySpyDump';
import { recordOnHost } from '../recordOnHost';
import { lacking, requirePtrace, requireTarget, requireTool } from '../requirements';

const settings = z.strictObject({
  ...toolShape('py-spy'),
  subprocesses: z
    .boolean()
    .default(false)
    .describe('true: with the processes that it started, such as workers.'),
  native: z
    .boolean()
    .default(false)
    .describe('true: with the stacks of C extensions, where symbols are there.'),
});
type Settings = z.output<typeof settings>;

/** Options of `py-spy record` by kind. */
const recordOptions: Readonly<Record<string, readonly string[]>> = {
  cpu: [],
  wall: ['--idle'],
  gil: ['--gil'],
};

async function capture(
  host: Host,
  { process, sudo, path, subprocesses, native }: Settings,
  order: CaptureOrder,
  context: CaptureContext,
): Promise<Captured> {
  const chosen = await chooseProcess(host, process, order, context);
  if (!chosen)
    throw lacking(host, t('py-spy needs a process'), t('Name it with “process” (--process) or --pid.'));
  const { pid, notes } = chosen;
  const facts = await hostFacts(host, [path, 'gzip'], context, { pid, sudo });
  requireTarget(host, facts, pid);
  const tool = requireTool(
    host,
    facts,
    path,
    t('Install it on the host, for example with pip install py-spy.'),
  );
  requirePtrace(host, facts, tool);
  const further = [...(subprocesses ? ['--subprocesses'] : []), ...(native ? ['--native'] : [])];
  if (order.kind.name === 'dump') {
    const words = [tool, 'dump', '--pid', String(pid), '--json', ...further];
    await dump(host, words.map(shellQuote).join(' '), sudo, context);
    return { command: words.join(' '), notes };
  }
  const seconds = Math.max(1, Math.round(order.durationMs / 1000));
  const words = [
    ...[tool, 'record', '--pid', String(pid), '--duration', String(seconds), '--rate', String(order.rate)],
    ...['--format', 'speedscope', '--nonblocking', ...(recordOptions[order.kind.name] ?? []), ...further],
  ];
  await recordOnHost(host, context, {
    ...{ tool, sudo, facts },
    endsEarly: true,
    record: `exec ${words.map(shellQuote).join(' ')} --output "$dir/out"`,
    print: 'cat "$dir/out"',
  });
  return { command: words.join(' '), notes };
}

/** The stacks of this moment, each thread with the weight of one. */
async function dump(host: Host, command: string, sudo: boolean, context: CaptureContext): Promise<void> {
  const result = await hostScript(host, command, context, { sudo });
  if (result.exitCode !== 0) throw scriptError(host, 'py-spy', result);
  try {
    await writeFile(context.file, foldedDump(result.stdout), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
    await rm(context.file, { force: true });
    throw new MusterError('FORMAT', t('py-spy dump did not print a list of threads'), {
      ...{ host: host.name, phase: 'run', cause: error },
      hint: t('It may be an old version: py-spy 0.3 and later print JSON.'),
    });
  }
}

export const pySpy: Profiler<Settings> = {
  type: 'py-spy',
  title: 'Python (py-spy)',
  description: 'Samples a Python process with py-spy, which stays as it is and need not be restarted.',
  settings,
  kinds: [
    {
      ...{ name: 'cpu', description: 'Threads that are running', ending: '.speedscope.json', timed: true },
      whenEmpty: text('The process was idle: capture under load, or the kind wall.'),
    },
    { name: 'wall', description: 'All threads, waiting ones too', ending: '.speedscope.json', timed: true },
    {
      ...{ name: 'gil', description: 'Threads that hold the GIL', ending: '.speedscope.json', timed: true },
      whenEmpty: text('No thread held the GIL: capture under load, or the kind wall.'),
    },
    { name: 'dump', description: 'The stacks of this moment', ending: '.folded', timed: false },
  ],
  rate: { default: 100, most: 1000 },
  runsCommands: () => true,
  process: 'needed',
  endsEarly: true,
  capture,
};
