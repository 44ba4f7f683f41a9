import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { shellQuote } from '../../../../platform/text/shellQuote';
import { hostScript, scriptError } from '../../../../platform/transport/hostScript';
import type { Reading, SeriesKind } from '../reading';
import { boundedText } from './boundedOutput';
import { Collected } from './collected';
import type { MetricSource } from './contract';

const settings = z.strictObject({
  address: z
    .string()
    .min(1)
    .optional()
    .describe('The server as the host sees it. Default: that of the client.'),
  port: z.int().min(1).max(65535).optional().describe('Its port. Default: that of the client, 3306.'),
  socket: z
    .string()
    .regex(/^(\/|\{)/, text('expected an absolute path'))
    .optional()
    .describe('Its unix socket. Default: that of the client.'),
  user: z
    .string()
    .min(1)
    .optional()
    .describe('The user to log in as. Default: that of ~/.my.cnf on the host.'),
});
type Settings = z.output<typeof settings>;

const mostBytes = 1024 * 1024;

export const mysql: MetricSource<Settings> = {
  type: 'mysql',
  description:
    'Asks MySQL or MariaDB for SHOW GLOBAL STATUS by its client on the host, whose password is in ~/.my.cnf there.',
  settings,
  async read(host, settings, context) {
    let output = '';
    const result = await hostScript(host, scriptFor(host, settings), context, {
      take: async (stdout) => void (output = await boundedText(stdout, mostBytes)),
    });
    if (result.exitCode === 127)
      throw new MusterError('PRECONDITION', t('the host has no {0}', 'mysql'), {
        host: host.name,
        phase: 'run',
      });
    if (result.exitCode !== 0) throw scriptError(host, 'mysql', result);
    return readStatus(output);
  },
};

function scriptFor(host: Host, { address, port, socket, user }: Settings): string {
  const options = Object.entries({ host: address, port: port?.toString(), socket, user }).flatMap(
    ([name, value]) =>
      value === undefined ? [] : [shellQuote(`--${name}=${resolvePlaceholders(value, host)}`)],
  );
  return [
    'LC_ALL=C; export LC_ALL',
    'client=; for one in mariadb mysql; do command -v "$one" >/dev/null 2>&1 && { client=$one; break; }; done',
    '[ -n "$client" ] || exit 127',
    `"$client" ${options.join(' ')} --connect-timeout=5 --batch --raw --skip-column-names -e "SHOW GLOBAL STATUS; SHOW GLOBAL VARIABLES WHERE Variable_name IN ('max_connections', 'innodb_buffer_pool_size', 'read_only');" </dev/null`,
  ].join('\n');
}

/** What is as much as it is now; the page of https://dev.mysql.com/doc/refman/8.4/en/server-status-variables.html. */
const gauges =
  /^(Threads_(cached|connected|running)|Open_(files|streams|table_definitions|tables)|Max_used_connections|Uptime.*|Innodb_(buffer_pool_(pages_(data|dirty|free|misc|total)|bytes_.*)|row_lock_(current_waits|time_avg|time_max)|num_open_files|page_size|history_list_length|checkpoint_age.*)|Prepared_stmt_count|Qcache_(free_blocks|free_memory|queries_in_cache|total_blocks)|Slave_open_temp_tables|Key_blocks_.*|Memory_used.*|.*_(size|current|max)|max_connections|innodb_buffer_pool_size|read_only)$/;
const counters =
  /^(Com_.*|Handler_.*|Bytes_.*|Connections|Questions|Queries|Slow_queries|Aborted_.*|Created_tmp_.*|Opened_.*|Select_.*|Sort_.*|Table_locks_.*|Threads_created|Connection_errors_.*|Access_denied_errors|Key_(reads|read_requests|writes|write_requests)|Qcache_(hits|inserts|not_cached|lowmem_prunes)|Innodb_(buffer_pool_(read.*|write_requests|wait_free|pages_flushed)|data_(fsyncs|read|reads|writes|written)|log_(waits|writes|write_requests)|os_log_(fsyncs|written)|pages_(created|read|written)|row_lock_(time|waits)|rows_.*|deadlocks|dblwr_.*))$/;
/** What names something, though it is a number. */
const noNumbers = /_(version|id|uuid)$/i;

/** Rows of a name, a tab and a value. */
export function readStatus(output: string): Reading {
  const collected = new Collected();
  for (const line of output.split('\n')) {
    const [, name, value = ''] = /^([A-Za-z]\w{0,100})\t(-?\d+(?:\.\d+)?|ON|OFF)$/.exec(line) ?? [];
    if (name === undefined || noNumbers.test(name)) continue;
    const number = value === 'ON' ? 1 : value === 'OFF' ? 0 : Number(value);
    collected.add(kindOf(name), `mysql_${name.toLowerCase()}`, number);
  }
  return collected.reading();
}

function kindOf(name: string): SeriesKind {
  if (gauges.test(name)) return 'gauge';
  return counters.test(name) ? 'counter' : 'unknown';
}
