import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogRow } from '../../src/core/logs/logRow';
import type { LogSession } from '../../src/core/logs/logSession';
import { SshdFarm } from '../harness/sshd';
import { TcpProxy } from '../harness/tcpProxy';
import { until } from '../harness/until';
import { followersOn, hasEnded, logsOver, targetOn } from '../integration/logs/logFixture';
import { hostOn, poolFor } from '../integration/ssh/sshFixture';

const hosts = 8;
const lines = 1_000_000;
const rotations = 4;

let farm: SshdFarm;
let folder: string;
beforeAll(async () => {
  farm = await SshdFarm.create();
  folder = await mkdtemp(path.join(tmpdir(), 'muster-logs-'));
});
afterAll(async () => {
  await farm[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Writes numbered lines as a service does, and rotates its file in the middle of them. */
const writer = (file: string, how: 'rename' | 'copytruncate') => `
  const fs = require('fs');
  const file = ${JSON.stringify(file)};
  let fd = fs.openSync(file, 'a');
  const each = ${lines / rotations};
  const old = (n) => file + '.' + n;
  const rotate = () => {
    for (let n = ${rotations}; n >= 1; n--) if (fs.existsSync(old(n))) fs.renameSync(old(n), old(n + 1));
    if (${JSON.stringify(how)} === 'rename') { fs.renameSync(file, old(1)); fs.closeSync(fd); fd = fs.openSync(file, 'a'); }
    else { fs.copyFileSync(file, old(1)); fs.ftruncateSync(fd); }
  };
  let number = 0;
  const step = () => {
    let block = '';
    for (let end = number + 500; number < end; number++) block += new Date().toISOString() + ' INFO n=' + number + '\\n';
    fs.writeSync(fd, block);
    if (number === ${lines}) return;
    if (number % each === 0) rotate();
    setTimeout(step, number % 5000 === 0 ? 4 : 0);
  };
  step();
`;

/** The numbers of each stream, and where it says that lines may be missing. */
async function take(
  session: LogSession,
  isDone: (row: LogRow) => boolean,
): Promise<Map<number, (number | 'gap')[]>> {
  const found = new Map<number, (number | 'gap')[]>();
  const stop = new AbortController();
  for await (const rows of session.read({}, stop.signal)) {
    for (const row of rows) {
      const list = found.get(row.stream) ?? [];
      found.set(row.stream, list);
      if (row.kind === 'line') list.push(Number(row.text.split('n=')[1]));
      else if (row.lost === null) list.push('gap');
      if (isDone(row)) stop.abort();
    }
  }
  return found;
}

test(
  'every number of a million on eight hosts is there once, or in a reported gap, across rotations, a cut link and a paused host',
  { timeout: 600_000 },
  async () => {
    const daemons = await Promise.all(Array.from({ length: hosts }, () => farm.start()));
    await using proxy = await TcpProxy.to(daemons[0]!.port);
    await using pool = await poolFor(farm, daemons);
    const known = await farm.write(
      'proxied',
      await daemons[0]!.knownHostsLine(undefined, `[127.0.0.1]:${proxy.port}`),
    );
    await using logs = logsOver(pool);
    const files = await Promise.all(
      daemons.map(async (_, index) => {
        const directory = path.join(folder, `host-${index}`);
        await mkdir(directory);
        return path.join(directory, 'app.log');
      }),
    );
    const targets = daemons.map((daemon, index) =>
      targetOn(
        hostOn(farm, daemon, index === 0 ? { port: proxy.port, knownHosts: [known] } : {}, `host-${index}`),
        { kind: 'file', path: files[index]! },
      ),
    );
    const session = logs.follow({ targets, start: 'beginning' });
    await until(
      'all are waited for',
      () => session.streams.filter(({ state }) => state === 'waiting').length === hosts,
    );
    const writers = files.map((file, index) =>
      spawn(process.execPath, ['-e', writer(file, index % 2 === 0 ? 'rename' : 'copytruncate')], {
        stdio: 'inherit',
      }),
    );
    const written = Promise.all(writers.map((child) => once(child, 'exit')));
    const last = new Set<number>();
    const taken = take(session, (row) => {
      if (row.kind === 'line' && row.text.endsWith(`n=${lines - 1}`)) last.add(row.stream);
      return last.size === hosts;
    });
    await until('it is half way', () => session.stats.lines > (hosts * lines) / 3, 300_000);
    proxy.cut();
    // The followers of the second host stand still while it writes on.
    const paused = await daemons[1]!.children();
    for (const id of paused) process.kill(id, 'SIGSTOP');
    await until('it is three quarters', () => session.stats.lines > (hosts * lines) / 2, 300_000);
    proxy.restore();
    for (const id of paused) process.kill(id, 'SIGCONT');
    await written;
    const found = await taken;
    let missing = 0;
    for (const stream of session.streams) {
      const list = found.get(stream.id)!;
      let next = 0;
      let mayMiss = false;
      for (const [index, item] of list.entries()) {
        if (item === 'gap') mayMiss = true;
        // The beginning of a line whose end is in the gap.
        else if (list[index + 1] === 'gap' && !(item >= next)) continue;
        else {
          // Never twice, never out of order, and missing only where a gap is told.
          expect(item, stream.host).toBeGreaterThanOrEqual(next);
          if (item > next) {
            expect(mayMiss, `${stream.host}: ${next} to ${item}`).toBe(true);
            missing += item - next;
          }
          mayMiss = false;
          next = item + 1;
        }
      }
      expect(next, stream.host).toBe(lines);
    }
    console.log(`${missing} of ${hosts * lines} lines in reported gaps; ${session.stats.late} late`);
    expect(session.stats.dropped + session.stats.retained).toBeGreaterThan(hosts * lines - missing);
    const started = (await Promise.all(daemons.map(followersOn))).flat();
    await session.dispose();
    await until('nothing is left on the hosts', () => started.every(hasEnded));
  },
);

test('ten million lines are followed with flat memory', { timeout: 600_000 }, async () => {
  const daemon = await farm.start();
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const command = `awk 'BEGIN { for (n = 0; n < 10000000; n++) print "2026-11-26T12:00:00Z INFO request number " n " of many" }'`;
  const session = logs.follow(
    { targets: [targetOn(hostOn(farm, daemon), { kind: 'command', command })] },
    { memory: 64 * 1024 * 1024 },
  );
  let highest = 0;
  const watch = setInterval(() => {
    if (session.stats.lines > 2_000_000) highest = Math.max(highest, process.memoryUsage().rss);
  }, 50);
  await until('a fifth has come', () => session.stats.lines > 2_000_000, 300_000);
  const early = process.memoryUsage().rss;
  await session.ended;
  clearInterval(watch);
  await until('all is counted', () => session.stats.lines === 10_000_000);
  console.log(
    `rss ${(early / 1e6).toFixed(0)} MB after 2 million lines, at most ${(highest / 1e6).toFixed(0)} MB later`,
  );
  expect(highest - early).toBeLessThan(100 * 1024 * 1024);
});
