import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { pause } from '../../../../../platform/batch/deadline';
import { MusterError } from '../../../../../platform/errors/errors';
import type { Host } from '../../../../../platform/inventory/model';
import { t, text } from '../../../../../platform/l10n/l10n';
import { chooseProcess } from '../chooseProcess';
import {
  type Endpoint,
  endpointOf,
  isServiceRefused,
  throughSchema,
} from '../../../../../platform/http/endpoint';
import { hostFacts } from '../hostFacts';
import { processShape } from '../hostSettings';
import { hostScript, scriptError } from '../../../../../platform/transport/hostScript';
import type { Inspector } from '../inspector';
import type { CaptureContext, Captured, CaptureOrder, Profiler } from '../profiler';
import { lacking, requireTarget } from '../requirements';

const settings = z.strictObject({
  url: z
    .string()
    .regex(/^http:\/\/[^@/?#]+\/?$/i, text('an inspector is at http://ADDRESS:PORT'))
    .default('http://127.0.0.1:9229')
    .describe('Where the inspector listens. Default: http://127.0.0.1:9229.'),
  through: throughSchema,
  startInspector: z
    .boolean()
    .default(false)
    .describe(
      'true: where nothing listens, the process gets SIGUSR1, which starts its inspector; it is stopped afterwards.',
    ),
  ...processShape,
});
type Settings = z.output<typeof settings>;

/** Milliseconds that a process gets to start its inspector. */
const startMs = 5_000;
const pollMs = 100;
/** Bytes between two samples of the heap, on average. */
const heapInterval = 32_768;
/** V8's flags: allocations that were collected since count, too. */
const alsoCollected = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };

async function capture(
  host: Host,
  settings: Settings,
  order: CaptureOrder,
  context: CaptureContext,
): Promise<Captured> {
  const inspecting = await import('../inspector');
  const endpoint = endpointOf(host, settings.url, settings);
  const notes: string[] = [];
  let wasStarted = false;
  const open = async () => {
    try {
      return await inspecting.Inspector.open(endpoint, context);
    } catch (error) {
      if (!isServiceRefused(endpoint, error)) throw error;
      if (!settings.startInspector) throw noInspector(host, endpoint, error);
      notes.push(...(await startInspector(host, settings, order, context)));
      wasStarted = true;
      return opened(endpoint, () => inspecting.Inspector.open(endpoint, context));
    }
  };
  using inspector = await open();
  context.entered('recording');
  try {
    const profile = await (order.kind.name === 'cpu' ? cpu : heap)(inspector, order, context);
    context.entered('receiving');
    await writeFile(context.file, JSON.stringify(profile), { flag: 'wx', mode: 0o600 });
  } finally {
    if (wasStarted) await stopInspector(inspector);
  }
  const what = order.kind.name === 'cpu' ? 'Profiler.start' : 'HeapProfiler.startSampling';
  return { command: `${what} ${endpoint.url.host} (${inspector.title})`, notes };
}

type Session = Pick<Inspector, 'call'>;

async function cpu(session: Session, { rate, durationMs }: CaptureOrder, context: CaptureContext) {
  await session.call('Profiler.enable');
  await session.call('Profiler.setSamplingInterval', { interval: Math.round(1_000_000 / rate) });
  await session.call('Profiler.start');
  await recorded(durationMs, context, session);
  return (await session.call('Profiler.stop')).profile;
}

async function heap(session: Session, { kind, durationMs }: CaptureOrder, context: CaptureContext) {
  await session.call('HeapProfiler.enable');
  const collected = kind.name === 'allocations' ? alsoCollected : {};
  await session.call('HeapProfiler.startSampling', { samplingInterval: heapInterval, ...collected });
  await recorded(durationMs, context, session);
  return (await session.call('HeapProfiler.stopSampling')).profile;
}

/** Waits, and asks now and then whether the process is still there. */
async function recorded(
  durationMs: number,
  { deadline, finish }: CaptureContext,
  session: Session,
): Promise<void> {
  const signal = finish ? AbortSignal.any([deadline.signal, finish]) : deadline.signal;
  const end = performance.now() + durationMs;
  for (let left = durationMs; left > 0 && !finish?.aborted; left = end - performance.now()) {
    await pause(Math.min(left, 1000), signal);
    await session.call('Runtime.enable');
  }
}

function noInspector(host: Host, { url }: Endpoint, cause: MusterError): MusterError {
  return new MusterError('REFUSED', t('no inspector listens on {0}', url.host), {
    ...{ host: host.name, phase: 'connect', cause },
    hint: t(
      'Start the process with --inspect=127.0.0.1:9229, or let Muster send it SIGUSR1: startInspector: true with “process” (--start-inspector --process).',
    ),
  });
}

/** Has the process start its inspector, once it is sure that the signal would not end it. @throws MusterError */
async function startInspector(
  host: Host,
  { process, sudo }: Settings,
  order: CaptureOrder,
  context: CaptureContext,
): Promise<string[]> {
  const chosen = await chooseProcess(host, process, order, context);
  if (!chosen)
    throw lacking(
      host,
      t('which process is to start its inspector?'),
      t('Name it with “process” (--process) or --pid.'),
    );
  const { pid, notes } = chosen;
  const facts = await hostFacts(host, [], context, { pid, sudo });
  requireTarget(host, facts, pid);
  // Elsewhere there is no telling; Node.js always handles it.
  if (facts.os === 'Linux' && !facts.target?.catchesUsr1)
    throw lacking(
      host,
      t('process {0} does not handle SIGUSR1, which would end it', pid),
      t('Check that it is a process of Node.js, without --disable-sigusr1.'),
    );
  const result = await hostScript(host, `kill -s USR1 ${pid}`, context, { sudo });
  if (result.exitCode !== 0) throw scriptError(host, t('process {0} could not be told', pid), result);
  return [...notes, t('the inspector of process {0} was started with SIGUSR1', pid)];
}

/** Tries until the inspector listens. */
async function opened<T>(endpoint: Endpoint, open: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + startMs; ; await delay(pollMs)) {
    try {
      return await open();
    } catch (error) {
      if (!isServiceRefused(endpoint, error) || performance.now() > end) throw error;
    }
  }
}

/** Run in the process, once the connection is gone: closing waits for it. What goes wrong there must not end it. */
const closeLater = `(() => {
  const inspector = require('node:inspector');
  setTimeout(() => { try { inspector.close(); } catch {} }, 500).unref();
})()`;

/** Leaves the process as it was found. */
async function stopInspector(session: Session): Promise<void> {
  const how = { expression: closeLater, includeCommandLineAPI: true, silent: true };
  await session.call('Runtime.evaluate', how).catch(() => {});
}

export const nodeInspector: Profiler<Settings> = {
  type: 'node',
  title: 'Node.js (inspector)',
  description: 'Records a Node.js process through its inspector (node --inspect).',
  settings,
  kinds: [
    { name: 'cpu', description: 'Stacks on the CPU', ending: '.cpuprofile', timed: true },
    {
      ...{
        name: 'heap',
        description: 'Memory that is allocated and stays',
        ending: '.heapprofile',
        timed: true,
      },
      whenEmpty: text(
        'Nothing that was allocated meanwhile is left: record for longer, or the kind allocations.',
      ),
    },
    { name: 'allocations', description: 'All memory that is allocated', ending: '.heapprofile', timed: true },
  ],
  rate: { default: 1000, most: 10_000 },
  runsCommands: ({ startInspector }) => startInspector,
  process: 'optional',
  endsEarly: true,
  capture,
};
