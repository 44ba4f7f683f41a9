import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { CheckReport, CheckResult } from '../../../../src/features/checks/core/checkBatch';
import { summarise } from '../../../../src/features/checks/core/checkBatch';
import { csv } from '../../../../src/features/checks/cli/formats/csv';
import type { Format } from '../../../../src/features/checks/cli/formats/format';
import { github } from '../../../../src/features/checks/cli/formats/github';
import { junit } from '../../../../src/features/checks/cli/formats/junit';
import { markdown } from '../../../../src/features/checks/cli/formats/markdown';
import { nagios, nagiosState } from '../../../../src/features/checks/cli/formats/nagios';
import { prometheus } from '../../../../src/features/checks/cli/formats/prometheus';
import { tap } from '../../../../src/features/checks/cli/formats/tap';
import { yaml } from '../../../../src/features/checks/cli/formats/yaml';

const traceId = '661c6867aae9f04f73e815a078cae501';

function reportOf(...results: Partial<CheckResult>[]): CheckReport {
  const all = results.map((result, index) => ({
    ...{
      host: `web-${index + 1}`,
      check: 'health',
      status: 'healthy' as const,
      latencyMs: 12.5,
      message: 'fine',
    },
    ...result,
    ...{ traceId, spanId: '53995c3f42cd8ad8', measurements: [] },
  }));
  return { traceId, summary: summarise(all, 20), results: all };
}

const surroundings = {
  startedAt: new Date('2026-12-02T03:04:05.678Z'),
  hasUnknownHosts: false,
  placeOf: () => ({ file: 'ops/muster.yaml', line: 7 }),
};
const text = (format: Format, report: CheckReport) => [...format(report, surroundings)].join('');

const unhealthy = (message: string, more: Partial<CheckResult> = {}): Partial<CheckResult> => ({
  ...{ status: 'unhealthy', message, ...more },
  error: { code: 'REFUSED', message, causes: [message], hint: 'Look at it.' },
});
const failed = (message: string): Partial<CheckResult> => ({
  ...{ status: 'unhealthy', message },
  error: { code: 'EXPECTATION', message, causes: [] },
});
const skipped: Partial<CheckResult> = {
  ...{ status: 'skipped', message: 'not checked: “db” is unhealthy on db-1', latencyMs: 0 },
  error: { code: 'DEPENDENCY', message: 'not checked: “db” is unhealthy on db-1', causes: [] },
};
const all = () =>
  reportOf({}, unhealthy('no'), { status: 'degraded', message: 'slow' }, skipped, failed('503'));

/** What hosts may say to deceive a reader of one of the formats. */
const hostile = [
  'a\r\nb\nc',
  '\x1b[31mred\x1b[0m \x07bell \x9b1m',
  ']]></failure><testcase name="x"/>',
  '<script>alert(1)</script> & "quotes" \'apostrophes\'',
  'null \0 vertical \x0b form \x0c not \ufffe \uffff lone \ud800 end',
  '=HYPERLINK("http://evil","x")',
  '+1+cmd|calc',
  '-2+3',
  '@SUM(A1:A9)',
  '\uff1dfull width',
  '\t=1+1',
  '\n::set-output name=token::stolen',
  '::error::mine %0A::stop-commands::x',
  '##[group]x',
  'ok 1 - all fine\nBail out! now',
  '# SKIP not really # TODO',
  '---\n...\n1..0',
  "| exploit=1 'quote'=2;;; \\n second",
  '| a | b | `code` ``more`` \\| [link](http://x) <b>@user #1 *bold*',
  '"} 1\nmuster_up 0 \\',
  // Cut within a sequence; a reference that XML 1.0 has no character for.
  'red \x1b[',
  'bell &#27;[0m &#0;',
  '\u202egnirts\u202c \u2028 line \u2066',
  '',
];
const sick = reportOf(...hostile.map((message) => unhealthy(message)));

const python = (script: string, input: string) =>
  JSON.parse(execFileSync('python3', ['-c', script], { input, encoding: 'utf8' })) as unknown;

/** What none of the formats may let through. */
const unsafe =
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]/;

describe.each(Object.entries({ csv, github, junit, markdown, nagios, prometheus, tap, yaml }))(
  'a report as %s',
  (_, format) => {
    it('has nothing in it that a terminal acts on, whatever hosts say', () => {
      // Signs of statuses are pairs of surrogates.
      expect(text(format, sick).replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')).not.toMatch(unsafe);
    });
  },
);

/** Tag, attributes, text, children. */
type XmlNode = [string, Record<string, string>, string, XmlNode[]];

describe('JUnit', () => {
  const read = (report: CheckReport) =>
    python(
      `
import sys, json, xml.etree.ElementTree as E
def node(e): return [e.tag, e.attrib, e.text or '', [node(c) for c in e]]
print(json.dumps(node(E.fromstring(sys.stdin.buffer.read()))))`,
      text(junit, report),
    ) as XmlNode;

  it('has a suite for each host and a case for each check, with the counts that readers add up', () => {
    const [tag, attributes, , suites] = read(all());
    // Exactly what the schema of Jenkins has: it refuses other attributes.
    expect([tag, attributes]).toEqual([
      'testsuites',
      { name: 'muster check', tests: '5', failures: '2', errors: '1', time: '0.020' },
    ]);
    expect(suites).toHaveLength(5);
    expect(suites[1]).toMatchObject([
      'testsuite',
      {
        ...{ name: 'web-2', hostname: 'web-2', tests: '1', failures: '0', errors: '1', skipped: '0' },
        ...{ time: '0.013', timestamp: '2026-12-02T03:04:05' },
      },
      expect.any(String),
      [
        [
          'testcase',
          { name: 'health', classname: 'web-2', time: '0.013' },
          '',
          [['error', { message: 'REFUSED: no', type: 'REFUSED' }, 'REFUSED: no\nno\nLook at it.', []]],
        ],
      ],
    ]);
  });

  it('tells failed expectations, errors and skipped checks apart', () => {
    const outcomes = read(all())[3].map((suite) => suite[3][0]![3][0]?.[0]);
    expect(outcomes).toEqual([undefined, 'error', 'failure', 'skipped', 'failure']);
  });

  it('stays one document of the same cases when messages are markup or no XML at all', () => {
    const suites = read(sick)[3];
    expect(suites.map((suite) => suite[3].length)).toEqual(hostile.map(() => 1));
    expect(suites[2]![3][0]![3][0]![1].message).toBe('REFUSED: ]]></failure><testcase name="x"/>');
  });
});

describe('TAP', () => {
  /** Perl's own parser, which `prove` is made of. */
  const read = (report: CheckReport) =>
    JSON.parse(
      execFileSync(
        'perl',
        [
          '-MTAP::Parser',
          '-MJSON::PP',
          '-e',
          `local $/; my $p = TAP::Parser->new({ tap => <STDIN> }); my @t;
while (my $r = $p->next) { push @t, [$r->is_actual_ok ? 1 : 0, $r->has_skip ? 1 : 0, $r->has_todo ? 1 : 0, $r->description] if $r->is_test }
print JSON::PP->new->encode({ tests => \\@t, planned => $p->tests_planned, errors => [$p->parse_errors], good => $p->is_good_plan ? 1 : 0 })`,
        ],
        { input: text(tap, report), encoding: 'latin1' },
      ),
    ) as { tests: unknown[]; planned: number; errors: string[]; good: number };

  it('has a point for each check; skipped ones are skipped, degraded ones not ok', () => {
    const { tests, planned, errors } = read(all());
    expect(errors).toEqual([]);
    expect(planned).toBe(5);
    expect(tests.map((point) => (point as number[]).slice(0, 3))).toEqual([
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });

  it('has the same points when messages look like TAP', () => {
    const { tests, errors, good } = read(sick);
    expect(errors).toEqual([]);
    expect(good).toBe(1);
    expect(tests.every((point) => (point as number[]).slice(0, 3).join() === '0,0,0')).toBe(true);
    expect(tests).toHaveLength(hostile.length);
  });

  it('takes no directive from a name, such as the fragment of a URL', () => {
    const { tests } = read(
      reportOf({ check: 'http://x/ # TODO later' }, unhealthy('x', { check: 'a # SKIP b' })),
    );
    expect(tests.map((point) => (point as number[]).slice(0, 3))).toEqual([
      [1, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('has facts below a point that are YAML', () => {
    const blocks = text(tap, sick).match(/^ {2}---\n[^]*?^ {2}\.\.\.$/gm)!;
    expect(blocks).toHaveLength(hostile.length);
    for (const block of blocks) {
      const facts = parse(block.split('\n').slice(1, -1).join('\n')) as object;
      expect(Object.keys(facts)).toEqual(['message', 'severity', 'code', 'latencyMs', 'details']);
    }
  });
});

describe('CSV', () => {
  const read = (report: CheckReport) =>
    python(
      `
import sys, csv, json, io
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf8', newline='')
print(json.dumps(list(csv.DictReader(text, strict=True))))`,
      text(csv, report),
    ) as Record<string, string>[];

  it('has a line for each check', () => {
    expect(read(reportOf({}, unhealthy('a, "b"; c', { attempts: 3 })))).toEqual([
      {
        ...{ host: 'web-1', check: 'health', status: 'healthy', latencyMs: '12.5', attempts: '1' },
        ...{ code: '', message: 'fine', details: '', traceId },
      },
      {
        ...{ host: 'web-2', check: 'health', status: 'unhealthy', latencyMs: '12.5', attempts: '3' },
        ...{ code: 'REFUSED', message: 'a, "b"; c', details: 'a, "b"; c; Look at it.', traceId },
      },
    ]);
  });

  it('has no cell that a spreadsheet would calculate', () => {
    const rows = read(sick);
    expect(rows).toHaveLength(hostile.length);
    for (const row of rows)
      for (const cell of Object.values(row))
        expect(cell).not.toMatch(/^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]/);
    expect(rows.map(({ message }) => message)).toContain('\'=HYPERLINK("http://evil","x")');
  });
});

describe('YAML', () => {
  it('says the same as JSON', () => {
    expect(parse(text(yaml, all()))).toEqual(JSON.parse(JSON.stringify(all())));
  });

  it.each(['no', '012', '2026-12-02', '1e3', '~', '!!str x', '&a', '<<', 'yes: no', '{{x}}'])(
    'keeps %s a text',
    (message) => {
      const { results } = parse(text(yaml, reportOf({ message })), { version: '1.1' }) as CheckReport;
      expect(results[0]!.message).toBe(message);
    },
  );
});

describe('Prometheus', () => {
  /** The text format 0.0.4, as strict as its description. */
  function read(exposition: string): Map<string, number> {
    const samples = new Map<string, number>();
    const typed = new Set<string>();
    expect(exposition.endsWith('\n')).toBe(true);
    let family = '';
    for (const one of exposition.slice(0, -1).split('\n')) {
      const head = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(one);
      if (head?.[1] === 'TYPE') {
        expect([head[3], typed.has(head[2]!)]).toEqual(['gauge', false]);
        typed.add((family = head[2]!));
      }
      if (head) continue;
      const sample =
        /^([a-z_]+)(?:\{([a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*)\})? (\d+(?:\.\d+)?(?:e-\d+)?)$/.exec(
          one,
        );
      expect(sample, one).not.toBeNull();
      expect(sample![1]).toBe(family);
      const key = `${sample![1]}{${sample![2] ?? ''}}`;
      expect(samples.has(key)).toBe(false);
      samples.set(key, Number(sample![3]));
    }
    return samples;
  }

  it('has the status of each check as a set of states, and no latency of what was skipped', () => {
    const samples = read(text(prometheus, all()));
    expect(samples.get('muster_check_status{host="web-2",check="health",status="unhealthy"}')).toBe(1);
    expect(samples.get('muster_check_status{host="web-2",check="health",status="healthy"}')).toBe(0);
    expect(samples.get('muster_check_duration_seconds{host="web-1",check="health"}')).toBe(0.0125);
    expect(samples.has('muster_check_duration_seconds{host="web-4",check="health"}')).toBe(false);
    expect(text(prometheus, reportOf({ latencyMs: 151.1 }))).toContain(' 0.1511\n');
    expect(samples.get('muster_checks{status="skipped"}')).toBe(1);
  });

  it('keeps names with quotes, backslashes and line breaks in their labels', () => {
    expect(() => read(text(prometheus, reportOf(...hostile.map((check) => ({ check })))))).not.toThrow();
  });
});

describe('a line for Nagios', () => {
  it.each([
    [0, 'OK', [{}]],
    [1, 'WARNING', [{}, { status: 'degraded', message: 'slow' }, skipped]],
    [2, 'CRITICAL', [{ status: 'degraded', message: 'slow' }, unhealthy('no')]],
    [3, 'UNKNOWN', [{}, skipped]],
  ] as [number, string, Partial<CheckResult>[]][])('exits with %i as %s', (status, word, results) => {
    const report = reportOf(...results);
    expect(nagiosState(report, surroundings)).toBe(status);
    expect(text(nagios, report)).toMatch(new RegExp(`^MUSTER ${word} - `));
  });

  it('is UNKNOWN where hosts are', () => {
    expect(nagiosState(reportOf({}), { hasUnknownHosts: true })).toBe(3);
  });

  it('is one line with one bar, whatever hosts say', () => {
    for (const message of hostile) {
      const line = text(nagios, reportOf(unhealthy(message, { check: message.replace(/\W/g, '') || 'x' })));
      expect(line.split('\n')).toHaveLength(2);
      expect(line.split('|')).toHaveLength(2);
      expect(line).not.toContain('\\');
    }
  });

  it('has figures that a plugin may have, also for names with quotes and equals signs', () => {
    const [, figures] = text(nagios, reportOf({ check: "http://x/?a=b's" }))
      .trimEnd()
      .split(' | ');
    const figure = /(?:'(?:[^'=]|'')+'|[^\s'=]+)=\d+(?:\.\d+)?s?;;;0(?:;\d+)?/y;
    let at = 0;
    while (at < figures!.length) {
      figure.lastIndex = at;
      expect(figures!.slice(at)).toMatch(new RegExp(`^${figure.source}`));
      at += figure.exec(figures!)![0].length + 1;
    }
    expect(figures).toContain("'web-1 http://x/?a_b''s'=0.012500s;;;0");
  });

  it('stays short for a fleet', () => {
    const fleet = reportOf(...Array.from({ length: 5_000 }, () => unhealthy('x'.repeat(500))));
    expect(text(nagios, fleet).length).toBeLessThan(2_000);
  });
});

describe('annotations of GitHub Actions', () => {
  /** As the runner reads its lines: a command begins the line. */
  const read = (report: CheckReport) =>
    text(github, report)
      .trimEnd()
      .split('\n')
      .flatMap((line) => {
        const [, command, properties, data] = /^::([a-z-]+) ([^]*?)::([^]*)$/.exec(line) ?? [];
        if (command === undefined) return [];
        const pairs = properties!.split(',').map((pair) => pair.split('=') as [string, string]);
        const decode = (one: string) =>
          one.replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
        return [
          {
            command,
            ...Object.fromEntries(pairs.map(([key, one]) => [key, decode(one)])),
            data: decode(data!),
          },
        ];
      });

  it('are an error, a warning or a notice at the line of the check', () => {
    expect(
      read(reportOf({}, unhealthy('no'), { status: 'degraded', message: 'slow' }, skipped)),
    ).toMatchObject([
      {
        command: 'error',
        file: 'ops/muster.yaml',
        line: '7',
        title: 'web-2 health: unhealthy',
        data: 'REFUSED: no\nno\nLook at it.',
      },
      { command: 'warning', title: 'web-3 health: degraded', data: 'slow' },
      { command: 'notice', title: 'web-4 health: skipped' },
    ]);
  });

  it('are the only commands: what a host says is none', () => {
    const lines = text(github, sick).trimEnd().split('\n');
    expect(lines.slice(0, -1).every((line) => line.startsWith('::error file='))).toBe(true);
    expect(lines.at(-1)).toMatch(/^\d+ checks: /);
    expect(read(sick).every(({ command }) => command === 'error')).toBe(true);
  });
});

describe('Markdown', () => {
  it('has the sick first', () => {
    const rows = text(markdown, all()).split('\n').slice(4, -1);
    expect(rows.map((row) => row.split(' ')[2])).toEqual([
      'unhealthy',
      'unhealthy',
      'degraded',
      'skipped',
      'healthy',
    ]);
  });

  it('has a row of five cells for each check, and what hosts say in code', () => {
    const rows = text(markdown, sick).split('\n').slice(4, -1);
    expect(rows).toHaveLength(hostile.length);
    for (const row of rows) {
      expect(row.split(/(?<!\\)\|/)).toHaveLength(7);
      const cell = row.split(/(?<!\\)\|/)[5]!.trim();
      const fence = /^`+/.exec(cell)![0];
      expect(cell.endsWith(fence)).toBe(true);
      // No run of backticks inside is as long as the fence.
      expect(cell.slice(fence.length, -fence.length).match(/`+/g) ?? []).not.toContain(fence);
    }
  });
});
