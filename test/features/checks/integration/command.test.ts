import { describe, expect, it } from 'vitest';
import { leaveNothingOpen, probe, probeError } from './fixtures';

leaveNothingOpen();

describe('a command check', () => {
  it('is healthy when the command exits 0, and shows what it printed', async () => {
    expect(await probe('command', { run: 'echo fine' })).toMatchObject({
      status: 'healthy',
      message: 'fine',
      phases: { total: expect.any(Number) },
    });
    expect(await probe('command', { run: 'true' })).toMatchObject({ message: 'exit code 0' });
  });

  it('judges the exit code first, then output and number', async () => {
    const find = (run: string, expectation = {}) => probe('command', { run, expect: expectation });
    expect(await find('echo 5; exit 3', { value: { lt: 1 } })).toMatchObject({
      status: 'unhealthy',
      message: 'expected exit code 0, got exit code 3 and "5"',
    });
    expect(await find('exit 3', { exitCode: 3 })).toMatchObject({ status: 'healthy' });
    expect(await find('kill -TERM $$')).toMatchObject({ message: 'expected exit code 0, got signal TERM' });
    expect(await find('echo a', { stdout: 'b' })).toMatchObject({
      message: 'expected output with "b", got "a"',
    });
    expect(await find('echo a', { stdoutMatches: '^a$' })).toMatchObject({ status: 'unhealthy' });
    expect(await find('echo a', { stdoutMatches: '(?m)^a$' })).toMatchObject({ status: 'healthy' });
    expect(await find('echo 93%', { value: { lt: 90, warn: { lt: 80 } } })).toMatchObject({
      status: 'unhealthy',
      message: 'expected a value < 90, got 93',
    });
    expect(await find('echo 85%', { value: { lt: 90, warn: { lt: 80 } } })).toMatchObject({
      status: 'degraded',
    });
    expect(await find('echo none', { value: { lt: 90 } })).toMatchObject({
      message: 'expected a value < 90, got no number',
    });
  });

  it('puts values of the inventory in as single words, never as shell syntax', async () => {
    expect(await probe('command', { run: 'echo {name} {label.greeting} | cat' })).toMatchObject({
      message: "web-01.test it's; $(echo bad)",
    });
    expect(await probe('command', { run: "echo a 7 | awk '{print $2}'" })).toMatchObject({ message: '7' });
  });

  it('keeps 64 KiB of the output, and says when that leaves something unjudged', async () => {
    const run = 'head -c 300000 /dev/zero | tr "\\0" a; echo end';
    expect(await probe('command', { run, expect: { stdout: 'aaa' } })).toMatchObject({ status: 'healthy' });
    expect(await probe('command', { run, expect: { stdout: 'end' } })).toMatchObject({
      message: 'expected output with "end", got more output than the 64 KiB that are judged',
    });
  });

  it('is not stopped by errors that the command prints', async () => {
    expect(await probe('command', { run: 'head -c 300000 /dev/zero >&2; echo done' })).toMatchObject({
      message: 'done',
    });
  });

  it('ends the command at its deadline', async () => {
    expect(await probeError('command', { run: 'sleep 60' }, { timeoutMs: 100 })).toMatchObject({
      code: 'TIMEOUT',
      phase: 'run',
    });
  });
});

describe('an ssh check', () => {
  it('is healthy when a session opens and `true` exits 0', async () => {
    expect(await probe('ssh', {})).toMatchObject({
      status: 'healthy',
      message: expect.stringMatching(/^session opened in [\d.]+ ms$/),
    });
  });
});
