import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import type { LogSession } from '../../../../src/features/logs/core/logSession';
import type { SshdFarm } from '../../../harness/sshd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { standStill } from '../../../harness/standStill';
import { until } from '../../../harness/until';
import { hostOn, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { followersOn, hasEnded, hostThrough, logsOver, scratch, targetOn } from './logFixture';

const hosts = 8;
const rotations = 4;

/** Writes numbered lines as a service does, and rotates its file in the middle of them. */
const writer = (file: string, lines: number, how: 'rename' | 'copytruncate') => `
  const fs = require('fs');
  const file = ${JSON.stringify(file)};
  let fd = fs.openSync(file, 'a');
  const old = (n) => file + '.' + n;
  const rotate = () => {
    for (let n = ${rotations}; n >= 1; n--) if (fs.existsSync(old(n))) fs.renameSync(old(n), old(n + 1));
    if (${JSON.stringify(how)} === 'rename') { fs.renameSync(file, old(1)); fs.closeSync(fd); fd = fs.openSync(file, 'a'); }
    else { fs.copyFileSync(file, old(1)); fs.ftruncateSync(fd); }
  };
  let number = 1;
  const step = () => {
    let block = '';
    for (const end = number - (number % 500) + 500; number < end; number++) block += new Date().toISOString() + ' INFO n=' + number + '\\n';
    fs.writeSync(fd, block);
    if (number === ${lines}) return;
    if (number % ${lines / rotations} === 0) rotate();
    setTimeout(step, number % 5000 === 0 ? 4 : 0);
  };
  step();
`;

/** The numbers of a stream in their order, and where it says that lines may be missing. */
type Found = (number | 'gap')[];

/** Every row up to the last number of each stream. */
async function take(session: LogSession, last: number): Promise<Map<number, Found>> {
  const found = new Map<number, Found>();
  const complete = new Set<number>();
  const stop = new AbortController();
  for await (const rows of session.read({}, stop.signal)) {
    for (const row of rows) {
      const list = found.get(row.stream) ?? [];
      found.set(row.stream, list);
      if (row.lost === null) list.push('gap');
      if (row.kind !== 'line') continue;
      const number = Number(row.text.split('n=')[1]);
      list.push(number);
      if (number === last) complete.add(row.stream);
    }
    if (complete.size === hosts) stop.abort();
  }
  return found;
}

/** Lines that are missing, all of them in a gap that is told. Fails where one is there twice, or misplaced. */
function missingOf(list: Found, lines: number, host: string): number {
  let missing = 0;
  let next = 0;
  let mayMiss = false;
  for (const [index, item] of list.entries()) {
    if (item === 'gap') mayMiss = true;
    // The beginning of a line whose end is in the gap.
    else if (list[index + 1] === 'gap' && !(item >= next)) continue;
    else {
      // An expectation for each of millions would take minutes, in which the hosts would hear nothing.
      if (!(item >= next)) expect.fail(`${host}: ${item} came after ${next - 1}`);
      if (item > next && !mayMiss) expect.fail(`${host}: ${next} to ${item} is missing`);
      missing += item - next;
      mayMiss = false;
      next = item + 1;
    }
  }
  expect(next, host).toBe(lines);
  return missing;
}

/**
 * Eight hosts write numbered lines while their files are rotated, by renaming and by copying and truncating; the link
 * to one is cut, the followers of another stand still. Every number has to be there once, or in a reported gap.
 *
 * @returns in words how many lines are in gaps
 */
export async function everyNumberIsThere(farm: SshdFarm, lines: number, timeoutMs: number): Promise<string> {
  await using place = await scratch();
  const daemons = await Promise.all(Array.from({ length: hosts }, () => farm.start()));
  await using proxy = await TcpProxy.to(daemons[0]!.port);
  await using pool = await poolFor(farm, daemons);
  await using logs = logsOver(pool);
  const files = daemons.map((_, index) => path.join(place.folder, `host-${index}`, 'app.log'));
  for (const file of files) {
    await mkdir(path.dirname(file));
    await writeFile(file, `${new Date().toISOString()} INFO n=0\n`);
  }
  const proxied = await hostThrough(proxy, farm, daemons[0]!, 'host-0');
  const targets = daemons.map((daemon, index) => {
    const target = index === 0 ? proxied : hostOn(farm, daemon, {}, `host-${index}`);
    return targetOn(target, { kind: 'file', path: files[index]! });
  });
  const session = logs.follow({ targets, start: 'beginning' });
  await until('all are followed', () => session.stats.lines === hosts);

  const writers = files.map((file, index) =>
    spawn(process.execPath, ['-e', writer(file, lines, index % 2 === 0 ? 'rename' : 'copytruncate')], {
      stdio: 'inherit',
    }),
  );
  const written = Promise.all(writers.map((child) => once(child, 'exit')));
  const taken = take(session, lines - 1);
  await until('a quarter has come', () => session.stats.lines > (hosts * lines) / 4, timeoutMs);
  proxy.cut();
  const paused = await daemons[1]!.children();
  await Promise.all(paused.map(standStill));
  await until('a half has come', () => session.stats.lines > (hosts * lines) / 2, timeoutMs);
  proxy.restore();
  for (const id of paused) signal(id, 'SIGCONT');
  await written;
  const found = await taken;

  let missing = 0;
  for (const { id, host } of session.streams) missing += missingOf(found.get(id)!, lines, host);
  expect(missing).toBeLessThan((hosts * lines) / 2);
  const started = (await Promise.all(daemons.map(followersOn))).flat();
  expect(started.length).toBeGreaterThanOrEqual(hosts);
  await session.dispose();
  await until('nothing is left on the hosts', () => started.every(hasEnded));
  return `${missing} of ${hosts * lines} lines in reported gaps, ${session.stats.late} late`;
}

function signal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name);
  } catch {
    // What ran on the host for a moment only is gone.
  }
}
