import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../../../src/features/runs/core/runBatch';
import { foldResults } from '../../../../src/features/runs/core/fold';
import { ansiText } from '../../../../src/shell/editor/text/ansiText';
import { FileNames, safeName } from '../../../../src/features/runs/core/hostFiles';
import { saveOutput } from '../../../../src/features/runs/editor/output/outputFiles';
import { runMarkdown } from '../../../../src/features/runs/editor/output/runMarkdown';
import { matcherOf, searchOutput } from '../../../../src/features/runs/editor/output/searchOutput';
import type { RunHead } from '../../../../src/features/runs/editor/storedRun';

const resultOf = (host: string, stdout: string, stderr = ''): RunResult => ({
  ...{ host, status: 'ok', exitCode: 0, signal: null, stdout, stderr },
  ...{ truncated: false, droppedBytes: 0, durationMs: 3 },
});
const head: RunHead = {
  ...{ version: 1, id: 'r', pid: 1, startedAt: 1_700_000_000_000, fleetId: 'f', inventory: '/m.yaml' },
  ...{ selector: '@web', title: 'ls `x`', request: { command: ['ls'] }, hosts: ['a', 'b'] },
};

describe('Colours in the output of a host', () => {
  it('become spans over plain text', () => {
    const { text, spans } = ansiText('a \x1b[1;31mred\x1b[0m b\x1b[48;5;17m c\x1b[m\n');
    expect(text).toBe('a red b c');
    expect(spans).toMatchObject([
      { start: 2, end: 5, foreground: { type: 'named', name: 'red' }, bold: true },
      { start: 7, end: 9, background: { type: 'table', index: 17 } },
    ]);
  });

  it('come alone: what moves the cursor, hides or turns text is taken out', () => {
    const { text } = ansiText('safe\x1b[2J\x1b[1;1Hx\x1b]0;title\x07y\u202eevil\b\r\nz\x1b[31');
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\u202e]/);
    expect(text).toMatch(/^safexy\ufffdevil\ufffd\nz/);
  });
});

describe('Searching the output of a run', () => {
  const groups = foldResults([
    resultOf('a', 'one\nTwo 42\n'),
    resultOf('b', 'one\nTwo 42\n'),
    resultOf('c', 'three'),
  ]);
  const find = async (query: string, limit = 10) =>
    (await searchOutput(groups, matcherOf(query)!, limit, new AbortController().signal)).map(
      ({ group, line, text }) => [group.hostSet, line, text],
    );

  it('finds text in any case, once for all hosts that said it', async () => {
    expect(await find('two')).toEqual([['a,b', 1, 'Two 42']]);
  });

  it('finds a regular expression, and says when it is none', async () => {
    expect(await find('/^t\\w+$/')).toEqual([['c', 0, 'three']]);
    expect(matcherOf('/(/')).toBeUndefined();
  });

  it('ends at the limit, and when nobody waits any more', async () => {
    expect(await find('e', 1)).toHaveLength(1);
    expect(await searchOutput(groups, () => true, 10, AbortSignal.abort())).toEqual([]);
  });
});

describe('Output as files', () => {
  it('is a file for each host, whatever it is called, and overwrites nothing', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'run-output-'));
    try {
      const results = [
        resultOf('a/../../b', 'one'),
        resultOf('Web', 'two', 'bad'),
        resultOf('web', 'three'),
        resultOf('con', 'four'),
        resultOf('summary', 'five'),
        resultOf('..', 'six'),
        resultOf('.', 'seven'),
        resultOf('../out\0', 'eight'),
      ];
      const first = await saveOutput(parent, head, results, foldResults(results));
      const second = await saveOutput(parent, head, results, foldResults(results));
      expect(second).toBe(`${first}-2`);
      expect((await readdir(first)).sort()).toEqual(
        [
          '_.out',
          '_-2.out',
          '__out_.out',
          'Web.err',
          'Web.out',
          '_con.out',
          'a_.._.._b.out',
          'outcomes.tsv',
          'summary-2.out',
          'summary.md',
          'web-2.out',
        ].sort(),
      );
      expect(await readFile(join(first, 'web-2.out'), 'utf8')).toBe('three');
      const modes = await Promise.all(
        ['', 'Web.out', 'Web.err', 'outcomes.tsv', 'summary.md'].map((name) => stat(join(first, name))),
      );
      expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600, 0o600, 0o600, 0o600]);
    } finally {
      await rm(parent, { recursive: true });
    }
  });

  it('says how each host ended, and has no output of a host on which nothing was started', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'run-output-'));
    try {
      const error = { code: 'CANCELLED' as const, message: 'cancelled', causes: [] };
      const results = [
        resultOf('fine', ''),
        { ...resultOf('stopped', 'half'), status: 'stopped' as const, exitCode: null, error },
        { ...resultOf('waiting', ''), status: 'skipped' as const, exitCode: null, error },
      ];
      const folder = await saveOutput(parent, head, results, foldResults(results));
      expect((await readdir(folder)).sort()).toEqual(
        ['fine.out', 'outcomes.tsv', 'stopped.out', 'summary.md'].sort(),
      );
      expect(await readFile(join(folder, 'outcomes.tsv'), 'utf8')).toBe(
        [
          'host\tstatus\texitCode\tsignal\terror\tdroppedBytes\tdurationMs',
          'fine\tok\t0\t\t\t0\t3',
          'stopped\tstopped\t\t\tCANCELLED\t0\t3',
          'waiting\tskipped\t\t\tCANCELLED\t0\t3',
          '',
        ].join('\n'),
      );
      expect(await readFile(join(folder, 'summary.md'), 'utf8')).toMatch(
        /`stopped` \(1\): stopped while running[^]*`waiting` \(1\): not started/,
      );
    } finally {
      await rm(parent, { recursive: true });
    }
  });

  it.each([
    ['.hidden', '_hidden'],
    ['-rf', '_rf'],
    ['', '_'],
    ['日志', '日志'],
    ['NUL.txt', '_NUL.txt'],
  ])('has safe names: %j', (name, safe) => {
    expect(safeName(name)).toBe(safe);
  });

  it('has names that fit into a file system however long those of hosts are, and are whole characters', () => {
    const name = safeName('\u{20000}'.repeat(120));
    expect(Buffer.byteLength(name)).toBe(200);
    expect(name).toBe('\u{20000}'.repeat(50));
  });

  it('has one name for each host, also where case and the form of accents are ignored', () => {
    const names = new FileNames();
    expect(['Web', 'web', 'é', 'e\u0301', 'web-2', 'a:b', 'a_b'].map((host) => names.of(host))).toEqual([
      ...['Web', 'web-2', 'é', 'e_', 'web-2-2', 'a_b', 'a_b-2'],
    ]);
  });
});

describe('A run as Markdown', () => {
  it('cannot be broken out of by what hosts say', () => {
    const text = runMarkdown(head, foldResults([resultOf('a', '```\n# owned\n````\n')]));
    expect(text).toContain('`````text\n```\n# owned\n````\n`````');
    expect(text).toContain('**`` ls `x` ``** on `@web` (2)');
  });
});
