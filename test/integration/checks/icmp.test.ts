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
      message: '20 packets take 3800 ms, and the check has less',
    });
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
