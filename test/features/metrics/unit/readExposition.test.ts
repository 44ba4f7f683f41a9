import { describe, expect, it, test } from 'vitest';
import type { Exposition } from '../../../../src/features/metrics/core/exposition/family';
import { formatOf } from '../../../../src/features/metrics/core/exposition/formats';
import { readNumber } from '../../../../src/features/metrics/core/exposition/lineReader';
import {
  ExpositionReader,
  readExposition,
} from '../../../../src/features/metrics/core/exposition/readExposition';

/** `name{label=value} = value` of each sample. */
function samplesOf({ families }: Exposition): string[] {
  return families.flatMap(({ samples }) =>
    samples.map(({ name, labels, value, timestampMs }) => {
      const inBraces = labels.map((label) => `${label.name}=${label.value}`).join(',');
      const time = timestampMs === undefined ? '' : ` @${timestampMs}`;
      return `${name}${inBraces && `{${inBraces}}`} = ${value}${time}`;
    }),
  );
}

const problemsOf = ({ problems }: Exposition) => problems.map(({ line, message }) => `${line}: ${message}`);
const prometheus = (text: string) => readExposition(text, 'prometheus');
const openMetrics = (text: string) => readExposition(text, 'openmetrics');

describe('a page in the text format of Prometheus', () => {
  it('has families with type, help and samples, in the order of the page', () => {
    const page = prometheus(
      [
        '# HELP http_requests_total Requests, by code.\\nAnd a second line with \\\\.',
        '# TYPE http_requests_total counter',
        'http_requests_total{code="200",path="C:\\\\DIR \\"x\\"\\n"} 1027 1395066363000',
        'http_requests_total { code = "400" , } 3e0',
        '# just a comment',
        '',
        '# TYPE rpc_seconds histogram',
        'rpc_seconds_bucket{le="0.1"} 5',
        'rpc_seconds_bucket{le="+Inf"} 7',
        'rpc_seconds_sum 1.5',
        'rpc_seconds_count 7',
        'plain -Inf',
      ].join('\n'),
    );
    expect(problemsOf(page)).toEqual([]);
    expect(page.families.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'http_requests_total counter',
      'rpc_seconds histogram',
      'plain unknown',
    ]);
    expect(page.families[0]?.help).toBe('Requests, by code.\nAnd a second line with \\.');
    expect(samplesOf(page)).toEqual([
      'http_requests_total{code=200,path=C:\\DIR "x"\n} = 1027 @1395066363000',
      'http_requests_total{code=400} = 3',
      'rpc_seconds_bucket{le=0.1} = 5',
      'rpc_seconds_bucket{le=+Inf} = 7',
      'rpc_seconds_sum = 1.5',
      'rpc_seconds_count = 7',
      'plain = -Infinity',
    ]);
    expect(page.isComplete).toBe(true);
  });

  it('has names in UTF-8 in quotation marks', () => {
    const page = prometheus('# TYPE "my.metric" gauge\n{"my.metric","hôte.nom"="é"} 1\n{"alone"} 2\n');
    expect(problemsOf(page)).toEqual([]);
    expect(samplesOf(page)).toEqual(['my.metric{hôte.nom=é} = 1', 'alone = 2']);
    expect(page.families[0]?.type).toBe('gauge');
  });

  it('keeps its last line without a line break only when all of the page has come', () => {
    expect(samplesOf(prometheus('a 1'))).toEqual(['a = 1']);
    const reader = new ExpositionReader('prometheus');
    reader.push('a 1\nb 12');
    const cut = reader.end(false);
    expect(samplesOf(cut)).toEqual(['a = 1']);
    expect(problemsOf(cut)).toEqual(['2: the page ends within this line']);
    expect(cut.isComplete).toBe(false);
  });

  it('is the same in whatever pieces it arrives', () => {
    const text = '# TYPE a counter\na{b="ü{}\\n"} 1\r\n\na{b="c"} 2 5\n';
    const whole = prometheus(text);
    for (let size = 1; size < text.length; size++) {
      const reader = new ExpositionReader('prometheus');
      for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
      expect(reader.end(true)).toEqual(whole);
    }
    expect(samplesOf(whole)).toEqual(['a{b=ü{}\n} = 1', 'a{b=c} = 2 @5']);
  });

  test.each([
    ['<html>', '“<” is not expected here, at column 1'],
    ['a', 'the line ends too soon'],
    ['a ', 'the value is missing'],
    ['a 0x10', '“0x10” is not a number'],
    ['a 1_000', '“1_000” is not a number'],
    ['a 1,5', '“1,5” is not a number'],
    ['a+1', '“+” is not expected here, at column 2'],
    ['a 1 1.5', '“1.5” is not a time'],
    ['a 1 2 3', '“3” is too much at its end'],
    ['a{b="c} 1', 'a quotation mark is missing at the end'],
    ['a{b="c"', 'the line ends too soon'],
    ['a{b=c} 1', '“c” is not expected here, at column 5'],
    ['a{b="1",b="2"} 1', 'the label “b” is there twice'],
    ['a{b:c="1"} 1', '“:” is not expected here, at column 4'],
    ['{b="c"} 1', 'a name is missing'],
    ['{"a","b"} 1', '“}” is not expected here, at column 9'],
    ['1a 1', '“1” is not expected here, at column 1'],
    ['a-b 1', '“-” is not expected here, at column 2'],
    ['# TYPE a number', '“number” is not a type of metrics'],
    ['# TYPE a stateset', '“stateset” is not a type of metrics'],
    ['# TYPE', 'the line ends too soon'],
  ])('says what is wrong with %s, and counts the other lines', (line, message) => {
    const page = prometheus(`x 1\n${line}\ny 2\n`);
    expect(problemsOf(page)).toEqual([`2: ${message}`]);
    expect(samplesOf(page)).toEqual(['x = 1', 'y = 2']);
  });

  test.each([
    ['a{b="1",c="2"} 1\na{c="2",b="1"} 2\n', '2: “a{c="2",b="1"}” is there twice; the first counts'],
    ['# TYPE a counter\na -1\na{b="c"} 1\n', '2: a counter is below zero: “a”'],
    ['a 1\n# TYPE a counter\n', '2: the type of “a” comes after its first sample'],
    ['# TYPE a counter\n# TYPE a gauge\na 1\n', '2: there are two TYPE lines for “a”'],
    ['# TYPE h histogram\nh_bucket 1\nh_count 1\n', '2: a bucket has no label “le”: “h_bucket”'],
    ['# TYPE h histogram\nh 1\nh_count 1\n', '2: “h” is not a sample of the type histogram'],
  ])('is judged as a whole: %j', (text, problem) => {
    const page = prometheus(text);
    expect(problemsOf(page)).toEqual([problem]);
    expect(samplesOf(page)).toHaveLength(1);
  });

  it('tells one value with a time from another', () => {
    const page = prometheus('a 1 1000\na 2 2000\n');
    expect(problemsOf(page)).toEqual([]);
    expect(samplesOf(page)).toEqual(['a = 1 @1000', 'a = 2 @2000']);
  });

  it('has the first problems and their number, however many there are', () => {
    const page = prometheus('<p>\n'.repeat(999) + 'a 1\n');
    expect([page.problems.length, page.problemCount, page.isComplete]).toEqual([20, 999, true]);
    expect(samplesOf(page)).toEqual(['a = 1']);
  });

  it('is not read on after a thousand problems: it is something else', () => {
    const page = prometheus('<p>\n'.repeat(5000) + 'a 1\n');
    expect([page.problems.length, page.problemCount, page.isComplete]).toEqual([20, 1000, false]);
  });

  it('passes over a line that never ends, in bounded memory', () => {
    const reader = new ExpositionReader('prometheus');
    reader.push('a 1\nb{c="');
    for (let piece = 0; piece < 100; piece++) reader.push('x'.repeat(100_000));
    reader.push('"} 2\nd 3\n');
    const page = reader.end(true);
    expect(problemsOf(page)).toEqual(['2: the line is longer than 131072 characters']);
    expect(samplesOf(page)).toEqual(['a = 1', 'd = 3']);
  });
});

describe('a page in OpenMetrics', () => {
  it('has units, times in seconds, exemplars and its own names of samples', () => {
    const page = openMetrics(
      [
        '# TYPE requests counter',
        '# HELP requests All "of" them, \\"quoted\\".',
        'requests_total{a="b"} 17.0 1520879607.789 # {trace_id="abc"} 0.5 1520879607.5',
        'requests_created{a="b"} 1520430000.123',
        '# TYPE wait_seconds histogram',
        '# UNIT wait_seconds seconds',
        'wait_seconds_bucket{le="1.0"} 1 # {} 0.67',
        'wait_seconds_bucket{le="+Inf"} 1',
        'wait_seconds_count 1',
        'wait_seconds_sum 0.67',
        '# TYPE build info',
        'build_info{version="1.2"} 1',
        '# TYPE state stateset',
        'state{state="on"} 1',
        '# TYPE queue gaugehistogram',
        'queue_bucket{le="+Inf"} 4',
        'queue_gcount 4',
        'queue_gsum 12',
        '# EOF',
        '',
      ].join('\n'),
    );
    expect(problemsOf(page)).toEqual([]);
    expect(page.isComplete).toBe(true);
    expect(page.families.map(({ name, type, unit = '-' }) => `${name} ${type} ${unit}`)).toEqual([
      'requests counter -',
      'wait_seconds histogram seconds',
      'build info -',
      'state stateset -',
      'queue gaugehistogram -',
    ]);
    expect(page.families[0]?.help).toBe('All "of" them, "quoted".');
    expect(page.families[0]?.samples[0]).toEqual({
      name: 'requests_total',
      labels: [{ name: 'a', value: 'b' }],
      value: 17,
      timestampMs: 1_520_879_607_789,
      exemplar: {
        labels: [{ name: 'trace_id', value: 'abc' }],
        value: 0.5,
        timestampMs: 1_520_879_607_500,
      },
    });
  });

  it('is not complete without # EOF, and says so', () => {
    const page = openMetrics('a 1\n');
    expect(samplesOf(page)).toEqual(['a = 1']);
    expect(problemsOf(page)).toEqual(['2: “# EOF” is missing at the end: the page may be cut']);
    expect(page.isComplete).toBe(false);
  });

  test.each([
    ['a 1\n\n# EOF\n', '2: OpenMetrics has no empty lines'],
    ['# hello\na 1\n# EOF\n', '1: OpenMetrics has no comments but HELP, TYPE, UNIT and EOF'],
    ['a 1\n# EOF\nb 2\n', '3: there is more behind “# EOF”'],
    ['# TYPE a counter\na 5\na_total 1\n# EOF\n', '2: “a” is not a sample of the type counter'],
    [
      '# UNIT a_bytes seconds\na_bytes 1\n# EOF\n',
      '1: the name “a_bytes” does not end with its unit “seconds”',
    ],
    ['a 1 # {} 1\nb 1 #\n# EOF\n', '2: the line ends too soon'],
  ])('is strict: %j', (text, problem) => {
    const page = openMetrics(text);
    expect(problemsOf(page)).toEqual([problem]);
    expect(samplesOf(page)).toHaveLength(1);
  });
});

describe('the format', () => {
  test.each([
    ['text/plain; version=0.0.4; charset=utf-8', 'prometheus'],
    ['text/plain; version=1.0.0; escaping=allow-utf-8', 'prometheus'],
    ['TEXT/PLAIN', 'prometheus'],
    [undefined, 'prometheus'],
    ['application/openmetrics-text; version="1.0.0"; charset=utf-8', 'openmetrics'],
    ['application/openmetrics-text; version=2.0.0', undefined],
    ['text/html; charset=utf-8', undefined],
    [
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
      undefined,
    ],
    ['application/json', undefined],
  ])('of the Content-Type %s is %s', (contentType, format) => {
    expect(formatOf(contentType)).toBe(format);
  });
});

describe('numbers', () => {
  test.each([
    ['1', 1],
    ['-1.5e-3', -0.0015],
    ['.5', 0.5],
    ['5.', 5],
    ['+Inf', Infinity],
    ['-inf', -Infinity],
    ['Infinity', Infinity],
    ['NaN', NaN],
    ['nan', NaN],
    ['1e999', undefined],
    ['-NaN', undefined],
    ['0x1p3', undefined],
    ['1e', undefined],
    ['.', undefined],
    ['', undefined],
    ['１', undefined],
  ])('%s is %s', (text, value) => {
    expect(readNumber(text)).toBe(value);
  });
});
