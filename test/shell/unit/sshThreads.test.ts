import { describe, expect, it } from 'vitest';
import { readSshThreads, sshThreadCount } from '../../../src/shell/cli/hosts/sshThreads';

describe('--ssh-threads', () => {
  it.each([
    ['auto', undefined],
    ['0', 0],
    ['16', 16],
  ])('takes %s', (text, count) => expect(readSshThreads(text)).toBe(count));

  it.each(['17', '-1', 'two', ''])('refuses "%s"', (text) =>
    expect(() => readSshThreads(text)).toThrow('--ssh-threads'),
  );

  it.each([
    [1, 10_000, 0],
    [2, 10_000, 0],
    [4, 99, 0],
    [3, 100, 2],
    [4, 100, 3],
    [64, 10_000, 4],
  ])('on %i processors and %i hosts is %i by itself', (processors, hosts, count) =>
    expect(sshThreadCount(undefined, hosts, processors)).toBe(count),
  );

  it('is what was asked for, whatever the machine has', () => {
    expect(sshThreadCount(3, 1, 1)).toBe(3);
    expect(sshThreadCount(0, 10_000, 64)).toBe(0);
  });
});
