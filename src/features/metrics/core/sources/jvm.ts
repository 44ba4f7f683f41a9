import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { patternFor, patternSchema } from '../../../../platform/inventory/schema/pattern';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { FileError } from '../../../../platform/transport/files/fileError';
import type { FileSession, Giver } from '../../../../platform/transport/files/fileSession';
import { readEntries, readFile } from '../../../../platform/transport/files/readFiles';
import type { Problem } from '../exposition/family';
import { Collected, type Labels } from './collected';
import type { MetricSource } from './contract';
import { type PerfData, readPerfData } from './hsperfdata';

const settings = z.strictObject({
  process: patternSchema
    .optional()
    .describe(
      'Regular expression (RE2) for the main class or jar of the JVM. Default: every JVM that can be read.',
    ),
  folder: z
    .string()
    .regex(/^(\/|\{)/, text('expected an absolute path'))
    .default('/tmp')
    .describe(
      'Where the JVMs keep hsperfdata_USER: /tmp, or tmp below /proc/PID/root for a container. Default: /tmp.',
    ),
});
type Settings = z.output<typeof settings>;

/** A file has 32 KiB unless the JVM was told otherwise. */
const mostBytes = 1024 * 1024;
const mostMachines = 100;

export const jvm: MetricSource<Settings> = {
  type: 'jvm',
  description:
    'Reads the counters that a JVM keeps in hsperfdata over SFTP: nothing attaches to it, and no JDK is needed.',
  settings,
  async read(host, { process, folder }, { transport, deadline, become }) {
    const root = resolvePlaceholders(folder, host).replace(/\/+$/, '');
    const files = await transport.files(host, { deadline, become });
    try {
      const wanted = process && patternFor(host, process);
      const found = await machinesIn(files, root, deadline);
      const machines: Machine[] = [];
      const problems: Problem[] = [];
      for (const path of found.paths) {
        const data = await readMachine(files, path, deadline);
        if (typeof data === 'string') problems.push({ line: 0, message: `${printable(path, 100)}: ${data}` });
        else if (!wanted || wanted.test(mainOf(data)))
          machines.push({ pid: path.slice(path.lastIndexOf('/') + 1), main: mainOf(data), data });
      }
      const collected = new Collected();
      for (const machine of machines) collect(collected, machine, machines);
      if (collected.series.length === 0) throw nothing(host, root, problems);
      const isComplete = !found.isCut && problems.length === 0;
      // Of several, each shows by its counters that it began again.
      const incarnation = machines.length === 1 ? startOf(machines[0]!) : undefined;
      return {
        ...collected.reading({ isComplete, ...(incarnation !== undefined && { incarnation }) }),
        ...{ problems: problems.slice(0, 20), problemCount: problems.length },
      };
    } finally {
      files.close();
    }
  },
};

interface Machine {
  readonly pid: string;
  /** The main class or jar. */
  readonly main: string;
  readonly data: PerfData;
}

/** The files of JVMs, those of all users. */
async function machinesIn(
  files: FileSession,
  root: string,
  waiter: Giver,
): Promise<{ paths: string[]; isCut: boolean }> {
  const limits = { entries: 20_000, nameBytes: 4 * 1024 * 1024, answers: 5_000, ms: 5_000 };
  const folders = await readEntries(files, root === '' ? '/' : root, waiter, limits);
  const paths: string[] = [];
  let { isCut } = folders;
  for (const { name, stats } of folders.found) {
    if (!/^hsperfdata_[^/]+$/.test(name) || !stats.isDirectory()) continue;
    const folder = `${root}/${name}`;
    const entries = await readEntries(files, folder, waiter, limits).catch((error: unknown) => {
      if (error instanceof FileError) return undefined;
      throw error;
    });
    isCut ||= entries?.isCut ?? true;
    for (const entry of entries?.found ?? [])
      if (/^\d{1,10}$/.test(entry.name) && entry.stats.isFile()) paths.push(`${folder}/${entry.name}`);
  }
  return { paths: paths.slice(0, mostMachines), isCut: isCut || paths.length > mostMachines };
}

/** What a file holds, or why it cannot be read. */
async function readMachine(files: FileSession, path: string, waiter: Giver): Promise<PerfData | string> {
  try {
    const { bytes } = await readFile(files, path, mostBytes, waiter);
    return readPerfData(bytes);
  } catch (error) {
    if (error instanceof FileError || error instanceof RangeError) return printable(error.message, 200);
    throw error;
  }
}

/** Arguments may be secret: only the first word of a command line is kept. */
function mainOf(data: PerfData): string {
  const command = data.texts.get('sun.rt.javaCommand') ?? '';
  return printable(command.trim().split(/\s/)[0] ?? '', 200);
}

const startOf = ({ pid, data }: Machine): string =>
  `${pid} ${data.numbers.get('sun.rt.createVmBeginTime')?.value ?? ''}`;

/** Its process is a label only where its main class is not enough: hosts could not be compared with it. */
function collect(to: Collected, machine: Machine, machines: readonly Machine[]): void {
  const { pid, main, data } = machine;
  const { numbers, ticksPerSecond } = data;
  const isOnly = machines.every((other) => other === machine || other.main !== main);
  const labels: Labels = isOnly ? { main } : { main, pid };
  for (const [name, { value, unit, isMonotonic }] of numbers) {
    const isTime = unit === 'ticks' && ticksPerSecond !== undefined;
    to.add(
      isMonotonic ? 'counter' : 'gauge',
      name,
      isTime ? value / ticksPerSecond : value,
      labels,
      isTime ? 's' : unit === 'bytes' ? 'By' : undefined,
    );
  }
}

function nothing(host: Host, root: string, [first]: readonly Problem[]): MusterError {
  const details = { host: host.name, phase: 'run' } as const;
  if (first)
    return new MusterError('PRECONDITION', t('no JVM can be read: {0}', first.message), {
      ...details,
      hint: t('A JVM is read by its own user and root: log in as that user, or set become: true.'),
    });
  return new MusterError('PRECONDITION', t('no JVM keeps its counters in {0}', printable(root, 100)), {
    ...details,
    hint: t('It may not run, run with -XX:-UsePerfData, or in a container: see “folder”.'),
  });
}
