import { l10n } from 'vscode';
import type { CaptureKind, Profiler } from '../../../core/profiles/capture/profiler';

/** The words of profilers in the editor's language, by type; one that is missing here speaks English. */
const descriptions: Readonly<Record<string, string>> = {
  go: l10n.t('Asks a Go service that serves net/http/pprof.'),
  node: l10n.t('Records a Node.js process through its inspector (node --inspect).'),
  'py-spy': l10n.t('Samples a Python process with py-spy, which stays as it is and need not be restarted.'),
  perf: l10n.t('Samples a process, or the whole host, with perf record and perf script.'),
  jvm: l10n.t('Records a JVM with Java Flight Recorder through jcmd, or with async-profiler.'),
  command: l10n.t('Runs a command of your own over SSH that prints a profile of any known format.'),
};

/** The same of what they capture, by type and kind. */
const kinds: Readonly<Record<string, string>> = {
  'go cpu': l10n.t('Stacks on the CPU'),
  'go heap': l10n.t('Memory in use and allocated'),
  'go allocs': l10n.t('Memory allocated since the start'),
  'go goroutine': l10n.t('Stacks of all goroutines'),
  'go mutex': l10n.t('Where locks are contended'),
  'go block': l10n.t('Where goroutines wait'),
  'go trace': l10n.t('Execution trace'),
  'node cpu': l10n.t('Stacks on the CPU'),
  'node heap': l10n.t('Memory that is allocated and stays'),
  'node allocations': l10n.t('All memory that is allocated'),
  'py-spy cpu': l10n.t('Threads that are running'),
  'py-spy wall': l10n.t('All threads, waiting ones too'),
  'py-spy gil': l10n.t('Threads that hold the GIL'),
  'py-spy dump': l10n.t('The stacks of this moment'),
  'perf cpu': l10n.t('Stacks on the CPU'),
  'jvm jfr': l10n.t('Flight Recorder: CPU, allocations, locks, by jcmd alone'),
  'jvm cpu': l10n.t('Stacks on the CPU, by async-profiler'),
  'jvm wall': l10n.t('All threads, waiting ones too, by async-profiler'),
  'jvm alloc': l10n.t('Memory that is allocated, by async-profiler'),
  'jvm lock': l10n.t('Where locks are contended, by async-profiler'),
  'command profile': l10n.t('What the command prints'),
};

/** What to do about a capture without a sample. */
const empty: Readonly<Record<string, string>> = {
  'go cpu': l10n.t('The service was idle: capture under load.'),
  'go mutex': l10n.t(
    'The service has to call runtime.SetMutexProfileFraction first, or no lock was contended.',
  ),
  'go block': l10n.t('The service has to call runtime.SetBlockProfileRate first, or nothing has blocked.'),
  'node heap': l10n.t(
    'Nothing that was allocated meanwhile is left: record for longer, or the kind allocations.',
  ),
  'py-spy cpu': l10n.t('The process was idle: capture under load, or the kind wall.'),
  'py-spy gil': l10n.t('No thread held the GIL: capture under load, or the kind wall.'),
  'perf cpu': l10n.t('Nothing ran while it was recorded: capture under load.'),
};

/** Why a kind is refused. */
const refusals: Readonly<Record<string, string>> = {
  'go trace': l10n.t(
    'An execution trace is a log of events, not a profile of stacks: no flame graph can be made of it. Save it with curl URL/debug/pprof/trace?seconds=5 and look at it with go tool trace; for waiting goroutines capture block or mutex.',
  ),
};

type Typed = Pick<Profiler, 'type'>;

export const describeProfiler = ({ type, description }: Profiler) => descriptions[type] ?? description;

export const describeKind = ({ type }: Typed, { name, description }: CaptureKind) =>
  kinds[`${type} ${name}`] ?? description;

export const describeEmpty = ({ type }: Typed, { name, whenEmpty = '' }: CaptureKind) =>
  empty[`${type} ${name}`] ?? whenEmpty;

export const describeRefusal = ({ type }: Typed, { name, refused }: CaptureKind) =>
  refused && (refusals[`${type} ${name}`] ?? `${refused.message}. ${refused.hint}`);
