import { PassThrough, Writable } from 'node:stream';
import { text as textFrom } from 'node:stream/consumers';
import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { NdjsonStream, writeJsonReport } from '../../../src/shell/cli/output/jsonOutput';
import { OutputStream, wantsColors } from '../../../src/shell/cli/output/outputStream';
import { formatProblem } from '../../../src/shell/cli/output/problemText';
import { formatProgress } from '../../../src/shell/cli/output/progress';
import { formatTable } from '../../../src/shell/cli/output/table';
import { harmless } from '../../../src/shell/cli/output/terminalText';
import type { Problem } from '../../../src/platform/inventory/model';

const plain = createColors(false);

/** What `write` writes. */
async function written(write: (output: OutputStream) => Promise<void>): Promise<string> {
  const stream = new PassThrough();
  const text = textFrom(stream);
  await write(new OutputStream(stream, false, () => {}));
  stream.end();
  return text;
}

describe('colours', () => {
  it.each([
    { isTTY: true, env: {}, option: true, wanted: true },
    { isTTY: false, env: {}, option: true, wanted: false },
    { isTTY: true, env: { TERM: 'dumb' }, option: true, wanted: false },
    { isTTY: false, env: { FORCE_COLOR: '1' }, option: true, wanted: true },
    { isTTY: true, env: { FORCE_COLOR: '0' }, option: true, wanted: false },
    { isTTY: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' }, option: true, wanted: false },
    { isTTY: true, env: { NO_COLOR: '' }, option: true, wanted: true },
    { isTTY: true, env: { FORCE_COLOR: '1' }, option: false, wanted: false },
  ])('on a terminal: $isTTY, with $env, --color: $option → $wanted', ({ isTTY, env, option, wanted }) => {
    expect(wantsColors(isTTY, env, option)).toBe(wanted);
  });
});

describe('a JSON report', () => {
  const report = {
    traceId: 'a'.repeat(32),
    summary: { total: 2 },
    results: [{ host: 'a', stdout: 'x"\n\u2028', error: undefined }, { host: 'b' }],
  };

  it('is the document that JSON.stringify makes, a result on each line', async () => {
    const text = await written((output) => writeJsonReport(output, report));
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(report)));
    expect(text.split('\n')).toHaveLength(5);
  });

  it('is a document without results, too', async () => {
    const text = await written((output) => writeJsonReport(output, { ...report, results: [] }));
    expect(JSON.parse(text)).toEqual({ ...report, results: [] });
  });

  it('is written part by part where it is long', async () => {
    const lengths: number[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lengths.push(chunk.length);
        done();
      },
    });
    const results = Array.from({ length: 100 }, (_, index) => ({
      host: `h${index}`,
      stdout: 'x'.repeat(10_000),
    }));
    await writeJsonReport(new OutputStream(stream, false, () => {}), { ...report, results });
    expect(lengths.length).toBeGreaterThan(10);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(64 * 1024);
  });
});

describe('JSON lines', () => {
  it('come in the order in which they were pushed, also while earlier ones are being written', async () => {
    const text = await written(async (output) => {
      const lines = new NdjsonStream(output);
      lines.push({ n: 1 });
      await new Promise(setImmediate);
      lines.push({ n: 2 });
      lines.push({ n: 3 });
      await lines.end();
    });
    expect(text).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
  });
});

describe('a problem of the inventory', () => {
  const problem: Problem = {
    severity: 'error',
    message: 'unknown key “adress”',
    range: { file: '/fleet/muster.yaml', line: 3, column: 5, endLine: 3, endColumn: 11 },
    suggestion: 'address',
  };

  it('is one line as compilers write it, its file named from here', () => {
    expect(formatProblem(problem, '/fleet', plain)).toBe(
      'muster.yaml:3:5: error: unknown key “adress” (did you mean "address"?)',
    );
    expect(formatProblem({ ...problem, severity: 'warning', suggestion: undefined }, '/', plain)).toBe(
      'fleet/muster.yaml:3:5: warning: unknown key “adress”',
    );
  });

  it('cannot write to the terminal what the file says', () => {
    const hostile = { ...problem, message: 'bad \u001b[2J\nname', suggestion: undefined };
    expect(formatProblem(hostile, '/fleet', plain)).toBe('muster.yaml:3:5: error: bad name');
  });
});

describe('the progress', () => {
  it('counts what has ended by status, with the rate and the time', () => {
    const counts = new Map([
      ['healthy', 35],
      ['unhealthy', 2],
    ] as const);
    expect(formatProgress(counts, { total: 1000 }, 2_500, plain)).toBe(
      '37/1000 · 35 healthy · 2 unhealthy · 15/s · 2 s',
    );
    expect(formatProgress(new Map(), { total: 5 }, 0, plain)).toBe('0/5 · 0/s · 0 s');
    expect(formatProgress(new Map(), { total: 5, lastsMs: 10_000 }, 2_500, plain)).toBe('0/5 · 8 s left');
  });
});

describe('a table', () => {
  it('aligns columns by what characters occupy, colours aside, without trailing blanks', async () => {
    const colors = createColors(true);
    const text = await formatTable(
      ['A', 'B'],
      [
        ['数据', 'x'],
        [colors.red('r'), ''],
      ],
      plain,
    );
    expect(text).toBe(`A     B\n数据  x\n${colors.red('r')}\n`);
  });
});

describe('what hosts write to a terminal', () => {
  it.each([
    ['moves no cursor', 'a\u001b[2Jb\u001b[10;1Hc', 'abc'],
    ['sets no title', 'a\u001b]0;title\u0007b', 'ab'],
    ['makes no link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['does not overwrite its line', 'good\rbad\r\n', 'good\nbad\n'],
    ['rings no bell and erases nothing', 'a\u0007\u0008b', 'a\ufffd\ufffdb'],
    ['uses no 8-bit controls', 'a\u0085b', 'a\ufffdb'],
    ['turns no text around', 'a\u202eb\u2066c', 'a\ufffdb\ufffdc'],
    ['hides no sequence in a colour', '\u001b]0;\u001b[31mx\u0007', ';x\ufffd'],
    ['keeps tabs and lines', 'a\tb\n', 'a\tb\n'],
  ])('%s', (_, hostile, shown) => {
    expect(harmless(hostile, false)).toBe(shown);
  });

  it('keeps its colours where colours are wanted, and they end with it', () => {
    expect(harmless('\u001b[1;31mred\n', true)).toBe('\u001b[1;31mred\u001b[0m\n');
    expect(harmless('\u001b[1;31mred\n', false)).toBe('red\n');
    expect(harmless('plain\n', true)).toBe('plain\n');
  });
});
