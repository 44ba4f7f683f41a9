import { describe, expect, it } from 'vitest';
import { readBatchOptions, readEnvironment, readSize } from '../../../src/shell/cli/options';

const read = (options: object) => readBatchOptions({ color: true, ...options });

describe('the options of a batch', () => {
  it('are left to the inventory where they are not given', () => {
    expect(read({})).toEqual({
      concurrency: undefined,
      timeoutMs: undefined,
      maxFailures: undefined,
      serial: undefined,
    });
  });

  it('are read as counts, shares and durations', () => {
    expect(read({ concurrency: '32', timeout: '800ms', maxFailures: '25%', serial: '1,10%,50%' })).toEqual({
      concurrency: 32,
      timeoutMs: 800,
      maxFailures: { percent: 25 },
      serial: [{ count: 1 }, { percent: 10 }, { percent: 50 }],
    });
  });

  it('tolerate no failure with --fail-fast', () => {
    expect(read({ failFast: true }).maxFailures).toEqual({ count: 0 });
  });

  it.each([
    [{ concurrency: '0' }, /--concurrency: "0"/],
    [{ concurrency: '1e3' }, /--concurrency/],
    [{ concurrency: '10001' }, /from 1 to 10000/],
    [{ timeout: '5' }, /--timeout: .*no unit/],
    [{ timeout: '0s' }, /more than 0/],
    [{ timeout: '2d' }, /at most 1d/],
    [{ maxFailures: '101%' }, /--max-failures/],
    [{ serial: '1,,2' }, /--serial: ""/],
    [{ serial: '1,0' }, /--serial: .*"0" holds nothing/],
    [{ serial: '0%' }, /--serial: .*"0%" holds nothing/],
  ])('refuse %j', (options, message) => {
    expect(() => read(options)).toThrow(message);
  });
});

describe('a size', () => {
  it.each([
    ['0', 0],
    ['65536', 65_536],
    ['64k', 65_536],
    ['64KiB', 65_536],
    ['1 MB', 1_048_576],
    ['64MiB', 67_108_864],
  ])('%s is %d bytes', (text, bytes) => {
    expect(readSize(text, '--max-output')).toBe(bytes);
  });

  it.each(['', 'much', '-1', '1.5M', '65MiB', '1g', '9'.repeat(13)])('“%s” is refused', (text) => {
    expect(() => readSize(text, '--max-output')).toThrow(/--max-output/);
  });
});

describe('variables', () => {
  it('may hold anything, equals signs and newlines too; the last of a name wins', () => {
    expect(readEnvironment(['A=1', "B=it's\n=2", 'A=', 'C=3'])).toEqual({ A: '', B: "it's\n=2", C: '3' });
  });

  it.each(['A', '=1', '1A=1', 'A-B=1'])('are not “%s”', (assignment) => {
    expect(() => readEnvironment([assignment])).toThrow(/--env/);
  });
});
