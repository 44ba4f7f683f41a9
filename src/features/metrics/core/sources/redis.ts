import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { MusterError, toMusterError } from '../../../../platform/errors/errors';
import { connectTo, type Endpoint } from '../../../../platform/http/endpoint';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { tlsSchema } from '../../../../platform/tls/tlsSettings';
import type { Reading, SeriesKind } from '../reading';
import { Collected } from './collected';
import type { Fate } from '../../../../platform/host/declaredPasswords';
import type { MetricSource, ReadContext } from './contract';

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
    auth: z
      .union([
        z.literal('password'),
        z.strictObject({
          username: z.string().min(1).describe('User of an ACL that may use INFO; may hold placeholders.'),
        }),
      ])
      .optional()
      .describe(
        'How to log in: `password` where the server has just one (requirepass), or `username`. The password is asked for, never written here.',
      ),
    tls: tlsSchema
      .optional()
      .describe('Use TLS, with this trust and client certificate; `{}` for the defaults.'),
  })
  .refine(
    ({ address, port, socket }) => socket === undefined || (address === undefined && port === undefined),
    {
      error: text('a socket takes the place of address and port'),
      path: ['socket'],
    },
  )
  .refine(({ socket, tls }) => socket === undefined || tls === undefined, {
    error: text('Redis uses no TLS at a unix socket'),
    path: ['tls'],
  });
type Settings = z.output<typeof settings>;

/** INFO of a server with all its commands has some 30 kB. */
const mostBytes = 1024 * 1024;

export const redis: MetricSource<Settings> = {
  type: 'redis',
  description: 'Asks Redis or Valkey for INFO, over the SSH connection of the host.',
  settings,
  async read(host, settings, context) {
    const endpoint = endpointOf(host, settings);
    const { deadline } = context;
    const stream = await connectTo(endpoint, context);
    const unhear = deadline.onAbort(() => stream.destroy());
    const replies = new Replies(host, stream);
    try {
      await logIn(endpoint, settings.auth, { stream, replies, context });
      stream.write(request('INFO', 'all'));
      const reply = await replies.next();
      if (reply.isError) throw refusal(host, reply.text, settings.auth !== undefined);
      return readInfo(reply.text);
    } catch (error) {
      throw toMusterError(deadline.reason ?? error, { host: host.name, phase: 'request' }, 'RESET');
    } finally {
      unhear();
      stream.destroy();
    }
  },
};

function endpointOf(
  host: Host,
  { address = '127.0.0.1', port = 6379, socket, tls }: Pick<Settings, 'address' | 'port' | 'socket' | 'tls'>,
): Endpoint {
  const name = resolvePlaceholders(address, host);
  const place = `${tls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
  if (!URL.canParse(place))
    throw new MusterError(
      'INVENTORY',
      t('the address of the source is not an address once the placeholders are filled in'),
      {
        ...{ host: host.name, phase: 'inventory' },
        hint: t('Check its address, and the labels of the host.'),
      },
    );
  return {
    ...{ host, url: new URL(place), through: 'ssh', tls },
    ...(socket !== undefined && { socket: resolvePlaceholders(socket, host) }),
  };
}

/** @throws MusterError AUTH where the user or the password is refused */
async function logIn(
  { host, url, socket, tls }: Endpoint,
  auth: Settings['auth'],
  { stream, replies, context }: { stream: Duplex; replies: Replies; context: ReadContext },
): Promise<void> {
  if (auth === undefined) return;
  const user = auth === 'password' ? undefined : resolvePlaceholders(auth.username, host);
  const scheme = tls ? 'rediss' : 'redis';
  const place = socket === undefined ? `${scheme}://${url.host}` : `unix:${socket}`;
  const lent = await context.login({ user, place, through: 'ssh', tls });
  let fate: Fate = 'unknown';
  try {
    stream.write(request('AUTH', ...(user === undefined ? [] : [user]), lent.password));
    const { isError, text } = await replies.next();
    if (!isError) fate = 'accepted';
    else {
      if (isWrong.test(text)) fate = 'refused';
      throw refusal(host, text, true);
    }
  } finally {
    lent.settle(fate);
  }
}

/** Before Redis 6 a wrong password had no code of its own. */
const isWrong = /^(WRONGPASS|ERR invalid password)/;

/** A command as the protocol has it (https://redis.io/docs/latest/develop/reference/protocol-spec/). */
function request(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

interface Reply {
  isError: boolean;
  text: string;
}

/** Reads replies that are one string, one after the other. */
class Replies {
  private unread = Buffer.alloc(0);
  private readonly chunks: AsyncIterator<Buffer>;

  constructor(
    private readonly host: Host,
    stream: Duplex,
  ) {
    this.chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** @throws MusterError PROTOCOL, RESET */
  async next(): Promise<Reply> {
    for (;;) {
      const reply = this.take();
      if (reply) return reply;
      const chunk = await this.chunks.next();
      if (chunk.done)
        throw new MusterError('RESET', t('the service closed the connection without an answer'), {
          ...{ host: this.host.name, phase: 'request' },
          hint: t('Check its logs, and whether it wants TLS at this port (tls of the source).'),
        });
      this.unread = Buffer.concat([this.unread, chunk.value]);
    }
  }

  private take(): Reply | undefined {
    const { unread } = this;
    if (unread.length === 0) return undefined;
    const [head, mark, line = ''] =
      /^([-+$=])([^\r\n]{0,400})\r\n/.exec(unread.subarray(0, 512).toString('latin1')) ?? [];
    if (head === undefined) {
      if (unread.length < 512 && /^[-+$=]/.test(unread.toString('latin1', 0, 1))) return undefined;
      throw this.noRedis();
    }
    if (mark === '-' || mark === '+') {
      this.unread = unread.subarray(head.length);
      return { isError: mark === '-', text: line };
    }
    const length = /^\d{1,9}$/.test(line) ? Number(line) : NaN;
    if (!(length <= mostBytes)) throw this.noRedis();
    const end = head.length + length;
    if (unread.length < end + 2) return undefined;
    this.unread = unread.subarray(end + 2);
    return { isError: false, text: unread.subarray(head.length, end).toString('utf8') };
  }

  private noRedis(): MusterError {
    return new MusterError('PROTOCOL', t('what answers is not Redis'), {
      ...{ host: this.host.name, phase: 'request' },
    });
  }
}

function refusal({ name: host }: Host, said: string, hasAuth: boolean): MusterError {
  const isRight = /^(NOAUTH|NOPERM|DENIED)/.test(said) || isWrong.test(said);
  const hint = hintFor(said, hasAuth);
  return new MusterError(isRight ? 'AUTH' : 'PROTOCOL', t('Redis refused: {0}', printable(said, 200)), {
    ...{ host, phase: 'request' },
    ...(hint !== undefined && { hint }),
  });
}

function hintFor(said: string, hasAuth: boolean): string | undefined {
  if (isWrong.test(said)) return t('Check the user and the password.');
  if (said.startsWith('NOPERM')) return t('Let the user of the source use INFO: ACL SETUSER NAME +info.');
  if (/^(NOAUTH|DENIED)/.test(said))
    return t('Set auth of the source: “password”, or the username of an ACL user that may use INFO.');
  return hasAuth && /password/.test(said)
    ? t('This server wants no password: remove auth of the source.')
    : undefined;
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
