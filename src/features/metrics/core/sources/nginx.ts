import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { Collected } from './collected';
import type { MetricSource } from './contract';
import { fetchPage, pageSettings } from './fetchPage';

const settings = z.strictObject(pageSettings);

/** The page has some 100 bytes. */
const longest = 4096;

export const nginx: MetricSource<z.output<typeof settings>> = {
  type: 'nginx',
  description: 'Reads the page of nginx’s stub_status: connections and requests.',
  settings,
  async read(host, settings, context) {
    const { pieces, sourceClockMs } = await fetchPage(host, settings, 'text/plain', context);
    let text = '';
    for await (const piece of pieces) {
      text += piece;
      if (text.length > longest) break;
    }
    const status = readStubStatus(text);
    if (status) return status.reading({ ...(sourceClockMs !== undefined && { sourceClockMs }) });
    throw new MusterError('PROTOCOL', t('the page is not that of stub_status'), {
      ...{ host: host.name, phase: 'request' },
      hint: t('Check the path of the URL, and the directive stub_status in its location.'),
    });
  },
};

const page =
  /^Active connections: +(\d+) *\r?\nserver accepts handled requests(?: request_time)? *\r?\n *(\d+) +(\d+) +(\d+)(?: +\d+)? *\r?\nReading: +(\d+) +Writing: +(\d+) +Waiting: +(\d+)\s*$/;

/** The numbers of https://nginx.org/en/docs/http/ngx_http_stub_status_module.html; undefined of another page. */
export function readStubStatus(text: string): Collected | undefined {
  if (text.length > longest) return undefined;
  const found = page.exec(text);
  if (!found) return undefined;
  const [active, accepted, handled, requests, reading, writing, waiting] = found.slice(1).map(Number);
  const collected = new Collected();
  collected.add('gauge', 'nginx_connections_active', active!);
  collected.add('counter', 'nginx_connections_accepted_total', accepted!);
  collected.add('counter', 'nginx_connections_handled_total', handled!);
  collected.add('counter', 'nginx_http_requests_total', requests!);
  collected.add('gauge', 'nginx_connections_reading', reading!);
  collected.add('gauge', 'nginx_connections_writing', writing!);
  collected.add('gauge', 'nginx_connections_waiting', waiting!);
  return collected;
}
