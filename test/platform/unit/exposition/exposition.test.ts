import { describe, expect, it } from 'vitest';
import {
  acceptedFormat,
  exposition,
  type Family,
  labelText,
} from '../../../../src/platform/exposition/exposition';

const families: Family[] = [
  {
    ...{ name: 'app_requests_total', type: 'counter', help: 'Requests.' },
    samples: [{ labels: labelText({ code: '200' }), value: 3 }],
  },
  {
    name: 'build_info',
    type: 'info',
    help: 'Build.',
    samples: [{ labels: labelText({ version: '1' }), value: 1 }],
  },
  {
    ...{ name: 'late_seconds', type: 'histogram', help: 'Late.' },
    samples: [
      { suffix: '_bucket', labels: labelText({ le: '+Inf' }), value: 2 },
      { suffix: '_sum', value: 0.5 },
      { suffix: '_count', value: 2 },
    ],
  },
  {
    name: 'odd',
    type: 'gauge',
    help: 'Odd.',
    samples: [NaN, Infinity, -Infinity, 1e21].map((value) => ({ value })),
  },
];

const written = (format: 'text' | 'openmetrics') => [...exposition(families, format)].join('');

describe('An exposition', () => {
  it('has the names of its samples in the text format of Prometheus', () => {
    expect(written('text')).toBe(
      [
        '# HELP app_requests_total Requests.',
        '# TYPE app_requests_total counter',
        'app_requests_total{code="200"} 3',
        '# HELP build_info Build.',
        '# TYPE build_info gauge',
        'build_info{version="1"} 1',
        '# HELP late_seconds Late.',
        '# TYPE late_seconds histogram',
        'late_seconds_bucket{le="+Inf"} 2',
        'late_seconds_sum 0.5',
        'late_seconds_count 2',
        '# HELP odd Odd.',
        '# TYPE odd gauge',
        'odd NaN',
        'odd +Inf',
        'odd -Inf',
        'odd 1e+21',
        '',
      ].join('\n'),
    );
  });

  it('has the names of families and an end in OpenMetrics', () => {
    const text = written('openmetrics');
    expect(text).toContain('# TYPE app_requests counter\napp_requests_total{code="200"} 3\n');
    expect(text).toContain('# TYPE build info\nbuild_info{version="1"} 1\n');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
  });

  it('has values of labels that nobody can break out of', () => {
    expect(labelText({ host: 'a"\n} x 1\\' })).toBe('host="a\\" } x 1\\\\"');
    expect(labelText({ host: '\u001b[31mred\u202e' })).toBe('host="red"');
    expect(labelText({ host: '数据库-1' })).toBe('host="数据库-1"');
    expect(labelText({ host: 'x'.repeat(10_000) }).length).toBeLessThan(520);
  });
});

describe('The format that is accepted', () => {
  // What Prometheus 2.42, 3.x, curl and a browser send.
  it.each([
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      'openmetrics',
    ],
    ['application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5', 'text'],
    ['text/plain;version=0.0.4,application/openmetrics-text;q=0.5', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['text/html,*/*;q=0.8', 'text'],
    ['*/*', 'text'],
    // Prometheus 3 prefers what is not spoken here.
    [
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      'openmetrics',
    ],
    ['application/openmetrics-text;q=nonsense', 'text'],
    [undefined, 'text'],
    ['', 'text'],
  ])('is by %s: %s', (accept, format) => {
    expect(acceptedFormat(accept)).toBe(format);
  });
});
