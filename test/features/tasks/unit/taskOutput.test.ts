import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../../../src/features/runs/core/runBatch';
import { HostOutput } from '../../../../src/features/tasks/editor/hostOutput';
import { problemLine, TaskOutput } from '../../../../src/features/tasks/editor/taskOutput';

const bytes = (text: string) => Buffer.from(text);
const plain = (lines: string[]) => lines.map(stripVTControlCharacters);

function result(host: string, more: Partial<RunResult> = {}): RunResult {
  return {
    ...{ host, status: 'ok', exitCode: 0, signal: null, stdout: '', stderr: '' },
    ...{ truncated: false, droppedBytes: 0, durationMs: 1 },
    ...more,
  };
}

describe('Output of a host as it arrives', () => {
  it('is shown line by line, however characters and lines are cut', () => {
    const output = new HostOutput();
    const text = bytes('grün\r\nblau\nrest');
    const lines = [...text].flatMap((byte) => output.add(Buffer.from([byte])));
    expect(lines).toEqual(['grün', 'blau']);
    expect(output.end()).toEqual(['rest']);
    expect(output.end()).toEqual([]);
  });

  it('keeps empty lines, and begins one after a carriage return', () => {
    expect(new HostOutput().add(bytes('a\n\nb\n10%\r20%\n'))).toEqual(['a', '', 'b', '10%', '20%']);
  });

  it('does nothing to the terminal that it is shown in', () => {
    const hostile = '\x1b]0;title\x07\x1b[2Jred \x1b[31malert\x1b[m \u202egnp.exe\x07\n';
    expect(new HostOutput().add(bytes(hostile))).toEqual(['red alert \ufffdgnp.exe\ufffd']);
  });

  it('is shown in parts when no line ever ends', () => {
    const lines = new HostOutput().add(bytes('x'.repeat(10_000)));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toHaveLength(4000);
  });
});

describe('Output of a task', () => {
  it('has each line after its host, errors marked, and says how the host ended', () => {
    const output = new TaskOutput(['web-1', 'db-10']);
    expect(plain(output.add('web-1', 'stdout', bytes('up\nno line end')))).toEqual(['web-1 | up']);
    expect(plain(output.add('db-10', 'stderr', bytes('oops\n')))).toEqual(['db-10 ! oops']);
    expect(plain(output.end(result('web-1'), '1/2'))).toEqual(['web-1 | no line end', 'web-1 = ok (1/2)']);
    const failed = result('db-10', { status: 'failed', exitCode: 3 });
    expect(plain(output.end(failed, '2/2'))).toEqual(['db-10 = exit status 3 (2/2)']);
    expect(output.isCut).toBe(false);
  });

  it('shows 1,000 lines of a host and counts the others, and 20,000 of all', () => {
    const names = Array.from({ length: 30 }, (_, index) => `web-${index}`);
    const output = new TaskOutput(names);
    const shown = names.map((name) => output.add(name, 'stdout', bytes('x\n'.repeat(1200))).length);
    expect(shown.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 1000));
    expect(shown.slice(20)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(plain(output.end(result('web-0'), '1/30'))[0]).toMatch(/^web-0 +\[\+200\]$/);
    expect(output.isCut).toBe(true);
  });

  it('makes a failed host a problem where the inventory lists it, else at the inventory’s beginning', () => {
    const failed = result('web-1', { status: 'failed', exitCode: 3 });
    const source = { file: '/x/hosts.yaml', line: 7, column: 3, endLine: 7, endColumn: 8 };
    expect(problemLine(failed, source, '/x/muster.yaml')).toBe(
      '/x/hosts.yaml:7:3: error: web-1: exit status 3',
    );
    expect(problemLine(failed, undefined, '/x/muster.yaml')).toBe(
      '/x/muster.yaml:1:1: error: web-1: exit status 3',
    );
  });
});
