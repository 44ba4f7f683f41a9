import { type Family, labelText, type Sample, secondsOf } from '../../../platform/exposition/exposition';
import { countStatuses } from '../../../platform/batch/conduct';
import { checkFamilies, statusFamily } from '../../checks/core/checkFamilies';
import { checkStatuses } from '../../checks/core/probe';
import type { CheckState } from './checkStates';
import type { Monitor } from './monitor';
import { latenessBounds } from './schedule';

/** What is counted beside the checks, by name of the family. */
export interface ServiceFacts {
  readonly version: string;
  readonly commit: string | null;
  readonly node: string;
}

/** Numbers of other parts of the service. */
export type FamilySource = () => Iterable<Family>;

const phaseLabels = new Map<string, string>();

function phaseLabel(phase: string): string {
  const known = phaseLabels.get(phase) ?? labelText({ phase });
  phaseLabels.set(phase, known);
  return known;
}

/** Samples that are made when they are read, as often as they are. */
export const lazily = (make: () => Iterable<Sample>): Iterable<Sample> => ({
  [Symbol.iterator]: () => make()[Symbol.iterator](),
});

/** All that a service says about itself and its checks. */
export function serveFamilies(
  { states, schedule, slots }: Monitor,
  { version, commit, node }: ServiceFacts,
  more: Iterable<Family>,
): Family[] {
  const known = function* () {
    for (const { result, labels } of states.all) if (result) yield { ...result, labels };
  };
  const results = { [Symbol.iterator]: known };
  const of = (valueOf: (state: CheckState) => number | undefined) =>
    lazily(function* () {
      for (const state of states.all) {
        const value = valueOf(state);
        if (value !== undefined) yield { labels: state.labels, value };
      }
    });
  const memory = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const single = (name: string, type: Family['type'], help: string, value: number): Family => ({
    ...{ name, type, help },
    samples: [{ value }],
  });
  return [
    ...checkFamilies(results, ({ labels }) => labels),
    {
      ...{ name: 'muster_check_phase_seconds', type: 'gauge' },
      help: 'Time that a phase of the last attempt took.',
      samples: lazily(function* () {
        for (const { result, labels } of states.all)
          for (const [phase, ms] of Object.entries(result?.phases ?? {}))
            if (phase !== 'total')
              yield { labels: `${labels},${phaseLabel(phase)}`, value: secondsOf(Number(ms)) };
      }),
    },
    {
      ...{ name: 'muster_check_last_run_timestamp_seconds', type: 'gauge' },
      help: 'When the last verdict was reached, since the epoch.',
      samples: of(({ lastAt }) => lastAt && secondsOf(lastAt)),
    },
    {
      ...{ name: 'muster_check_state_since_timestamp_seconds', type: 'gauge' },
      help: 'Since when the check is in its state, since the epoch.',
      samples: of(({ since }) => since && secondsOf(since)),
    },
    statusFamily(countStatuses([...results], checkStatuses)),
    single(
      'muster_checks_declared',
      'gauge',
      'Checks on hosts, those without a verdict included.',
      states.all.size,
    ),
    single('muster_check_runs_total', 'counter', 'Checks that were begun.', schedule.begun),
    single(
      'muster_check_missed_total',
      'counter',
      'Moments at which a check was due and left out, because it was under way or found no slot.',
      schedule.missed,
    ),
    {
      ...{ name: 'muster_check_lateness_seconds', type: 'histogram' },
      help: 'How much later than due checks were begun.',
      samples: lazily(function* () {
        let count = 0;
        for (const [index, one] of schedule.lateness.counts.entries()) {
          const le = latenessBounds[index];
          yield {
            suffix: '_bucket',
            labels: labelText({ le: le === undefined ? '+Inf' : String(le) }),
            value: (count += one),
          };
        }
        yield { suffix: '_sum', value: schedule.lateness.sum };
        yield { suffix: '_count', value: count };
      }),
    },
    single('muster_checks_under_way', 'gauge', 'Checks under way or waiting for a slot.', schedule.underWay),
    single('muster_checks_waiting', 'gauge', 'Checks that wait for a slot.', slots.waits),
    ...more,
    {
      ...{ name: 'muster_build_info', type: 'info', help: 'Which build of Muster this is.' },
      samples: [{ labels: labelText({ version, commit: commit ?? '', node }), value: 1 }],
    },
    single('process_cpu_seconds_total', 'counter', 'CPU time of the process.', (user + system) / 1e6),
    single('process_resident_memory_bytes', 'gauge', 'Memory of the process.', memory.rss),
    single(
      'process_start_time_seconds',
      'gauge',
      'When the process began, since the epoch.',
      secondsOf(performance.timeOrigin),
    ),
    single('nodejs_heap_used_bytes', 'gauge', 'Heap of V8 that is used.', memory.heapUsed),
  ];
}

/**
 * The same as one JSON object, as `expvar` has it: `app.requests.total` is a number, and what has labels is a list below
 * it; a counter with labels is its sum, and its list is `….by`.
 */
export function varsOf(families: Iterable<Family>, facts: ServiceFacts): Record<string, unknown> {
  const vars: Record<string, unknown> = { 'app.version': facts.version };
  for (const { name, type, samples } of families) {
    const dotted = name.replaceAll('_', '.');
    const all = [...samples];
    const bare = all.find(({ labels, suffix }) => labels === undefined && suffix === undefined);
    if (bare) vars[dotted] = bare.value;
    else {
      const list = all.map(({ labels, value, suffix }) => ({
        ...(suffix !== undefined && { part: suffix.slice(1) }),
        ...labelsOf(labels ?? ''),
        value,
      }));
      if (type === 'counter') {
        vars[dotted] = all.reduce((sum, { value }) => sum + value, 0);
        vars[`${dotted}.by`] = list;
      } else vars[dotted] = list;
    }
  }
  return vars;
}

function labelsOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name!, value!.replace(/\\(.)/g, '$1')]));
}
