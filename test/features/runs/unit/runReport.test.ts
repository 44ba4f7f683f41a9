import { PassThrough } from 'node:stream';
import { text as textFrom } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { OutputStream } from '../../../../src/shell/cli/output/outputStream';
import { printRunReport } from '../../../../src/features/runs/cli/runReport';
import { errorReport, MusterError } from '../../../../src/platform/errors/errors';
import type { RunReport, RunResult } from '../../../../src/features/runs/core/runBatch';
import { traced } from '../../../harness/traced';

function result(host: string, stdout: string, more: Partial<RunResult> = {}): RunResult {
  const nothing = { stderr: '', signal: null, truncated: false, droppedBytes: 0, durationMs: 1 };
  return { host, status: 'ok', exitCode: 0, stdout, ...nothing, ...more };
}

async function textOf(results: RunResult[], { diff = false, isTTY = false } = {}): Promise<string> {
  const count = (status: string) => results.filter((of) => of.status === status).length;
  const summary = {
    total: results.length,
    ok: count('ok'),
    failed: count('failed'),
    stopped: count('stopped'),
    skipped: count('skipped'),
    durationMs: 1500,
  };
  const report: RunReport = { traceId: 'f'.repeat(32), summary, results: traced(results) };
  const stream = Object.assign(new PassThrough({ highWaterMark: 1024 ** 2 }), { isTTY });
  await printRunReport(report, new OutputStream(stream, isTTY, () => {}), { diff });
  stream.end();
  return textFrom(stream);
}

const fleet = [
  result('web-01', 'v1\n'),
  result('web-02', 'v2\n'),
  result('web-03', 'v1\n'),
  result('web-04', 'v1\n'),
];

describe('the report of a run', () => {
  it('folds hosts of the same outcome into one block, the biggest last, then sums up', async () => {
    expect(await textOf(fleet)).toBe(
      [
        '----------------\nweb-02 (1) exit 0\n----------------\nv2',
        '----------------\nweb-[01,03-04] (3) exit 0\n----------------\nv1',
        `\n4 hosts: 4 ok in 1.50 s, trace ${'f'.repeat(32)}\n`,
      ].join('\n'),
    );
  });

  it('shows the others as differences from the biggest group on demand', async () => {
    const text = await textOf(fleet, { diff: true });
    expect(text).toContain('--- web-[01,03-04]\n+++ web-02\n');
    expect(text).toContain('-v1\n+v2\n');
    expect(text).toMatch(/web-\[01,03-04\] \(3\) exit 0\n-+\nv1\n/);
  });

  it('says what was not kept, and tells standard error apart', async () => {
    const text = await textOf([
      result('a', 'out', { stderr: 'err', truncated: true, droppedBytes: 42, exitCode: 3, status: 'failed' }),
    ]);
    expect(text).toContain('a (1) exit 3\n');
    expect(text).toContain('out\n[stderr]\nerr\n[42 more bytes were received and not kept');
  });

  it('says which hosts were tried more than once, and how often', async () => {
    const tried = (host: string, attempts: number) => result(host, '', { attempts });
    const text = await textOf([tried('a', 2), result('b', ''), tried('c', 3), tried('d', 2)]);
    expect(text).toContain('\n3 attempts: c\n2 attempts: a,d\n4 hosts: 4 ok');
    expect(await textOf(fleet)).not.toContain('attempts');
  });

  it('shows why a host could not be reached, down to what can be done', async () => {
    const error = errorReport(
      new MusterError('REFUSED', 'connect ECONNREFUSED', { phase: 'connect', hint: 'Check the port.' }),
    );
    const text = await textOf([result('a', '', { status: 'failed', exitCode: null, error })]);
    expect(text).toContain('a (1) REFUSED\n');
    expect(text).toContain('REFUSED: connect ECONNREFUSED\nCheck the port.\n');
  });

  it('keeps the colours of a host on a terminal and disarms everything else that it sends', async () => {
    const hostile = '\u001b[31mred\u001b[0m \u001b[2J\u001b]0;title\u0007 \u0007\r bell \u202e';
    const text = await textOf([result('a', hostile)], { isTTY: true });
    expect(text).toContain('\u001b[31mred\u001b[0m');
    expect(text).not.toMatch(/\u001b\[2J|\u001b\]|\u0007|\r|\u202e/);
    expect(await textOf([result('a', hostile)])).toContain(hostile);
  });
});
