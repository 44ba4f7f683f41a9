import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { probe, probeError } from './fixtures';

afterEach(() => void vi.unstubAllEnvs());

/** Does the work while a program of that name is what is found first. */
async function withPing(script: string, work: () => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-ping-'));
  await writeFile(path.join(folder, 'ping'), `#!/bin/sh\n${script}\n`);
  await chmod(path.join(folder, 'ping'), 0o755);
  vi.stubEnv('PATH', `${folder}${path.delimiter}${process.env.PATH}`);
  try {
    await work();
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
}

describe('an icmp check', () => {
  it('is healthy when every packet is answered, and counts the average as its latency', async () => {
    const finding = await probe('icmp', {});
    expect(finding).toMatchObject({ status: 'healthy' });
    expect(finding.message).toMatch(/^3 of 3 replies, [\d.]+ ms on average$/);
    expect(finding.latencyMs).toBeLessThan(finding.phases!.total!);
  });

  it('reaches names and IPv6', async () => {
    const named = await probe('icmp', { count: 1 }, { host: { address: 'localhost' } });
    expect(named).toMatchObject({ status: 'healthy' });
    expect(Object.keys(named.phases!)).toEqual(['dns', 'total']);
    expect(await probe('icmp', { count: 1 }, { host: { address: '::1' } })).toMatchObject({
      status: 'healthy',
    });
  });

  it('works with the ping of busybox', async () => {
    await withPing('exec busybox ping "$@"', async () => {
      expect(await probe('icmp', {})).toMatchObject({
        status: 'healthy',
        message: expect.stringMatching(/^3 of 3/),
      });
    });
  });

  it('is unhealthy when nothing comes back until time is up', async () => {
    await withPing('exec sleep 60', async () => {
      expect(await probe('icmp', { count: 2 }, { timeoutMs: 400 })).toMatchObject({
        status: 'unhealthy',
        mismatch: { expected: 'lost packets in percent < 100', actual: '100' },
        message: 'expected lost packets in percent < 100, got 100',
      });
    });
  });

  it('is degraded when some are lost, unhealthy where that is said, and says what a router said', async () => {
    const output = [
      '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=10.0 ms',
      '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=12.0 ms (DUP!)',
      'From 10.0.0.1 icmp_seq=2 Destination Host Unreachable',
      'rtt min/avg/max/mdev = 10.0/10.0/10.0/0.0 ms',
    ].join('\n');
    await withPing(`cat <<'EOL'\n${output}\nEOL`, async () => {
      expect(await probe('icmp', { count: 2 })).toMatchObject({
        status: 'degraded',
        latencyMs: 10,
        measurements: expect.arrayContaining([
          { name: 'icmp.loss', value: 0.5, unit: '1' },
          { name: 'icmp.round_trip', value: 10, unit: 'ms' },
        ]),
        mismatch: {
          expected: 'lost packets in percent <= 0',
          actual: '50 (Destination Host Unreachable)',
        },
      });
      expect(await probe('icmp', { count: 2, expect: { loss: { lt: 50 } } })).toMatchObject({
        status: 'unhealthy',
      });
      const slow = { count: 2, expect: { loss: { lte: 50 }, maxLatency: '5ms' } };
      expect(await probe('icmp', slow)).toMatchObject({ status: 'unhealthy' });
    });
  });

  it('counts no reply from the words of other languages, and none from the summary', async () => {
    const output = [
      'Antwort von 127.0.0.1: Bytes=32 Zeit<1ms TTL=128',
      '来自 127.0.0.1 的回复: 字节=32 时间=2ms TTL=128',
      '    Minimum = 0ms, Maximum = 2ms, Mittelwert = 1ms',
    ].join('\n');
    await withPing(`cat <<'EOL'\n${output}\nEOL`, async () => {
      expect(await probe('icmp', { count: 2 })).toMatchObject({ status: 'healthy', latencyMs: 1.5 });
    });
  });

  it('knows nothing about the host where this machine has no ping, or may not use it', async () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(await probeError('icmp', {})).toMatchObject({
      code: 'UNAVAILABLE',
      hint: expect.stringContaining('Install ping'),
    });
    vi.unstubAllEnvs();
    for (const refusal of [
      'ping: socket: Operation not permitted',
      'ping: permission denied (are you root?)',
    ]) {
      await withPing(`echo '${refusal}' >&2; exit 2`, async () => {
        expect(await probeError('icmp', {})).toMatchObject({ code: 'UNAVAILABLE' });
      });
    }
    await withPing(`echo 'ping: connect: Network is unreachable' >&2; exit 2`, async () => {
      expect(await probeError('icmp', {})).toMatchObject({ code: 'UNREACHABLE' });
    });
  });

  it('says that a check has too little time for its packets', async () => {
    expect(await probeError('icmp', { count: 20 }, { timeoutMs: 800 })).toMatchObject({
      code: 'INVENTORY',
      message: expect.stringMatching(/^20 packets take 3800 ms, and the check has less/),
    });
  });

  it('does not count as lost what was not sent, or was under way, when time was up', async () => {
    const reply = (sequence: number) =>
      `echo "64 bytes from 10.0.0.1: icmp_seq=${sequence} ttl=64 time=500 ms"`;
    const slow = `trap 'echo "3 packets transmitted, 2 received, 33% packet loss"; exit 1' INT
${reply(1)}
${reply(2)}
while :; do sleep 0.05; done`;
    await withPing(slow, async () => {
      expect(await probe('icmp', {}, { timeoutMs: 700 })).toMatchObject({
        status: 'healthy',
        message: '2 of 2 replies, 500 ms on average',
        warning: 'time was up before 1 of 3 packets could be answered: give the check a longer timeout',
      });
    });
    await withPing(slow.replace(reply(1), ':'), async () => {
      expect(await probe('icmp', {}, { timeoutMs: 700 })).toMatchObject({
        status: 'degraded',
        mismatch: { actual: '50' },
      });
    });
    await withPing(
      `trap 'echo "0 packets transmitted, 0 received"; exit 1' INT; while :; do sleep 0.05; done`,
      async () => {
        expect(await probeError('icmp', {}, { timeoutMs: 700 })).toMatchObject({ code: 'TIMEOUT' });
      },
    );
  });

  it('says what a router says for IPv6 as well', async () => {
    const output = [
      'From fd00::2 icmp_seq=1 Destination unreachable: Address unreachable',
      '1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms',
    ].join('\n');
    await withPing(`cat <<'EOL'\n${output}\nEOL\nexit 1`, async () => {
      expect(await probe('icmp', { count: 1 })).toMatchObject({
        mismatch: { actual: '100 (Destination unreachable: Address unreachable)' },
      });
    });
  });

  it.each([
    ['ends by a signal', 'kill -SEGV $$', 'ended by signal SEGV without a result'],
    ['says nothing', 'exit 3', 'exit status 3 without a result'],
    [
      'knows no such option',
      'echo "ping: unknown option -- W\nusage: ping HOST" >&2; exit 2',
      'unknown option',
    ],
  ])('says nothing about the host when ping %s', async (_, script, words) => {
    await withPing(script, async () => {
      const error = await probeError('icmp', {});
      expect(error).toMatchObject({ code: 'UNAVAILABLE' });
      expect(error.message).toContain(words);
    });
  });

  it('says nothing about the host where ping may not be run', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'muster-ping-'));
    await writeFile(path.join(folder, 'ping'), 'x', { mode: 0o644 });
    vi.stubEnv('PATH', folder);
    expect(await probeError('icmp', {})).toMatchObject({ code: 'UNAVAILABLE' });
    await rm(folder, { recursive: true });
  });

  it('ends with its time though what ping started lives on, in its group or in another session', async () => {
    for (const left of ['sleep 60 & exec sleep 60', 'setsid sleep 5 & exit 0', "trap '' INT; sleep 60"]) {
      await withPing(left, async () => {
        const startedAt = performance.now();
        await probe('icmp', {}, { timeoutMs: 700 }).catch(() => {});
        // Its time and what is left for it to end, and no more.
        expect(performance.now() - startedAt).toBeLessThan(4500);
      });
    }
  });

  it('waits for the name of a host no longer than it has time', async () => {
    const over = { signal: AbortSignal.abort(), host: { address: 'localhost' } };
    expect(await probeError('icmp', {}, over)).toMatchObject({ code: 'CANCELLED', phase: 'dns' });
  });

  it('ends its ping when it is cancelled', async () => {
    const controller = new AbortController();
    const ended = probeError('icmp', { count: 20 }, { signal: controller.signal });
    controller.abort();
    expect(await ended).toMatchObject({ code: 'CANCELLED' });
  });
});
