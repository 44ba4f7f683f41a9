import { describe, expect, it, test } from 'vitest';
import type { Reading, Series } from '../../../../src/features/metrics/core/reading';
import { readVariables } from '../../../../src/features/metrics/core/sources/expvar';
import { readPerfData } from '../../../../src/features/metrics/core/sources/hsperfdata';
import { readParts } from '../../../../src/features/metrics/core/sources/linux';
import { readStatus } from '../../../../src/features/metrics/core/sources/mysql';
import { readStubStatus } from '../../../../src/features/metrics/core/sources/nginx';
import { readRows } from '../../../../src/features/metrics/core/sources/postgres';
import { seriesIn } from '../../../../src/features/metrics/core/sources/prometheus';
import { readInfo } from '../../../../src/features/metrics/core/sources/redis';
import { readExposition } from '../../../../src/features/metrics/core/exposition/readExposition';
import { seriesText } from '../../../../src/features/metrics/core/seriesText';

const shown = (all: readonly Series[]) =>
  all.map(({ kind, name, labels, value }) => `${kind} ${seriesText(name, labels)} ${value}`);
const linesOf = ({ series }: Pick<Reading, 'series'>, pattern = /./) =>
  shown(series).filter((line) => pattern.test(line));

describe('variables of expvar', () => {
  it('are nested numbers, and never the command line', () => {
    const variables = {
      cmdline: ['app', '--password=hunter2'],
      'app.requests.total': 7,
      'app.version': '1.2.3',
      ready: true,
      pools: { db: { active: 3, waits: null, list: [1, 2] } },
      memstats: {
        Alloc: 10,
        TotalAlloc: 20,
        NumGC: 2,
        PauseNs: [1, 2],
        BySize: [{ Size: 8 }],
        EnableGC: true,
      },
    };
    expect(shown(readVariables(variables))).toEqual([
      'counter app.requests.total 7',
      'unknown ready 1',
      'unknown pools.db.active 3',
      'unknown pools.db.list.0 1',
      'unknown pools.db.list.1 2',
      'gauge memstats.Alloc 10',
      'counter memstats.TotalAlloc 20',
      'counter memstats.NumGC 2',
      'gauge memstats.EnableGC 1',
    ]);
  });

  it('are read no deeper and no further than is sensible', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 1000; level++) deep = { x: deep };
    expect(readVariables({ deep })).toEqual([]);
    const many = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`v${at}`, at]));
    expect(readVariables({ many })).toHaveLength(20_000);
    expect(
      shown(readVariables(JSON.parse('{"__proto__":{"x":1},"cmdline":{"a":1}}') as object as never)),
    ).toEqual(['unknown __proto__.x 1']);
  });
});

describe('what a Linux host prints', () => {
  const output = `@stat
cpu  10 20 30 40 50 60 70 80 0 0
cpu0 132 2 30 400 5 0 7 1 0 0
ctxt 12345
btime 1600000000
procs_running 3
@loadavg
0.50 1.25 2.00 3/456 7890
@meminfo
MemTotal:        2048 kB
Active(anon):    1024 kB
HugePages_Total:       7
@vmstat
oom_kill 2
nr_free_pages 100
@ioPressure
some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000
full avg10=0.00 avg60=0.00 avg300=0.00 total=1500000
@diskstats
   8       0 sda 100 1 2000 30 200 2 4000 50 3 60 70 0 0 0 0
   8       1 sda1 1 1 1 1 1 1 1 1 0 1 1
 259       0 nvme0n1 1 0 8 1000 0 0 0 0 0 0 0
 259       1 nvme0n1p1 9 0 8 1 0 0 0 0 0 0 0
@network
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0
  lo:5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0
@netstat
TcpExt: SyncookiesSent ListenOverflows ListenDrops
TcpExt: 1 22 33
@snmp
Tcp: RtoAlgorithm CurrEstab RetransSegs
Tcp: 1 8 9
@tcp
01 5
0A 2
ZZ 9
@fileHandles
1024 0 9223372036854775807
@conntrack
17
@space
Filesystem     1024-blocks   Used Available Capacity Mounted on
/dev/sda1             1000    400       600      40% /
/dev/with blank       2000   1000      1000      50% /mnt/a b
tmpfs                  100      0       100       0% /run
@inodes
Filesystem     Inodes IUsed IFree IUse% Mounted on
/dev/sda1         100    40    60   40% /
@containers
= system.slice/docker-1.scope
Inter-|   Receive
  eth0: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
@cgroups
./system.slice/docker-1.scope/cpu.max 50000 100000
./system.slice/docker-1.scope/cpu.stat usage_usec 1500000
./system.slice/docker-1.scope/cpu.stat throttled_usec 250000
./system.slice/docker-1.scope/memory.current 4096
./system.slice/docker-1.scope/memory.max max
./system.slice/docker-1.scope/memory.events oom_kill 3
././cpu.max max 100000
@boot
abc
@end
`;

  it('has the names and units of node_exporter', () => {
    const reading = readParts(output);
    expect(reading).toMatchObject({ isComplete: true, incarnation: 'abc' });
    expect(linesOf(reading, /cpu_seconds/).slice(0, 4)).toEqual([
      'counter node_cpu_seconds_total{cpu="0",mode="user"} 1.32',
      'counter node_cpu_seconds_total{cpu="0",mode="nice"} 0.02',
      'counter node_cpu_seconds_total{cpu="0",mode="system"} 0.3',
      'counter node_cpu_seconds_total{cpu="0",mode="idle"} 4',
    ]);
    for (const line of [
      'counter node_context_switches_total 12345',
      'gauge node_boot_time_seconds 1600000000',
      'gauge node_load5 1.25',
      'gauge node_memory_MemTotal_bytes 2097152',
      'gauge node_memory_Active_anon_bytes 1048576',
      'gauge node_memory_HugePages_Total 7',
      'counter node_vmstat_oom_kill 2',
      'counter node_pressure_io_waiting_seconds_total 2.5',
      'counter node_pressure_io_stalled_seconds_total 1.5',
      'counter node_disk_read_bytes_total{device="sda"} 1024000',
      'counter node_disk_read_time_seconds_total{device="nvme0n1"} 1',
      'counter node_network_receive_bytes_total{device="eth0"} 1000',
      'counter node_network_transmit_drop_total{device="eth0"} 4',
      'counter node_network_receive_bytes_total{device="lo"} 5',
      'counter node_netstat_TcpExt_ListenOverflows 22',
      'gauge node_netstat_Tcp_CurrEstab 8',
      'gauge node_tcp_connection_states{state="established"} 5',
      'gauge node_filefd_allocated 1024',
      'gauge node_nf_conntrack_entries 17',
      'gauge node_filesystem_avail_bytes{device="/dev/sda1",mountpoint="/"} 614400',
      'gauge node_filesystem_size_bytes{device="/dev/with blank",mountpoint="/mnt/a b"} 2048000',
      'gauge node_filesystem_files_free{device="/dev/sda1",mountpoint="/"} 60',
      'counter cgroup_network_receive_bytes_total{cgroup="system.slice/docker-1.scope",device="eth0"} 7',
      'gauge cgroup_cpu_limit_cores{cgroup="system.slice/docker-1.scope"} 0.5',
      'counter cgroup_cpu_usage_seconds_total{cgroup="system.slice/docker-1.scope"} 1.5',
      'counter cgroup_cpu_throttled_seconds_total{cgroup="system.slice/docker-1.scope"} 0.25',
      'gauge cgroup_memory_usage_bytes{cgroup="system.slice/docker-1.scope"} 4096',
      'counter cgroup_memory_oom_kills_total{cgroup="system.slice/docker-1.scope"} 3',
    ])
      expect(shown(reading.series)).toContain(line);
    expect(
      linesOf(reading, /sda1"|nvme0n1p1|tmpfs|memory_limit|cpu_limit_cores\{cgroup="\/"|Inter|ZZ/),
    ).toEqual([
      'gauge node_filesystem_size_bytes{device="/dev/sda1",mountpoint="/"} 1024000',
      'gauge node_filesystem_avail_bytes{device="/dev/sda1",mountpoint="/"} 614400',
      'gauge node_filesystem_files{device="/dev/sda1",mountpoint="/"} 100',
      'gauge node_filesystem_files_free{device="/dev/sda1",mountpoint="/"} 60',
    ]);
  });

  it('is not complete where it was cut, or a file system did not answer', () => {
    expect(readParts(output.replace('@end\n', '')).isComplete).toBe(false);
    expect(readParts(output.replace('@inodes', '@cut\n@inodes')).isComplete).toBe(false);
    expect(readParts('')).toMatchObject({ series: [], isComplete: false });
  });

  it('is nothing but numbers, whatever lines hold', () => {
    const wild = output.replace(/\d+/g, (number, at: number) => (at % 3 === 0 ? 'NaN' : `${number}x`));
    for (const { value } of readParts(wild).series) expect(Number.isFinite(value)).toBe(true);
  });
});

describe('INFO of Redis', () => {
  const info = [
    '# Server',
    'redis_version:7.0',
    'redis_git_sha1:00000000',
    'run_id:1234',
    'tcp_port:6379',
    'uptime_in_seconds:10',
    '# Memory',
    'used_memory:1024',
    'used_memory_human:1.00K',
    'used_memory_peak_perc:100.80%',
    'total_system_memory:2048',
    'maxmemory_policy:noeviction',
    'allocator_frag_ratio:1.08',
    'mem_fragmentation_ratio:nan',
    '# Stats',
    'total_commands_processed:5',
    'keyspace_hits:3',
    '# Replication',
    'master_replid:0000000000000000000000000000000000000000',
    'slave0:ip=10.0.0.2,port=6379,state=online,offset=12,lag=1',
    '# Commandstats',
    'cmdstat_config|get:calls=2,usec=9,usec_per_call=4.50,rejected_calls=0,failed_calls=0',
    '# Errorstats',
    'errorstat_ERR:count=4',
    '# Latencystats',
    'latency_percentiles_usec_get:p50=1.003,p99.9=5.0',
    '# Keyspace',
    'db0:keys=5,expires=1,avg_ttl=0',
  ].join('\r\n');

  it('is its numbers, and none of what only names something', () => {
    const reading = readInfo(info);
    expect(reading.incarnation).toBe('1234');
    expect(shown(reading.series)).toEqual([
      'gauge redis_uptime_in_seconds 10',
      'gauge redis_used_memory 1024',
      'gauge redis_used_memory_peak_perc 100.8',
      'gauge redis_total_system_memory 2048',
      'gauge redis_allocator_frag_ratio 1.08',
      'counter redis_total_commands_processed 5',
      'counter redis_keyspace_hits 3',
      'gauge redis_replica_offset{replica="0"} 12',
      'gauge redis_replica_lag{replica="0"} 1',
      'counter redis_command_calls{command="config|get"} 2',
      'counter redis_command_usec{command="config|get"} 9',
      'gauge redis_command_usec_per_call{command="config|get"} 4.5',
      'counter redis_command_rejected_calls{command="config|get"} 0',
      'counter redis_command_failed_calls{command="config|get"} 0',
      'counter redis_error_count{error="ERR"} 4',
      'gauge redis_command_latency_usec{command="get",percentile="50"} 1.003',
      'gauge redis_command_latency_usec{command="get",percentile="99.9"} 5',
      'gauge redis_db_keys{db="db0"} 5',
      'gauge redis_db_expires{db="db0"} 1',
      'gauge redis_db_avg_ttl{db="db0"} 0',
    ]);
  });
});

describe('stub_status', () => {
  const page =
    'Active connections: 291 \nserver accepts handled requests\n 16630948 16630946 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n';

  it('has four lines', () => {
    expect(shown(readStubStatus(page)?.series ?? [])).toEqual([
      'gauge nginx_connections_active 291',
      'counter nginx_connections_accepted_total 16630948',
      'counter nginx_connections_handled_total 16630946',
      'counter nginx_http_requests_total 31070465',
      'gauge nginx_connections_reading 6',
      'gauge nginx_connections_writing 179',
      'gauge nginx_connections_waiting 106',
    ]);
  });

  test.each([
    '',
    '<html>',
    page.slice(0, -5),
    `${page}x`,
    page.replace('291', '-1'),
    `${page}${' '.repeat(5000)}`,
  ])('is nothing else: %j', (text) => {
    expect(readStubStatus(text)).toBeUndefined();
  });
});

describe('rows of PostgreSQL', () => {
  it('are numbers with labels, and the start of the server', () => {
    const rows = [
      '["start", "start", {}, 1700000000.5]',
      '["pg_stat_database_xact_commit", "counter", {"datname": "a\\"b"}, 5]',
      '["pg_stat_activity_count", "gauge", {"state": "hidden"}, 2]',
      'psql: notice',
      '["x", "gauge", {}, "5"]',
      '',
    ];
    const reading = readRows(rows.join('\n'));
    expect(reading).toMatchObject({ incarnation: '1700000000.5', isComplete: false, problemCount: 2 });
    expect(shown(reading.series)).toEqual([
      'counter pg_stat_database_xact_commit{datname="a\\"b"} 5',
      'gauge pg_stat_activity_count{state="hidden"} 2',
    ]);
  });
});

describe('the status of MySQL', () => {
  it('is its numbers', () => {
    const rows = [
      'Threads_running\t2',
      'Com_select\t10',
      'Ssl_version\tTLSv1.3',
      'read_only\tOFF',
      'Rpl_status\tAUTH_NULL',
    ];
    expect(shown(readStatus([...rows, 'Innodb_new_thing\t7', 'Uptime\t5', ''].join('\n')).series)).toEqual([
      'gauge mysql_threads_running 2',
      'counter mysql_com_select 10',
      'gauge mysql_read_only 0',
      'unknown mysql_innodb_new_thing 7',
      'gauge mysql_uptime 5',
    ]);
  });
});

describe('a page as series', () => {
  it('has when counters were created, in either format', async () => {
    const openMetrics = readExposition(
      [
        '# TYPE req counter\nreq_total{a="b"} 3\nreq_created{a="b"} 100.5',
        '# TYPE lat_seconds histogram\n# UNIT lat_seconds seconds',
        'lat_seconds_bucket{le="+Inf",a="b"} 1\nlat_seconds_created{a="b"} 7\n# EOF\n',
      ].join('\n'),
      'openmetrics',
    );
    const older = readExposition(
      '# TYPE req_total counter\nreq_total{a="b"} 3\n# TYPE req_created gauge\nreq_created{a="b"} 100.5\n# TYPE user_created gauge\nuser_created 5\n',
      'prometheus',
    );
    const label = { name: 'a', value: 'b' };
    expect(openMetrics.problems).toEqual([]);
    expect(await seriesIn(openMetrics)).toEqual([
      { name: 'req_total', labels: [label], value: 3, kind: 'counter', createdMs: 100_500 },
      {
        ...{ name: 'lat_seconds_bucket', labels: [{ name: 'le', value: '+Inf' }, label], value: 1 },
        ...{ kind: 'counter', unit: 's', createdMs: 7000 },
      },
    ]);
    expect(await seriesIn(older)).toEqual([
      { name: 'req_total', labels: [label], value: 3, kind: 'counter', createdMs: 100_500 },
      { name: 'user_created', labels: [], value: 5, kind: 'gauge' },
    ]);
  });
});

/** A file as HotSpot writes it: entries of a long, or of a text. */
function perfData(
  entries: readonly (readonly [name: string, value: bigint | string, unit?: number, variability?: number])[],
  isLittle = true,
): Buffer {
  const parts = entries.map(([name, value, unit = 1, variability = 2]) => {
    const nameBytes = Buffer.from(`${name}\0`);
    const dataAt = Math.ceil((20 + nameBytes.length) / 8) * 8;
    const text = typeof value === 'string' ? Buffer.from(`${value}\0`) : undefined;
    const entry = Buffer.alloc(dataAt + Math.max(8, Math.ceil((text?.length ?? 0) / 8) * 8));
    const view = new DataView(entry.buffer, entry.byteOffset);
    view.setInt32(0, entry.length, isLittle);
    view.setInt32(4, 20, isLittle);
    view.setInt32(8, text?.length ?? 0, isLittle);
    entry.set([(text ? 'B' : 'J').charCodeAt(0), 0, unit, variability], 12);
    view.setInt32(16, dataAt, isLittle);
    entry.set(nameBytes, 20);
    if (text) entry.set(text, dataAt);
    else view.setBigInt64(dataAt, value as bigint, isLittle);
    return entry;
  });
  const head = Buffer.alloc(32);
  const view = new DataView(head.buffer, head.byteOffset);
  view.setUint32(0, 0xcafec0c0);
  head.set([isLittle ? 1 : 0, 2, 0, 1], 4);
  view.setInt32(24, 32, isLittle);
  view.setInt32(28, entries.length, isLittle);
  return Buffer.concat([head, ...parts]);
}

describe('hsperfdata', () => {
  const entries = [
    ['sun.os.hrt.frequency', 1_000_000_000n, 6, 1],
    ['sun.gc.collector.0.invocations', 42n, 4, 2],
    ['sun.gc.collector.0.time', 2_500_000_000n, 3, 2],
    ['java.threads.live', 7n, 1, 3],
    ['sun.rt.javaCommand', 'com.example.Main --password=hunter2', 5, 1],
  ] as const;

  test.each([true, false])('is numbers and texts, in either byte order (little: %s)', (isLittle) => {
    const { numbers, texts, ticksPerSecond } = readPerfData(perfData(entries, isLittle));
    expect(ticksPerSecond).toBe(1e9);
    expect(numbers.get('sun.gc.collector.0.invocations')).toEqual({
      value: 42,
      unit: 'events',
      isMonotonic: true,
    });
    expect(numbers.get('java.threads.live')).toEqual({ value: 7, unit: 'none', isMonotonic: false });
    expect(texts.get('sun.rt.javaCommand')).toBe('com.example.Main --password=hunter2');
  });

  const sound = perfData(entries);
  const changed = (at: number, ...bytes: number[]) => {
    const copy = Buffer.from(sound);
    copy.set(bytes, at);
    return copy;
  };
  test.each([
    ['nothing', Buffer.alloc(0), 'it is not hsperfdata'],
    ['another file', Buffer.alloc(100, 'x'), 'it is not hsperfdata'],
    ['another byte order', changed(4, 2), 'its byte order is unknown'],
    ['another version', changed(5, 1), 'its version 1 is not known'],
    ['a JVM that starts', changed(7, 0), 'the JVM is still starting'],
    ['too many entries', changed(28, 0xff, 0xff, 0xff, 0x7f), 'it has 2147483647 entries'],
    ['fewer than none', changed(28, 0xff, 0xff, 0xff, 0xff), 'it has -1 entries'],
    ['an entry beyond the end', changed(24, 0xff, 0xff, 0, 0), 'entry 1 is outside of it'],
    ['an entry before the beginning', changed(24, 0xff, 0xff, 0xff, 0xff), 'entry 1 is outside of it'],
    ['an entry of length 0', changed(32, 0, 0, 0, 0), 'entry 1 is outside of it'],
    ['an entry without an end', changed(32, 0xff, 0xff, 0xff, 0x7f), 'entry 1 is outside of it'],
    ['a name elsewhere', changed(36, 0xff, 0xff, 0xff, 0x7f), 'entry 1 has no name'],
    ['data elsewhere', changed(48, 0xff, 0xff, 0xff, 0x7f), 'entry 1 has no data'],
    ['data before it', changed(48, 0xff, 0xff, 0xff, 0xff), 'entry 1 has no data'],
  ])('is refused where it is %s', (_, bytes, message) => {
    expect(() => readPerfData(bytes)).toThrow(new RangeError(message));
  });

  it('is read or refused, whichever byte is wrong', () => {
    for (let at = 0; at < sound.length; at++)
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        let error: unknown;
        try {
          readPerfData(changed(at, byte));
        } catch (thrown) {
          error = thrown;
        }
        expect(error === undefined || error instanceof RangeError).toBe(true);
        if (error) expect((error as Error).message).not.toMatch(/offset|bounds|DataView/);
      }
  });
});
