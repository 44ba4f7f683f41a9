import { exposition, secondsOf } from '../../../../platform/exposition/exposition';
import { checkFamilies, statusFamily } from '../../core/checkFamilies';
import type { Format } from './format';

/** The text format of Prometheus, as node_exporter's textfile collector and the Pushgateway take it. */
export const prometheus: Format = ({ results, summary }, { startedAt }) =>
  exposition(
    [
      ...checkFamilies(results),
      statusFamily(summary),
      {
        ...{ name: 'muster_checks_duration_seconds', type: 'gauge' },
        help: 'Time that all checks took together.',
        samples: [{ value: secondsOf(summary.durationMs) }],
      },
      {
        ...{ name: 'muster_checks_start_time_seconds', type: 'gauge' },
        help: 'When the checks began, since the epoch.',
        samples: [{ value: startedAt.getTime() / 1000 }],
      },
    ],
    'text',
  );
