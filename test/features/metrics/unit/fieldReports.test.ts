import { describe, expect, it, test } from 'vitest';
import { readExposition } from '../../../../src/features/metrics/core/exposition/readExposition';
import { figureOf } from '../../../../src/features/metrics/core/rates';
import type { Series } from '../../../../src/features/metrics/core/reading';
import { seriesText } from '../../../../src/features/metrics/core/seriesText';
import { readParts } from '../../../../src/features/metrics/core/sources/linux';
import { readStatus } from '../../../../src/features/metrics/core/sources/mysql';
import { readStubStatus } from '../../../../src/features/metrics/core/sources/nginx';
import { seriesIn } from '../../../../src/features/metrics/core/sources/prometheus';
import { readInfo } from '../../../../src/features/metrics/core/sources/redis';

/** What users of other collectors reported, with the small inputs that these had. */

const shown = (all: readonly Series[]) =>
  all.map(({ kind, name, labels, value }) => `${kind} ${seriesText(name, labels)} ${value}`);

async function read(text: string, format: 'prometheus' | 'openmetrics' = 'prometheus') {
  const page = readExposition(text, format);
  const problems = page.problems.map(({ line, message }) => `${line}: ${message}`);
  return { problems, series: shown(await seriesIn(page)) };
}

describe('pages', () => {
  it('telegraf#13459: HELP and TYPE before each sample lose none of them', async () => {
    const block = (pool: number) =>
      `# HELP repaired Objects repaired\n# TYPE repaired counter\nrepaired{poolid="${pool}"} ${pool}.0\n`;
    const { problems, series } = await read(block(3) + block(1) + block(2));
    expect(series).toEqual([3, 1, 2].map((pool) => `counter repaired{poolid="${pool}"} ${pool}`));
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['4', '5', '7', '8']);
  });

  it('common#265: a second TYPE line in between changes nothing', async () => {
    const text =
      '# TYPE light counter\nlight{set_id="0"} 19264182.000000\n# TYPE light counter\nlight 18914014.000000\n';
    expect(await read(text)).toEqual({
      problems: ['3: there are two TYPE lines for “light”'],
      series: ['counter light{set_id="0"} 19264182', 'counter light 18914014'],
    });
  });

  it('exporter_exporter#39: HELP and TYPE without a sample cost nothing else', async () => {
    const empty = '# HELP replay Replays\n# TYPE replay counter\n';
    const { problems, series } = await read(
      `${empty}# TYPE prio:meta gauge\nprio:meta{d="osd.6"} 0.0\n${empty}`,
    );
    expect(series).toEqual(['gauge prio:meta{d="osd.6"} 0']);
    expect(problems).toHaveLength(2);
  });

  it('telegraf#10608: the last line needs no line break', async () => {
    expect(await read('a 1\nb 2')).toEqual({ problems: [], series: ['unknown a 1', 'unknown b 2'] });
  });

  it('prometheus#1469: blanks at the end are no time', async () => {
    expect(
      await read('# TYPE oss_sum counter\noss_sum 4424 \n# TYPE size_sum counter\nsize_sum 0 1\n'),
    ).toEqual({
      problems: [],
      series: ['counter oss_sum 4424', 'counter size_sum 0'],
    });
  });

  it('prometheus#3641: a label name that begins with a digit spoils its line only', async () => {
    expect(await read('ok 1\nperiods{08cd1981="",env=""} 5\n')).toEqual({
      problems: ['2: “0” is not expected here, at column 9'],
      series: ['unknown ok 1'],
    });
  });

  it('client_python#461: families may be interleaved, and blanks may stand before labels', async () => {
    const lines = ['a', 'b'].flatMap((name) =>
      ['world', 'universe'].map((who) => `m_${name} {hello="${who}"} 0 0`),
    );
    const interleaved = [lines[0], lines[2], lines[1], lines[3]].join('\n');
    expect((await read(interleaved)).series.sort()).toEqual(
      ['a', 'b'].flatMap((name) => [
        `unknown m_${name}{hello="universe"} 0`,
        `unknown m_${name}{hello="world"} 0`,
      ]),
    );
    const [old] = await seriesIn(readExposition('m_a 0 0\n', 'prometheus'));
    expect(figureOf(old, { at: Date.now() })).toEqual({ gap: 'stale' });
  });

  it('client_python#668: when a histogram was created is no series of its own', async () => {
    const text =
      '# TYPE whatever histogram\nwhatever_bucket{le="+Inf"} 0.0\nwhatever_count 0.0\nwhatever_sum 0.0\n# TYPE whatever_created gauge\nwhatever_created 1.623691804097139e+09\n';
    const series = await seriesIn(readExposition(text, 'prometheus'));
    expect(series.map(({ name, createdMs }) => [name, createdMs])).toEqual(
      ['bucket', 'count', 'sum'].map((part) => [`whatever_${part}`, 1_623_691_804_097.139]),
    );
  });

  it('integrations-core#10018: exemplars are no part of a name', async () => {
    const text = '# TYPE a counter\na_total 1 # {trace_id="x"} 1.0 1630000000\n# EOF\n';
    expect(await read(text, 'openmetrics')).toEqual({ problems: [], series: ['counter a_total 1'] });
  });

  it('OpenMetrics#218: two values of one time are not both right', async () => {
    const text = '# TYPE a gauge\na{a="1"} 1 0\na{a="1"} 2 0\na{a="1"} 3 0.5\n# EOF\n';
    expect(await read(text, 'openmetrics')).toEqual({
      problems: ['3: “a{a="1"}” is there twice; the first counts'],
      series: ['gauge a{a="1"} 1', 'gauge a{a="1"} 3'],
    });
  });
});

describe('services', () => {
  it('redis#8489: names of commands that clients made up may hold colons', () => {
    const info = [
      'cmdstat_host::calls=1,usec=45,usec_per_call=22.50,rejected_calls=0,failed_calls=0',
      'errorstat_@user_script::count=1',
    ].join('\r\n');
    expect(shown(readInfo(info).series)).toEqual([
      'counter redis_command_calls{command="host:"} 1',
      'counter redis_command_usec{command="host:"} 45',
      'gauge redis_command_usec_per_call{command="host:"} 22.5',
      'counter redis_command_rejected_calls{command="host:"} 0',
      'counter redis_command_failed_calls{command="host:"} 0',
      'counter redis_error_count{error="@user_script:"} 1',
    ]);
  });

  it('redis_exporter#650, #798 and #110: fields go by their names, not by their places', () => {
    const info = [
      'cluster_myself_name:',
      'rl-requestqueue-sum-ssl-to-master:0',
      'latency_percentiles_usec_acl|list:p50=69.119,p99=69.119',
      'db0:keys=12867,expires=12833,avg_ttl=3465683577997863,cached_keys=12867',
    ].join('\n');
    expect(shown(readInfo(info).series)).toEqual([
      'gauge redis_rl-requestqueue-sum-ssl-to-master 0',
      'gauge redis_command_latency_usec{command="acl|list",percentile="50"} 69.119',
      'gauge redis_command_latency_usec{command="acl|list",percentile="99"} 69.119',
      'gauge redis_db_keys{db="db0"} 12867',
      'gauge redis_db_expires{db="db0"} 12833',
      'gauge redis_db_avg_ttl{db="db0"} 3465683577997863',
      'gauge redis_db_cached_keys{db="db0"} 12867',
    ]);
  });

  test.each([
    // nginx-prometheus-exporter#119 and #314, go.d.plugin#202
    'Active connections: 1 \nserver accepts handled requests request_time\n 55 55 55 175255\nReading: 0 Writing: 1 Waiting: 0 \n',
    'Active connections:  1 \nserver accepts handled requests request_time\n 55 55 55 19259\nReading: 0 Writing: 1 Waiting: 1 \n',
    'Active connections: 1\nserver accepts handled requests request_time\n55 55 55 75806\nReading: 0 Writing: 1 Waiting: 0\n',
  ])('nginx-prometheus-exporter#119: the page of Tengine has one column more: %j', (page) => {
    expect(shown(readStubStatus(page)?.series ?? [])).toContain('counter nginx_http_requests_total 55');
  });

  it('nginx-prometheus-exporter#224: the page of another module is not that of stub_status', () => {
    const page =
      'WebSocket connections: 0\nclient websocket frames  | client websocket payload | client tcp data\n0 0 0\n';
    expect(readStubStatus(page)).toBeUndefined();
  });

  it('telegraf#1896: texts of MySQL are no numbers', () => {
    const rows = [
      'Rpl_status\tAUTH_NULL',
      'wsrep_cluster_status\tPrimary',
      'wsrep_evs_repl_latency\t0/0/0/0/0',
    ];
    const uuid = 'wsrep_local_state_uuid\t11111111';
    expect(
      shown(
        readStatus([...rows, uuid, 'wsrep_provider_version\t25.3', 'Compression\tOFF'].join('\n')).series,
      ),
    ).toEqual(['unknown mysql_compression 0']);
  });

  it('node_exporter#1882: a counter of the kernel that overflowed costs no other', () => {
    const { series } = readParts('@stat\ncpu0 100 0 0 0 0 0 0 0\nctxt 5\nprocesses -2049562273\n@end\n');
    expect(shown(series)).toContain('counter node_context_switches_total 5');
    expect(shown(series).filter((line) => line.includes('forks'))).toEqual([]);
  });
});
