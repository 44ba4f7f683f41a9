import { describe, expect, it } from 'vitest';
import { errorReport, MusterError } from '../../../../src/platform/errors/errors';
import { foldResults } from '../../../../src/features/runs/core/fold';
import type { RunResult } from '../../../../src/features/runs/core/runBatch';

function result(host: string, stdout: string, more: Partial<RunResult> = {}): RunResult {
  return {
    host,
    status: 'ok',
    exitCode: 0,
    signal: null,
    stdout,
    stderr: '',
    truncated: false,
    droppedBytes: 0,
    durationMs: 1,
    ...more,
  };
}

const refused = (host: string, address: string) =>
  result(host, '', {
    status: 'failed',
    exitCode: null,
    error: errorReport(
      new MusterError('REFUSED', `connect ECONNREFUSED ${address}`, { host, phase: 'connect' }),
    ),
  });

describe('folding', () => {
  it('joins hosts of the same output and exit code, the biggest group last', () => {
    const folded = foldResults([
      result('web-03', 'b'),
      result('web-01', 'a'),
      result('web-02', 'a'),
      result('db-1', 'a', { status: 'failed', exitCode: 1 }),
      result('web-04', 'a'),
    ]);
    expect(folded.map(({ hostSet }) => hostSet)).toEqual(['web-03', 'db-1', 'web-[01-02,04]']);
  });

  it('does not confuse standard output with standard error', () => {
    expect(foldResults([result('a', 'x'), result('b', '', { stderr: 'x' })])).toHaveLength(2);
    expect(
      foldResults([result('a', 'xy', { stderr: 'z' }), result('b', 'x', { stderr: 'yz' })]),
    ).toHaveLength(2);
  });

  it('joins hosts that failed in the same way although each error names its host', () => {
    const folded = foldResults([
      refused('a', '10.0.0.1:22'),
      refused('b', '10.0.0.2:22'),
      refused('c', '[::1]:22'),
    ]);
    expect(folded.map(({ hosts }) => hosts)).toEqual([['a', 'b', 'c']]);
  });

  it('says whose address stands in the error of several hosts, unless it is that of all', () => {
    const [differing] = foldResults([refused('a', '10.0.0.1:22'), refused('b', '10.0.0.2:22')]);
    expect(differing!.result.error!.message).toBe('for example on a: connect ECONNREFUSED 10.0.0.1:22');
    const [same] = foldResults([refused('a', '10.0.0.9:22'), refused('b', '10.0.0.9:22')]);
    expect(same!.result.error!.message).toBe('connect ECONNREFUSED 10.0.0.9:22');
    const [alone] = foldResults([refused('a', '10.0.0.1:22')]);
    expect(alone!.result.error!.message).toBe('connect ECONNREFUSED 10.0.0.1:22');
  });
});
