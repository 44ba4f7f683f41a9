import { type Family, labelText, type Sample, secondsOf } from '../../../platform/exposition/exposition';
import type { CheckResult } from './checkBatch';
import { type CheckStatus, checkStatuses } from './probe';

/** What is looked at of a result. */
export type ExposedResult = Pick<CheckResult, 'host' | 'check' | 'status' | 'latencyMs' | 'attempts'>;

const statusLabels = Object.fromEntries(
  checkStatuses.map((status) => [status, labelText({ status })]),
) as Record<CheckStatus, string>;

/** The labels of everything that is known of a check on a host. */
export function checkLabels({ host, check }: Pick<CheckResult, 'host' | 'check'>): string {
  return labelText({ host, check });
}

/** What the last results of checks say, each with its labels. */
export function checkFamilies<Result extends ExposedResult>(
  results: Iterable<Result>,
  labelsOf: (result: Result) => string = checkLabels,
): Family[] {
  const judged = (valueOf: (result: Result) => number): Iterable<Sample> => ({
    *[Symbol.iterator]() {
      for (const result of results)
        if (result.status !== 'skipped') yield { labels: labelsOf(result), value: valueOf(result) };
    },
  });
  return [
    {
      ...{ name: 'muster_check_status', type: 'gauge' },
      help: 'Whether the last verdict of the check is this status.',
      samples: {
        *[Symbol.iterator]() {
          for (const result of results)
            for (const status of checkStatuses)
              yield {
                labels: `${labelsOf(result)},${statusLabels[status]}`,
                value: result.status === status ? 1 : 0,
              };
        },
      },
    },
    {
      ...{ name: 'muster_check_duration_seconds', type: 'gauge' },
      help: 'Time to the verdict, of the last attempt.',
      samples: judged(({ latencyMs }) => secondsOf(latencyMs)),
    },
    {
      ...{ name: 'muster_check_attempts', type: 'gauge' },
      help: 'Attempts that the verdict took.',
      samples: judged(({ attempts }) => attempts ?? 1),
    },
  ];
}

/** How many checks have each status. */
export function statusFamily(counts: Readonly<Record<CheckStatus, number>>): Family {
  return {
    ...{ name: 'muster_checks', type: 'gauge', help: 'Checks by status.' },
    samples: checkStatuses.map((status) => ({ labels: statusLabels[status], value: counts[status] })),
  };
}
