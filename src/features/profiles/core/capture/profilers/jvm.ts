import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Host } from '../../../../../platform/inventory/model';
import { t } from '../../../../../platform/l10n/l10n';
import { shellQuote } from '../../../../../platform/text/shellQuote';
import { chooseProcess } from '../chooseProcess';
import { hostFacts } from '../hostFacts';
import { toolShape } from '../hostSettings';
import type { CaptureContext, Captured, CaptureOrder, Profiler } from '../profiler';
import { recordOnHost } from '../recordOnHost';
import { lacking, requireTarget, requireTool } from '../requirements';

const settings = z.strictObject({
  ...toolShape('jcmd'),
  asyncProfiler: z
    .string()
    .min(1)
    .default('asprof')
    .describe(
      'async-profiler on the host: its command asprof, or its library libasyncProfiler.so, which jcmd loads. Default: asprof.',
    ),
});
type Settings = z.output<typeof settings>;

/** Commands that start a recording into `$dir/out`, end it, and break it off. */
interface Commands {
  start: string;
  stop: string;
  breakOff: string;
}

async function capture(
  host: Host,
  { process, sudo, path, asyncProfiler }: Settings,
  order: CaptureOrder,
  context: CaptureContext,
): Promise<Captured> {
  const chosen = await chooseProcess(host, process, order, context);
  if (!chosen)
    throw lacking(host, t('a JVM is needed'), t('Name its process with “process” (--process) or --pid.'));
  const { pid, notes } = chosen;
  const isLibrary = asyncProfiler.endsWith('.so');
  const facts = await hostFacts(host, [path, asyncProfiler, 'gzip'], context, { pid, sudo });
  requireTarget(host, facts, pid);
  if (facts.uid !== 0 && facts.target!.uid !== undefined && facts.target!.uid !== facts.uid)
    throw lacking(
      host,
      t(
        'the JVM belongs to another user (uid {0}), which only that user and root may attach to',
        facts.target!.uid,
      ),
      t('Set sudo: true (--sudo), or log in as that user.'),
    );
  const jcmd = () =>
    requireTool(
      host,
      facts,
      path,
      t('It is part of the JDK: install one of the version of the JVM, or name it with “path”.'),
    );
  const asprof = () =>
    requireTool(
      host,
      facts,
      asyncProfiler,
      t('Put async-profiler on the host, or capture the kind jfr, which needs jcmd only.'),
    );
  const isJfr = order.kind.name === 'jfr';
  const tool = isJfr || isLibrary ? jcmd() : asprof();
  const commands = isJfr
    ? jfrCommands(tool, pid)
    : asyncProfilerCommands(tool, pid, order, isLibrary ? asyncProfiler : undefined);
  const seconds = String(order.durationMs / 1000);
  await recordOnHost(host, context, {
    ...{ tool, sudo, facts, folderOf: pid, breakOff: commands.breakOff },
    // jcmd ends with 0 whatever the agent that it loads says.
    record: `sound() { ! grep -q '^return code: [^0]' "$dir/log"; }
${commands.start} && sound || exit 1
sleep ${seconds}
${commands.stop} && sound && [ -e "$dir/out" ]`,
    print: 'cat "$dir/out"',
  });
  return { command: `${commands.start} (${seconds} s)`, notes };
}

/** Java Flight Recorder with its profiling settings (JDK 11 and later). */
function jfrCommands(jcmd: string, pid: number): Commands {
  const name = `muster-${randomBytes(4).toString('hex')}`;
  const call = (words: string) => `${shellQuote(jcmd)} ${pid} ${words}`;
  return {
    start: call(`JFR.start name=${name} settings=profile`),
    stop: call(`JFR.stop name=${name} filename="$dir/out"`),
    breakOff: call(`JFR.stop name=${name}`),
  };
}

/** async-profiler (https://github.com/async-profiler/async-profiler/blob/master/docs/ProfilerOptions.md). */
function asyncProfilerCommands(
  tool: string,
  pid: number,
  { kind, rate }: CaptureOrder,
  library: string | undefined,
): Commands {
  // Samples of the clock have a rate; allocations and locks are sampled by bytes and waits.
  const interval = kind.name === 'cpu' || kind.name === 'wall' ? Math.round(1_000_000_000 / rate) : undefined;
  if (library !== undefined) {
    // jcmd itself takes quotes away, and without them what an equals sign stands in.
    const call = (words: string) =>
      `${shellQuote(tool)} ${pid} JVMTI.agent_load ${shellQuote(library)} "\\"${words}\\""`;
    return {
      start: call(`start,event=${kind.name}${interval === undefined ? '' : `,interval=${interval}`}`),
      stop: call('stop,collapsed,file=$dir/out'),
      breakOff: call('stop,file=/dev/null'),
    };
  }
  const call = (words: string) => `${shellQuote(tool)} ${words} ${pid}`;
  return {
    start: call(`start -e ${kind.name}${interval === undefined ? '' : ` -i ${interval}`}`),
    stop: call('stop -o collapsed -f "$dir/out"'),
    breakOff: call('stop -f /dev/null'),
  };
}

export const jvm: Profiler<Settings> = {
  type: 'jvm',
  title: 'JVM (Flight Recorder, async-profiler)',
  description: 'Records a JVM with Java Flight Recorder through jcmd, or with async-profiler.',
  settings,
  kinds: [
    {
      name: 'jfr',
      description: 'Flight Recorder: CPU, allocations, locks, by jcmd alone',
      ending: '.jfr',
      timed: true,
    },
    { name: 'cpu', description: 'Stacks on the CPU, by async-profiler', ending: '.folded', timed: true },
    {
      name: 'wall',
      description: 'All threads, waiting ones too, by async-profiler',
      ending: '.folded',
      timed: true,
    },
    {
      name: 'alloc',
      description: 'Memory that is allocated, by async-profiler',
      ending: '.folded',
      timed: true,
    },
    {
      name: 'lock',
      description: 'Where locks are contended, by async-profiler',
      ending: '.folded',
      timed: true,
    },
  ],
  rate: { default: 99, most: 1000 },
  runsCommands: () => true,
  process: 'needed',
  capture,
};
