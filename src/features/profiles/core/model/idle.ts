import { t } from '../../../../platform/l10n/l10n';
import type { Frame, LabelRows, Profile } from './profile';
import { weightText } from './weightText';

/** perf's name for the task that a processor runs while there is nothing to do. */
const idleTask = /^swapper(?:[-/]\d+)*$/;
/** Where that task waits, as `perf top` leaves it out; what else runs in it, such as interrupts, is work. */
const waits = new Set([
  ...['acpi_idle_do_entry', 'acpi_processor_ffh_cstate_enter', 'acpi_safe_halt', 'arch_cpu_idle'],
  ...[
    'cpu_do_idle',
    'cpu_idle',
    'cpu_idle_poll',
    'cpu_startup_entry',
    'cpuidle_enter',
    'cpuidle_enter_state',
  ],
  ...['cpuidle_idle_call', 'default_idle', 'default_idle_call', 'do_idle', 'intel_idle', 'intel_idle_ibrs'],
  ...['intel_idle_irq', 'mwait_idle', 'mwait_idle_with_hints', 'native_safe_halt', 'poll_idle'],
  ...['pv_native_safe_halt', 'psw_idle', 'psw_idle_exit'],
]);

/**
 * Takes out what was measured while nothing ran: V8's `(idle)`, and perf's idle task where it waits. V8's `(program)` and
 * `(garbage collector)` are work.
 */
export function withoutIdle(profile: Profile): Profile {
  const { frames, tree, labels } = profile;
  const isV8Idle = frames.map(({ name, file }) => name === '(idle)' && !file);
  const isTask = frames.map(({ name, file }) => !file && idleTask.test(name));
  if (!isV8Idle.includes(true) && !isTask.includes(true)) return profile;
  const isWait = frames.map(waitsIn);
  const { length } = tree.frame;
  const isInTask = new Uint8Array(length);
  const isIdle = new Uint8Array(length);
  for (let node = 1; node < length; node++) {
    const frame = tree.frame[node]!;
    isInTask[node] = isTask[frame] || isInTask[tree.parent[node]!] ? 1 : 0;
    isIdle[node] = isV8Idle[frame] || (isInTask[node] && isWait[frame]) ? 1 : 0;
  }
  const idle = tree.self.map((self) =>
    self.reduce((sum, weight, node) => (isIdle[node] ? sum + weight : sum), 0),
  );
  if (idle.every((weight) => weight === 0)) return profile;
  const self = tree.self.map((weights) => weights.map((weight, node) => (isIdle[node] ? 0 : weight)));
  return {
    ...profile,
    ...{ tree: { ...tree, self }, idle, sampled: undefined },
    ...(labels && { labels: rowsOfWork(labels, isIdle) }),
  };
}

/** `do_idle.constprop.0`, and `do_idle_[k]` as stackcollapse-perf marks the kernel. */
const waitsIn = ({ name }: Frame) =>
  waits.has(name.replace(/_\[k\]$/, '').replace(/\.(?:constprop|isra|part)\..*$/, ''));

function rowsOfWork(labels: LabelRows, isIdle: Uint8Array): LabelRows {
  return {
    ...labels,
    weights: labels.weights.map((weights) =>
      weights.map((weight, row) => (isIdle[labels.node[row]!] ? 0 : weight)),
    ),
  };
}

/** What of a profile is not counted, for people: of the type of values that they look at first. */
export function idleNotes({ idle, valueTypes, defaultValueType }: Profile): string[] {
  const weight = idle?.[defaultValueType] ?? 0;
  const { name, unit } = valueTypes[defaultValueType]!;
  return weight === 0
    ? []
    : [t('{0}: {1} idle is not counted: it is not work', name, weightText(weight, unit))];
}
