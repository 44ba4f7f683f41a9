import { expect, it, test } from 'vitest';
import { checks } from '../../../../src/features/checks/core/check';
import { metricEntries } from '../../../../src/features/metrics/core/section/metricEntry';
import { parseInventory } from '../../../harness/inventories';

const read = (metrics: string, more = '') =>
  parseInventory(
    `hosts:\n  web-1: { labels: { role: web } }\n  db-1: {}\nmetrics:\n${metrics}\n${more}`,
    '/tmp/muster.yaml',
  );
const problemsOf = (metrics: string, more?: string) =>
  read(metrics, more).problems.map(({ message }) => message);

it('A source has hosts, an interval and settings', () => {
  const inventory = read(
    '  app: { on: role=web, type: prometheus, url: "http://127.0.0.1:{label.role}/", interval: 10s }\n  kernel: { type: linux, become: true }',
  );
  expect(inventory.problems.map(({ message }) => message)).toEqual([]);
  const entries = inventory.section(metricEntries);
  expect(entries.get('app')).toMatchObject({
    type: 'prometheus',
    hosts: ['web-1'],
    intervalMs: 10_000,
    directory: '/tmp',
  });
  expect(entries.get('app')).not.toHaveProperty('become');
  expect(entries.get('kernel')).toMatchObject({ hosts: ['web-1', 'db-1'], intervalMs: 5_000, become: {} });
});

test.each([
  ['  a: { type: linux, interval: 500ms }', 'at least 1s'],
  ['  a: { type: prometheus, url: "http://me:secret@127.0.0.1/" }', 'a URL holds no user and no password'],
  [
    '  a: { type: linux, cgroups: ["a;reboot"] }',
    'expected a path with * and ?, e.g. system.slice/docker-*.scope',
  ],
  ['  a: { type: linux, cgroups: ["../x"] }', 'a path does not lead upwards'],
  ['  a: { type: redis, socket: /s, port: 1 }', 'a socket takes the place of address and port'],
  [
    '  a: { type: command, run: x, match: { n: "no group" } }',
    'the expression needs one group, whose text is the number',
  ],
  [
    '  a: { type: command, run: x, json: { n: $.a }, match: { n: "(1)" } }',
    'json and match exclude each other',
  ],
])('%s is refused', (metrics, message) => {
  expect(problemsOf(metrics)).toEqual([message]);
});

test.each([
  ['source: nope, series: a, value: { lt: 1 }', 'no source of metrics “nope”'],
  ['source: k, series: "a{", value: { lt: 1 }', 'expected a series: name, or name{label=value}'],
  ['source: k, series: a', 'needs value or outlier'],
  [
    'source: k, series: a, value: { lt: 1 }, rate: 30s',
    'the rate takes longer than the timeout: raise “timeout” above 30000 ms',
  ],
])('A check with { %s } is refused', (settings, message) => {
  expect(problemsOf('  k: { type: linux }', `checks:\n  c: { type: metric, ${settings} }`)).toEqual([
    message,
  ]);
});

it('A check is for the hosts of its source, unless it says otherwise', () => {
  const inventory = read(
    '  k: { on: web-1, type: linux }',
    'checks:\n  c: { type: metric, source: k, series: "a{b=c}", value: { lt: 1 } }',
  );
  expect(inventory.problems.map(({ message }) => message)).toEqual([]);
  expect(inventory.section(checks).get('c')?.hosts).toEqual(['web-1']);
});
