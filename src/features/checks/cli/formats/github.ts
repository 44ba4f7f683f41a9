import { checkCount, t } from '../../../../shell/cli/l10n';
import { checkStatuses } from '../../core/probe';
import { details, type Format, line, reason } from './format';
import { foldChecks } from '../checkReport';

const commands = { unhealthy: 'error', degraded: 'warning', skipped: 'notice' } as const;

/** Annotations of a job of GitHub Actions, at the line of the inventory that has the check. */
export const github: Format = function* ({ results, summary }, { placeOf }) {
  for (const status of ['unhealthy', 'degraded', 'skipped'] as const) {
    for (const { hostSet, result } of foldChecks(results.filter((one) => one.status === status))) {
      const place = placeOf(result.check);
      const properties = [
        ...(place ? [`file=${property(place.file)}`, `line=${place.line}`] : []),
        `title=${property(`${hostSet} ${result.check}: ${t(status)}`)}`,
      ];
      const text = [reason(result), ...details(result)].map((one) => data(one)).join('%0A');
      yield `::${commands[status]} ${properties.join(',')}::${text}\n`;
    }
  }
  const counts = checkStatuses
    .filter((status) => summary[status] > 0)
    .map((status) => `${summary[status]} ${t(status)}`);
  yield `${checkCount(summary.total)}: ${counts.join(', ')}\n`;
};

/** A line cannot be left, so that what a host says is no command of its own. */
function data(text: string): string {
  return line(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
