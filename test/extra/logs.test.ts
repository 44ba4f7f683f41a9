import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FileLogThread } from '../../src/features/logs/core/file/fileLogThread';
import { SshdFarm } from '../harness/sshd';
import { TcpProxy } from '../harness/tcpProxy';
import { until } from '../harness/until';
import {
  eventsOf,
  followersOn,
  hasEnded,
  hostThrough,
  linesOf,
  logsOver,
  rowsWith,
  scratch,
  targetOn,
} from '../features/logs/integration/logFixture';
import { hostOn, poolFor } from '../platform/integration/ssh/sshFixture';

let farm: SshdFarm;
beforeAll(async () => {
  farm = await SshdFarm.create();
});
afterAll(async () => {
  await farm[Symbol.asyncDispose]();
});

test('what follows on a host ends by itself when the network swallows everything', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, 'one\n');
  const daemon = await farm.start();
  await using proxy = await TcpProxy.to(daemon.port);
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const target = await hostThrough(proxy, farm, daemon);
  const session = logs.follow({ targets: [targetOn(target, { kind: 'file', path: file })] });
  await rowsWith(session, 'one');
  const started = await followersOn(daemon);
  expect(started.length).toBeGreaterThan(2);
  proxy.swallow();
  await until('the followers to have ended', () => started.every(hasEnded), 120_000);
});

/** journald, where nobody runs it: the journal of this machine is its own then, and goes with it. */
async function withJournald(work: () => Promise<void>): Promise<void> {
  if (existsSync('/run/systemd/system')) return work();
  await mkdir('/run/systemd/journal', { recursive: true });
  const child = spawn('/lib/systemd/systemd-journald', [], { stdio: 'ignore' });
  await until('journald', () => existsSync('/run/systemd/journal/stdout'));
  try {
    await work();
  } finally {
    child.kill();
    await until('journald to have ended', () => child.exitCode !== null || child.signalCode !== null);
    await rm('/run/systemd/journal', { recursive: true });
    await rm('/run/log/journal', { recursive: true, force: true });
  }
}

test('the journal of a host is followed, and goes on after its cursor when the link was lost', () =>
  withJournald(async () => {
    const say = (text: string) =>
      promisify(execFile)('systemd-cat', ['-t', 'muster-test', '-p', 'err', 'echo', text]);
    await say('before');
    const daemon = await farm.start();
    await using pool = await poolFor(farm, [daemon]);
    await using logs = logsOver(pool);
    const session = logs.follow({ targets: [targetOn(hostOn(farm, daemon), { kind: 'journal' })] });
    await rowsWith(session, 'before');
    await say('followed');
    await rowsWith(session, 'followed');
    await daemon.dropConnections();
    await say('meanwhile');
    await rowsWith(session, 'meanwhile');
    await say('later');
    const rows = await rowsWith(session, 'later');
    const ours = rows.filter(({ text }) => text.includes('muster-test'));
    expect(linesOf(ours).map((line) => line.split(': ').at(-1))).toEqual([
      'before',
      'followed',
      'meanwhile',
      'later',
    ]);
    expect(ours.every(({ level }) => level === 'error')).toBe(true);
    expect(eventsOf(rows).slice(-2)).toEqual(['disconnected', 'resumed']);
    const started = await followersOn(daemon);
    await session.dispose();
    await until('nothing is left on the host', () => started.every(hasEnded));
  }));

test(
  'a file of 2 GB is open at once, searched to its end, and never held in memory',
  { timeout: 300_000 },
  async () => {
    await using place = await scratch();
    const file = path.join(place.folder, 'big.log');
    const worker = path.join(place.folder, 'fileLog.worker.cjs');
    await build({
      ...{ entryPoints: ['src/features/logs/core/file/fileLog.worker.ts'], outfile: worker },
      ...{ bundle: true, platform: 'node', format: 'cjs' },
    });
    const perBlock = 10_000;
    const blocks = 2500;
    await using output = await open(file, 'w');
    for (let index = 0; index < blocks; index++) {
      let block = '';
      for (let line = index * perBlock; line < (index + 1) * perBlock; line++)
        block += `${new Date(1_800_000_000_000 + line).toISOString()} INFO request number ${String(line).padStart(12, '0')} of a service that has much to say\n`;
      await output.write(block);
    }
    const { size } = await output.stat();
    expect(size).toBeGreaterThan(2_000_000_000);
    const before = process.memoryUsage().rss;
    const startedAt = performance.now();
    const log = new FileLogThread(worker, file);
    const view = await log.view();
    await until('the first lines', () => view.state.end > 0);
    const [first] = await view.rows(view.state.first, view.state.first + 1);
    const openedMs = performance.now() - startedAt;
    expect(first!.text).toContain('number 000000000000');
    let highest = 0;
    await until(
      'all is read',
      () => {
        highest = Math.max(highest, process.memoryUsage().rss);
        return log.streams[0]!.state === 'following';
      },
      240_000,
    );
    const readMs = performance.now() - startedAt;
    const lines = blocks * perBlock;
    expect(view.state.end - view.state.first).toBe(lines);
    const [last] = await view.rows(view.state.end - 1, view.state.end);
    expect(last!.text).toContain(`number ${String(lines - 1).padStart(12, '0')}`);
    await log.dispose();
    console.log(
      `${(size / 1e9).toFixed(1)} GB: first lines after ${openedMs.toFixed(0)} ms, all ${lines} lines indexed after ${(readMs / 1000).toFixed(1)} s, at most ${((highest - before) / 1e6).toFixed(0)} MB more`,
    );
    expect(highest - before).toBeLessThan(600 * 1024 * 1024);
  },
);
