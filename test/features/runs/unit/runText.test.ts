import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import chinese from '../../../../l10n/bundle.l10n.zh-cn.json';
import type { RunResult } from '../../../../src/features/runs/core/runBatch';
import { runText } from '../../../../src/features/runs/editor/output/runText';
import { traced } from '../../../harness/traced';

const result = (host: string, changes: Partial<RunResult> = {}): RunResult => ({
  host,
  status: 'ok',
  exitCode: 0,
  signal: null,
  stdout: '',
  stderr: '',
  truncated: false,
  droppedBytes: 0,
  durationMs: 1,
  ...changes,
});

function documentOf(results: RunResult[]) {
  const count = (status: RunResult['status']) => results.filter((one) => one.status === status).length;
  return runText({
    command: 'uptime',
    selector: '@web',
    inventory: '/fleet/muster.yaml',
    startedAt: new Date('2026-11-23T06:00:00Z'),
    report: {
      traceId: 'abc',
      summary: {
        total: results.length,
        ok: count('ok'),
        failed: count('failed'),
        stopped: count('stopped'),
        skipped: count('skipped'),
        durationMs: 1234,
      },
      results: traced(results),
    },
  });
}

const textOf = async (results: RunResult[]) => (await documentOf(results)).text;

describe('The document of a run', () => {
  it('says what ran where and how it went, then folds what is the same, the biggest group last', async () => {
    const text = await textOf([
      result('web-1', { stdout: 'up\n' }),
      result('web-2', { status: 'failed', exitCode: 3, stderr: 'no such file\n' }),
      result('web-3', { stdout: 'up\n' }),
    ]);
    expect(text).toBe(`# Command   uptime
# Targets   @web (3: web-[1-3])
# Inventory /fleet/muster.yaml
# Started   2026-11-23T06:00:00.000Z
# Duration  1.23 s
# Verdict   2 ok, 1 failed
# Trace     abc

──── web-2 (1 host) · exit status 3 ────
[stderr]
no such file

──── web-[1,3] (2 hosts) · ok ────
up

──── Time for each host, the slowest first ────
web-1  1.0 ms
web-2  1.0 ms
web-3  1.0 ms
`);
  });

  it('says how long hosts took to connect and to run: of one in its head, of several the slowest twenty', async () => {
    const phase = (name: string, value: number) => ({
      ...{ name: 'phase', value, unit: 'ms' as const },
      attributes: { phase: name },
    });
    const slow = { durationMs: 1500, measurements: [phase('connect', 1100), phase('run', 400)] };
    expect(await textOf([result('a', slow)])).toContain('# Duration  1.23 s · connect 1.1 s · run 400 ms\n');
    // A second attempt adds to the first; one that was refused never ran.
    const refused = { durationMs: 30, measurements: [phase('connect', 20), phase('connect', 10)] };
    const many = Array.from({ length: 30 }, (_, index) => result(`c-${index}`, { durationMs: index }));
    const text = await textOf([
      ...many,
      result('b', { status: 'failed', exitCode: null, ...refused }),
      result('a', slow),
      result('never', { status: 'skipped', exitCode: null, durationMs: 0 }),
    ]);
    const [, table] = text.split('──── Time for each host, the slowest first ────\n');
    const rows = table!.trimEnd().split('\n');
    expect(rows.slice(0, 3)).toEqual([
      'a     1.5 s · connect 1.1 s · run 400 ms',
      'b     30 ms · connect 30 ms',
      'c-29  29 ms',
    ]);
    expect(rows).toHaveLength(20);
  });

  it('keeps what was received before a cancel, and tells the rest', async () => {
    const error = { code: 'CANCELLED' as const, message: 'cancelled', causes: [] };
    const text = await textOf([
      result('a', { status: 'stopped', exitCode: null, stdout: 'half', error }),
      result('b', { status: 'skipped', exitCode: null, error }),
    ]);
    expect(text).toContain('# Verdict   1 stopped while running, 1 not started');
    expect(text).toContain('──── a (1 host) · stopped while running ────\nhalf');
    expect(text).toContain('──── b (1 host) · not started ────');
  });

  it('shows the chain of causes and the advice', async () => {
    const error = {
      code: 'REFUSED' as const,
      message: 'refused',
      causes: ['errno 111'],
      hint: 'Check the port.',
    };
    expect(await textOf([result('a', { status: 'failed', exitCode: null, error })])).toContain(
      '──── a (1 host) · REFUSED ────\nREFUSED: refused\ncaused by: errno 111\nCheck the port.',
    );
  });

  it('shows no terminal sequence, control or direction character', async () => {
    const text = await textOf([result('a', { stdout: '\x1b[31mred\x1b[0m\r\nbell\x07 \u202eevil' })]);
    expect(text).toContain('red\nbell\ufffd \ufffdevil');
  });

  it('has the colours that hosts sent, where they are in the whole', async () => {
    const { text, spans } = await documentOf([
      result('a', { stdout: 'plain\n' }),
      result('b', { stdout: 'a \x1b[31mred\x1b[m word\n', stderr: '\x1b[1mbold\x1b[m\n' }),
    ]);
    expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual(['red', 'bold']);
  });

  it('has its heads and titles coloured in every language', async () => {
    const { patterns } = JSON.parse(await readFile('media/muster-run.tmLanguage.json', 'utf8')) as {
      patterns: { match: string }[];
    };
    const isColoured = (line: string) => patterns.some(({ match }) => new RegExp(match).test(line));
    const { text } = await documentOf([
      result('a', { truncated: true, droppedBytes: 7 }),
      result('b', { status: 'failed', exitCode: 2 }),
    ]);
    const lines = text.split('\n').filter((line) => /^[#─[]/.test(line));
    expect(lines).toHaveLength(12);
    expect(lines.filter((line) => !isColoured(line))).toEqual([]);
    const heads = ['Command', 'Targets', 'Inventory', 'Started', 'Duration', 'Verdict', 'Trace'] as const;
    expect(heads.map((head) => `# ${chinese[head]} x`).filter((line) => !isColoured(line))).toEqual([]);
    const title = `──── b (${chinese['1 host']}) · ${chinese['exit status {0}'].replace('{0}', '2')} ────`;
    const notes = [chinese['no output'], chinese['{0} more bytes were received and not kept']];
    const shown = [title, ...notes.map((note) => `[${note.replace('{0}', '7')}]`)];
    expect(shown.filter((line) => !isColoured(line))).toEqual([]);
  });

  it('is bounded, and counts what it leaves out', async () => {
    const text = await textOf([
      result('a', { stdout: 'x'.repeat(3_000_000), truncated: true, droppedBytes: 77 }),
    ]);
    expect(text.length).toBeLessThan(1_000_000);
    expect(text).toMatch(/\[\d+ more characters are not shown\]/);
    expect(text).toContain('[77 more bytes were received and not kept]');
  });
});
