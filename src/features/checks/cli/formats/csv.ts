import { details, type Format, line } from './format';

const columns = ['host', 'check', 'status', 'latencyMs', 'attempts', 'code', 'message', 'details', 'traceId'];

/** Comma-separated values (RFC 4180) with a head, one line for each check. */
export const csv: Format = function* ({ results }) {
  yield `${columns.join(',')}\r\n`;
  for (const result of results) {
    const { host, check, status, latencyMs, attempts, error, message, traceId } = result;
    const texts = [error?.code ?? '', message, details(result).join('; ')].map(cell);
    const facts = [status, latencyMs, status === 'skipped' ? 0 : (attempts ?? 1)];
    yield `${[cell(host), cell(check), ...facts, ...texts, traceId].join(',')}\r\n`;
  }
};

/** Spreadsheets calculate what begins so, also what is in quotes, and the full-width forms with it. */
const formula = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;

function cell(text: string): string {
  const shown = line(text);
  const harmless = formula.test(shown) ? `'${shown}` : shown;
  return /[",;]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
