import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { MusterError, toMusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import type { Reading, SeriesKind } from '../reading';
import { Collected } from './collected';
import type { MetricSource } from './contract';

const settings = z
  .strictObject({
    address: z
      .string()
      .min(1)
      .optional()
      .describe('Where it listens, as the host itself sees it. Default: 127.0.0.1.'),
    port: z.int().min(1).max(65535).optional().describe('Its port. Default: 6379.'),
    socket: z
      .string()
      .regex(/^(\/|\{)/, text('expected an absolute path'))
      .optional()
      .describe('Its unix socket, in place of address and port.'),
  })
  .refine(
    ({ address, port, socket }) => socket === undefined || (address === undefined && port === undefined),
    {
      error: text('a socket takes the place of address and port'),
      path: ['socket'],
    },
  );
type Settings = z.output<typeof settings>;

/** INFO of a server with all its commands has some 30 kB. */
const mostBytes = 1024 * 1024;

export const redis: MetricSource<Settings> = {
  type: 'redis',
  description: 'Asks Redis or Valkey for INFO, over the SSH connection of the host.',
  settings,
  async read(host, { address = '127.0.0.1', port = 6379, socket }, context) {
    const place =
      socket === undefined
        ? { address: resolvePlaceholders(address, host), port }
        : { path: resolvePlaceholders(socket, host) };
    const { deadline } = context;
    const stream = await context.transport.connect(host, place, { deadline });
    const unhear = deadline.onAbort(() => stream.destroy());
    try {
      stream.write('INFO all\r\n');
      return readInfo(await replyOf(host, stream));
    } catch (error) {
      throw toMusterError(deadline.reason ?? error, { host: host.name, phase: 'request' }, 'RESET');
    } finally {
      unhear();
      stream.destroy();
    }
  },
};

/** The bulk string that answers. @throws MusterError */
async function replyOf(host: Host, stream: Duplex): Promise<string> {
  const details = { host: host.name, phase: 'request' } as const;
  let reply = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    reply = Buffer.concat([reply, chunk]);
    const head = /^([-$=])([^\r\n]{0,400})\r\n/.exec(reply.subarray(0, 512).toString('latin1'));
    if (!head) {
      if (reply.length < 512 && /^[-$=]/.test(reply.toString('latin1', 0, 1))) continue;
      throw new MusterError('PROTOCOL', t('what answers is not Redis'), details);
    }
    const [line, mark, rest = ''] = head;
    if (mark === '-') throw refusal(host, rest);
    const length = /^\d{1,9}$/.test(rest) ? Number(rest) : NaN;
    if (!(length <= mostBytes)) throw new MusterError('PROTOCOL', t('what answers is not Redis'), details);
    if (reply.length < line.length + length + 2) continue;
    return reply.subarray(line.length, line.length + length).toString('utf8');
  }
  throw new MusterError('RESET', t('the service closed the connection without an answer'), details);
}

function refusal(host: Host, said: string): MusterError {
  const isRight = /^(NOAUTH|NOPERM|WRONGPASS|DENIED)/.test(said);
  return new MusterError(isRight ? 'AUTH' : 'PROTOCOL', t('Redis refused: {0}', printable(said, 200)), {
    ...{ host: host.name, phase: 'request' },
    ...(isRight && {
      hint: t(
        'Muster logs in to Redis as nobody: let the default user use INFO (ACL SETUSER default on +info), or read redis_exporter by the type prometheus.',
      ),
    }),
  });
}

/** Names of numbers that name something, or are of the past as a whole. */
const noNumbers =
  /(_id|sha1|replid\d?|_version|_port|_host|_ip|_dirty|_human|_time_usec|_time_in_usec|_bits|tcp_port|config_file|executable|multiplexing_api|lru_clock)$/;

/** What counts up until the server, or `CONFIG RESETSTAT`, begins again. */
const counters =
  /^(total_(?!system_memory|blocking_keys|watched_keys)|keyspace_(hits|misses)$|(expired|evicted)_(keys|scripts|clients)$|expired_time|expire_cycle|rejected_|sync_|used_cpu_|acl_access_denied|io_threaded_|unexpected_error|client_(query_buffer|output_buffer)_limit|dump_payload|reply_buffer_|lazyfreed_|active_defrag_(hits|misses|key_)|rdb_saves$|aof_rewrites$)/;

/** The numbers of INFO (https://redis.io/docs/latest/commands/info/), as `redis_` and their name there. */
export function readInfo(info: string): Reading {
  const collected = new Collected();
  let runId: string | undefined;
  for (const line of info.split('\n')) {
    const [, table, row, numbers] = tableLine.exec(line) ?? [];
    if (table !== undefined && row !== undefined && numbers !== undefined) {
      readTable(collected, table, row, numbers);
      continue;
    }
    const [, key, value] = plainLine.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    if (key === 'run_id') runId = value;
    if (!noNumbers.test(key))
      collected.add(kindOf(key), `redis_${key}`, numberOf(value), {}, unitOf(key, value));
  }
  return collected.reading(runId === undefined ? {} : { incarnation: runId });
}

/** `db0:keys=5`. What clients sent may be a part of the name, colons included. */
const tableLine =
  /^(db|cmdstat_|errorstat_|latency_percentiles_usec_|slave)(.{1,100}):([a-z][\w.]*=.{0,500}?)\r?$/;
const plainLine = /^([A-Za-z_][\w.|-]{0,199}):(.{0,500}?)\r?$/;

const kindOf = (key: string): SeriesKind => (counters.test(key) ? 'counter' : 'gauge');

function numberOf(value: string): number {
  return /^-?\d+(\.\d+)?%?$/.test(value) ? Number(value.replace('%', '')) : NaN;
}

function unitOf(key: string, value: string): string | undefined {
  if (value.endsWith('%')) return '%';
  return /^(used_memory|maxmemory|total_system_memory|mem_|allocator_(allocated|active|resident)|total_net_(input|output)_bytes)/.test(
    key,
  ) && !/ratio|policy/.test(key)
    ? 'By'
    : undefined;
}

const tableLabels: Readonly<Record<string, readonly [prefix: string, label: string]>> = {
  db: ['redis_db', 'db'],
  cmdstat_: ['redis_command', 'command'],
  errorstat_: ['redis_error', 'error'],
  latency_percentiles_usec_: ['redis_command_latency_usec', 'command'],
  slave: ['redis_replica', 'replica'],
};
const tableCounters: ReadonlySet<string> = new Set([
  'calls',
  'usec',
  'rejected_calls',
  'failed_calls',
  'count',
]);

/** `db0:keys=5,expires=1`, and others that have several numbers in a line. */
function readTable(collected: Collected, table: string, row: string, value: string): void {
  const [prefix, label] = tableLabels[table]!;
  for (const [, name = '', number = ''] of value.matchAll(/(?:^|,)([\w.]+)=([^,]*)/g)) {
    if (noNumbers.test(`_${name}`)) continue;
    const found = numberOf(number);
    if (table === 'latency_percentiles_usec_')
      collected.add('gauge', prefix, found, { [label]: row, percentile: name.replace(/^p/, '') });
    else
      collected.add(tableCounters.has(name) ? 'counter' : 'gauge', `${prefix}_${name}`, found, {
        [label]: table === 'db' ? `db${row}` : row,
      });
  }
}
