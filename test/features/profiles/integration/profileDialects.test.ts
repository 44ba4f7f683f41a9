import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { muster } from '../../../harness/musterCli';

const cwd = resolve('test/fixtures/profileDialects');

interface Top {
  valueType: string;
  total: number;
  functions: { name: string; file?: string; line?: number; self: number }[];
}

/** The total, and `name self` of what has weight of its own; with its place where that is part of the case. */
async function top(file: string, ...args: string[]) {
  const { status, stdout, stderr } = await muster(['profile', 'top', file, '--json', ...args], { cwd });
  expect(status, stderr).toBe(0);
  const { valueType, total, functions } = JSON.parse(stdout) as Top;
  const weighty = functions.filter(({ self }) => self !== 0);
  return {
    ...{ valueType, total, stderr },
    self: weighty.map((one) => `${one.name} ${one.self}`),
    places: weighty.map(({ file: path, line }) => (line === undefined ? path : `${path}:${line}`)),
  };
}

describe('muster profile top reads what profilers write', () => {
  it.each([
    ['async-profiler-threads.folded', 6, ['A.b_[j] 4', '[unknown_Java] 2']],
    ['unknown-first.folded', 3, ['f 3']],
    ['blank-first-line.folded', 4, ['f 4']],
    ['chunk-without-data.json', 9000, ['second 6000', 'first 3000']],
    ['negative-deltas.cpuprofile', 1100, ['render 1000', 'query 100']],
    ['perf-no-callchain.txt', 3, ['hotloop 2', 'other 1']],
    ['perf-no-time.txt', 1, ['hot 1']],
    ['perf-comm-is-hex.txt', 3, ['zonesvr 2', 'f 1']],
    ['old-v8.cpuprofile', 2000, ['work 2000']],
  ])('%s: %d', async (file, total, self) => {
    expect(await top(file)).toMatchObject({ total, self, stderr: '' });
  });

  it.each([
    ['one-bad-line.folded', 13, ['f 10', 'h 3'], '2 lines do not end with a weight and were left out'],
    ['foreign-chunk.json', 9000, ['second 6000', 'first 3000'], '2 samples are of nodes that are not in'],
    ['perf-header-lost.txt', 1, ['hot 1'], 'perf lost 12 events'],
  ])('%s: %d, and says what is missing', async (file, total, self, note) => {
    expect(await top(file)).toMatchObject({ total, self, stderr: expect.stringContaining(note) });
  });

  it('two-counts.folded: before and after', async () => {
    expect(await top('two-counts.folded')).toMatchObject({
      ...{ valueType: 'after', total: 25, self: ['f 20', 'g 5'] },
      stderr: expect.stringContaining('“before” and “after”'),
    });
    expect(await top('two-counts.folded', '--value-type', 'before')).toMatchObject({
      ...{ total: 40, self: ['g 30', 'f 10'] },
    });
  });

  it('perf-srcline.txt: the lines of the sources', async () => {
    expect(await top('perf-srcline.txt')).toMatchObject({ self: ['leaf 1'], places: ['app.c:12'] });
  });

  it('go-heap-debug1.txt: what to do', async () => {
    const { status, stderr } = await muster(['profile', 'top', 'go-heap-debug1.txt'], { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain('go-heap-debug1.txt: this is a profile of Go as text');
    expect(stderr).toContain('Fetch it without debug=1');
  });
});
