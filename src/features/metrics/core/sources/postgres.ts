import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { shellQuote } from '../../../../platform/text/shellQuote';
import { hostScript, scriptError } from '../../../../platform/transport/hostScript';
import type { SeriesKind } from '../reading';
import { boundedText } from './boundedOutput';
import { Collected, type Labels } from './collected';
import type { MetricSource } from './contract';

const word = (description: string) => z.string().min(1).optional().describe(description);

const settings = z.strictObject({
  database: z.string().min(1).default('postgres').describe('The database to log in to. Default: postgres.'),
  address: word(
    text('The server as the host sees it, or the folder of its unix socket. Default: that of psql.'),
  ),
  port: z.int().min(1).max(65535).optional().describe('Its port. Default: that of psql, 5432.'),
  user: word(
    text('The role to log in as; pg_monitor sees all. Default: that of psql, the name of the user.'),
  ),
});
type Settings = z.output<typeof settings>;

const mostBytes = 4 * 1024 * 1024;

/**
 * Each query gives rows of a name, a kind, labels and a number. Columns are taken as they are there, since versions of
 * PostgreSQL have others.
 */
const queries = [
  `SELECT 'start', 'start', '{}'::jsonb, extract(epoch FROM pg_postmaster_start_time())`,
  `SELECT 'pg_stat_database_' || key, CASE WHEN key IN ('numbackends') THEN 'gauge' ELSE 'counter' END,
     jsonb_build_object('datname', coalesce(datname, '')), value::text::float8
   FROM pg_stat_database AS d, jsonb_each(to_jsonb(d)) WHERE jsonb_typeof(value) = 'number' AND key <> 'datid'`,
  `SELECT 'pg_stat_bgwriter_' || key, 'counter', '{}'::jsonb, value::text::float8
   FROM pg_stat_bgwriter AS b, jsonb_each(to_jsonb(b)) WHERE jsonb_typeof(value) = 'number'`,
  `SELECT 'pg_stat_activity_count', 'gauge', jsonb_build_object('state', coalesce(state, 'hidden')), count(*)::float8
   FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY state`,
  `SELECT 'pg_stat_activity_max_tx_seconds', 'gauge', '{}'::jsonb,
     coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)
   FROM pg_stat_activity WHERE pid <> pg_backend_pid()`,
  `SELECT 'pg_settings_max_connections', 'gauge', '{}'::jsonb, setting::float8 FROM pg_settings WHERE name = 'max_connections'`,
  `SELECT 'pg_locks_count', 'gauge', jsonb_build_object('mode', mode, 'granted', granted::text), count(*)::float8
   FROM pg_locks GROUP BY mode, granted`,
  `SELECT 'pg_database_frozenxid_age', 'gauge', jsonb_build_object('datname', datname), age(datfrozenxid)::float8
   FROM pg_database WHERE datallowconn`,
  `SELECT 'pg_replication_slot_retained_bytes', 'gauge', jsonb_build_object('slot', slot_name, 'active', active::text),
     pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::float8
   FROM pg_replication_slots WHERE restart_lsn IS NOT NULL`,
  `SELECT 'pg_replication_is_replica', 'gauge', '{}'::jsonb, pg_is_in_recovery()::int::float8`,
];

/** From PostgreSQL 17 on. */
const checkpointerQuery = `SELECT 'pg_stat_checkpointer_' || key, 'counter', '{}'::jsonb, value::text::float8
   FROM pg_stat_checkpointer AS c, jsonb_each(to_jsonb(c)) WHERE jsonb_typeof(value) = 'number'`;

export const postgres: MetricSource<Settings> = {
  type: 'postgres',
  description:
    'Asks PostgreSQL for its statistics by psql on the host, read only: as the user who logs in, or another with become.',
  settings,
  async read(host, settings, context) {
    let output = '';
    const result = await hostScript(host, scriptFor(host, settings), context, {
      take: async (stdout) => void (output = await boundedText(stdout, mostBytes)),
    });
    if (result.exitCode === 127)
      throw new MusterError('PRECONDITION', t('the host has no {0}', 'psql'), {
        host: host.name,
        phase: 'run',
      });
    if (result.exitCode !== 0) throw scriptError(host, 'psql', result);
    return readRows(output);
  },
};

function scriptFor(host: Host, { database, address, port, user }: Settings): string {
  const options = [
    ...(
      [
        ['-d', database],
        ['-h', address],
        ['-U', user],
      ] as const
    ).flatMap(([option, value]) => (value === undefined ? [] : [option, quotedValue(value, host)])),
    ...(port === undefined ? [] : ['-p', String(port)]),
  ];
  const rowsOf = (query: string) => `SELECT jsonb_build_array(n, k, l, v) FROM (${query}) AS q(n, k, l, v);`;
  return [
    'LC_ALL=C; export LC_ALL',
    'command -v psql >/dev/null 2>&1 || exit 127',
    `PGOPTIONS='-c default_transaction_read_only=on -c statement_timeout=5000 -c lock_timeout=500'; export PGOPTIONS`,
    'PGAPPNAME=muster; PGCONNECT_TIMEOUT=5; export PGAPPNAME PGCONNECT_TIMEOUT',
    // -w: a password comes from the user’s own ~/.pgpass on the host, or not at all.
    `psql -w -X -A -t -q -v ON_ERROR_STOP=1 ${options.join(' ')} <<'muster_end_of_sql'`,
    ...queries.map(rowsOf),
    `SELECT to_regclass('pg_catalog.pg_stat_checkpointer') IS NOT NULL AS has_checkpointer \\gset`,
    ...['\\if :has_checkpointer', rowsOf(checkpointerQuery), '\\endif'],
    'muster_end_of_sql',
  ].join('\n');
}

/** A connection string would be taken apart by psql: a value stays one. */
function quotedValue(value: string, host: Host): string {
  const resolved = resolvePlaceholders(value, host);
  if (/[=\0\r\n]|:\/\/|^-/.test(resolved))
    throw new MusterError('INVENTORY', t('“{0}” cannot be given to psql', resolved.slice(0, 60)), {
      ...{ host: host.name, phase: 'inventory' },
    });
  return shellQuote(resolved);
}

/** Rows of `[name, kind, labels, number]`, one in a line. */
export function readRows(output: string) {
  const collected = new Collected();
  let incarnation: string | undefined;
  let unread = 0;
  for (const line of output.split('\n')) {
    if (line === '') continue;
    const row = rowOf(line);
    if (!row) unread++;
    else if (row.kind === 'start') incarnation = String(row.value);
    else
      collected.add(
        row.kind,
        row.name,
        row.value,
        row.labels,
        row.name.endsWith('_bytes') ? 'By' : undefined,
      );
  }
  return {
    ...collected.reading({ isComplete: unread === 0, ...(incarnation !== undefined && { incarnation }) }),
    problemCount: unread,
  };
}

const rowSchema = z.tuple([
  z.string().max(200),
  z.enum(['start', 'gauge', 'counter']),
  z.record(z.string(), z.string()),
  z.number(),
]);

function rowOf(line: string) {
  try {
    const [name, kind, labels, value] = rowSchema.parse(JSON.parse(line));
    return { name, kind: kind as SeriesKind | 'start', labels: labels as Labels, value };
  } catch {
    return undefined;
  }
}
