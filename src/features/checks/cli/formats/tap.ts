import { jsonText } from '../../../../shell/cli/output/jsonText';
import { details, type Format, line, reason } from './format';

/** TAP version 13, as `prove` and others read it: a point for each check, with what went wrong below it. */
export const tap: Format = function* ({ results }) {
  yield `TAP version 13\n1..${results.length}\n`;
  for (const [index, result] of results.entries()) {
    const point = `${index + 1} - ${description(`${result.host} ${result.check}`)}`;
    if (result.status === 'healthy') yield `ok ${point}\n`;
    else if (result.status === 'skipped') yield `ok ${point} # SKIP ${reason(result)}\n`;
    else {
      const { status, error, latencyMs } = result;
      const facts = {
        ...{ message: reason(result), severity: status === 'degraded' ? 'warning' : 'fail' },
        ...{ code: error?.code ?? 'EXPECTATION', latencyMs, details: details(result) },
      };
      const lines = Object.entries(facts).map(([key, value]) => `  ${key}: ${jsonText(value)}\n`);
      yield `not ok ${point}\n  ---\n${lines.join('')}  ...\n`;
    }
  }
};

/** Without what a reader could take for a directive. */
function description(text: string): string {
  return line(text).replace(/[\\#]/g, '\\$&');
}
