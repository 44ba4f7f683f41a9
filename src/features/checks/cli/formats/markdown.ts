import { checkCount, hostCount, t } from '../../../../shell/cli/l10n';
import { checkStatuses } from '../../core/probe';
import { type Format, line, reason } from './format';

const worstFirst = ['unhealthy', 'degraded', 'skipped', 'healthy'];
const signs = { healthy: '✅', degraded: '⚠️', unhealthy: '❌', skipped: '⏭️' };

/** A table for comments, issues and job summaries, the sick first. */
export const markdown: Format = function* ({ results, summary }) {
  const hosts = new Set(results.map(({ host }) => host)).size;
  const counts = checkStatuses
    .filter((status) => summary[status] > 0)
    .map((status) => `${summary[status]} ${t(status)}`);
  yield `**${t('{0} on {1}: {2}', checkCount(summary.total), hostCount(hosts), counts.join(', '))}**\n\n`;
  yield `| ${[t('STATUS'), t('HOST'), t('CHECK'), t('LATENCY'), t('MESSAGE')].join(' | ')} |\n`;
  yield '| --- | --- | --- | ---: | --- |\n';
  const sorted = results.toSorted(
    (one, other) => worstFirst.indexOf(one.status) - worstFirst.indexOf(other.status),
  );
  for (const result of sorted) {
    const { host, check, status, latencyMs } = result;
    const latency = status === 'skipped' ? '' : `${latencyMs} ms`;
    const cells = [`${signs[status]} ${t(status)}`, code(host), code(check), latency, code(reason(result))];
    yield `| ${cells.join(' | ')} |\n`;
  }
};

/**
 * In code nothing is a link, a mention, HTML or emphasis. The fence is longer than any in the text; a bar ends a cell in
 * code as well.
 */
function code(text: string): string {
  // A bar behind a backslash cannot be escaped in every reader.
  const shown = line(text).replaceAll('\\|', '\\¦').replaceAll('|', '\\|');
  if (shown === '') return '';
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const space = /^`|`$/.test(shown) ? ' ' : '';
  return `${fence}${space}${shown}${space}${fence}`;
}
