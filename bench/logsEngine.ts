// Muster's log engine in a process that stays: each line of standard input is a round, answered with its sample.
import { open } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { type Core, createCore } from '../src/engine/createCore';
import { Deadline } from '../src/platform/batch/deadline';
import { denyingAuthority, silentLogger } from '../src/platform/host/host';
import { loadInventory } from '../src/platform/inventory/loadInventory';
import type { LogSession } from '../src/features/logs/core/logSession';
import type { LogOrigin } from '../src/features/logs/core/logSource';
import { LogStore } from '../src/features/logs/core/store/logStore';
import { StoreView } from '../src/features/logs/core/store/storeView';
import type { Sample } from './measure';
import { sections } from '../src/engine/sections';

const blockBytes = 1024 * 1024;
/** All of it is kept, as the peers see all of it. */
const memory = 1536 * 1024 * 1024;

/** Works with an engine that has no connection yet, as `ssh` has none. */
async function withCore<Result>(
  inventory: string,
  thread: string | undefined,
  work: (core: Core) => Promise<Result>,
): Promise<Result> {
  const core = createCore({
    ...{ logger: silentLogger, authority: denyingAuthority, knownHostsFile: '/dev/null' },
    ...(thread !== undefined && { logThread: { file: thread } }),
  });
  try {
    core.inventory = await loadInventory(inventory, { sections });
    return await work(core);
  } finally {
    await core.dispose();
  }
}

/** What `work` gives is the number of lines that came through, or what counts them afterwards. */
async function sample(work: () => Promise<number | (() => Promise<number>)>): Promise<Sample> {
  let stallMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    stallMs = Math.max(stallMs, now - last - 1);
    last = now;
  }, 1);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const done = await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  const ok = typeof done === 'number' ? done : await done();
  return { wallMs, cpuMs: (user + system) / 1000, ok, stallMs };
}

const rounds: Record<string, (...words: string[]) => Promise<Sample>> = {
  /** Takes a file of every host of an inventory in to its end. */
  follow: (inventory, path) => taken(inventory, { kind: 'file', path }),
  /** The same, and finds time and level of all lines. */
  read: (inventory, path) => taken(inventory, { kind: 'file', path }, true),
  /** The file as what a command says. */
  cat: (inventory, path) => taken(inventory, { kind: 'command', command: `cat ${path}` }),
  /** What the connection alone gives: lines of the same command, counted and not kept. */
  count: (inventory, path) =>
    withCore(inventory, undefined, (core) =>
      sample(async () => {
        const [host] = core.inventory!.hosts.values();
        const deadline = new Deadline(60_000);
        const channel = await core.transport.exec(host!, `cat ${path}`, { deadline });
        let lines = 0;
        channel.stdout.on('data', (chunk: Buffer) => {
          for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lines++;
        });
        channel.stderr.resume();
        channel.stdin.end();
        await channel.exit;
        deadline.dispose();
        return lines;
      }),
    ),
  /** Lines that are written at a steady pace, kept in a thread as in the editor; how long this thread does nothing else. */
  paced: (inventory, thread, perSecond, seconds) =>
    withCore(inventory, thread, async (core) => {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      const command = pacedWriter(Number(perSecond), Number(seconds));
      const round = await sample(async () => {
        const targets = core.logs.targetsFor([...core.inventory!.hosts.values()], {
          kind: 'command',
          command,
        });
        const session = core.logs.follow({ targets });
        // Not what connecting takes.
        while (session.stats.lines === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        delay.enable();
        await session.ended;
        delay.disable();
        return totalOf(session);
      });
      // The watch itself sleeps for a millisecond.
      return { ...round, p99Ms: Math.max(0, delay.percentile(99) / 1e6 - 1) };
    }),
  /** Files of this machine, merged by time. */
  merge: async (...files) =>
    sample(async () => {
      const store = new LogStore({ memory, holdMs: 250 });
      await readAll(store, files);
      return store.endSeq;
    }),
  /** A file of this machine, and how many of its lines hold a text. */
  grep: async (file, text) =>
    sample(async () => {
      const store = new LogStore({ memory, holdMs: 250 });
      await readAll(store, [file]);
      const view = new StoreView(store);
      view.setFilter({ include: [{ text: text, caseSensitive: true }] });
      while (view.advance(Infinity));
      return view.state.end - view.state.first;
    }),
};

/** Takes in to its end what every host of an inventory has of this. */
function taken(inventory: string, origin: LogOrigin, areRead = false): Promise<Sample> {
  return withCore(inventory, undefined, (core) =>
    sample(async () => {
      const targets = core.logs.targetsFor([...core.inventory!.hosts.values()], origin);
      const session = core.logs.follow({ targets, start: 'beginning', follow: false }, { memory });
      await session.ended;
      const total = () => totalOf(session);
      return areRead ? total() : total;
    }),
  );
}

/** Ends the session; a view reads all of its lines. */
async function totalOf(session: LogSession): Promise<number> {
  const view = await session.view();
  const { total } = view.state;
  await session.dispose();
  return total;
}

/** A command line that writes lines at a steady pace. */
function pacedWriter(perSecond: number, seconds: number): string {
  const script = `
    let number = 0;
    const begin = performance.now();
    const step = () => {
      const due = Math.min(${perSecond * seconds}, Math.floor((performance.now() - begin) * ${perSecond / 1000}));
      const time = new Date().toISOString();
      let block = "";
      for (; number < due; number++) block += time + " INFO request order_id=" + number + " path=/api/v1/orders status=200 took=7ms\\n";
      process.stdout.write(block);
      if (number < ${perSecond * seconds}) setTimeout(step, 5);
    };
    step();`;
  return `${process.execPath} -e '${script}'`;
}

/** A block of each in turn. */
async function readAll(store: LogStore, files: readonly string[]): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(blockBytes);
  let handles = await Promise.all(files.map(async (file, id) => ({ id, handle: await open(file) })));
  for (const { id } of handles) store.open({ id, feed: id, prefix: '', format: 'auto' });
  while (handles.length > 0) {
    for (const { id, handle } of handles) {
      const { bytesRead } = await handle.read(buffer, 0, blockBytes);
      if (bytesRead > 0) store.append(id, buffer, 0, bytesRead);
      else {
        store.phase(id, 'ended');
        await handle.close();
        handles = handles.filter((other) => other.id !== id);
      }
    }
    store.flush();
  }
  store.flush(true);
  store.read();
}

async function serve(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...words] = line.split(' ') as [string, ...string[]];
    process.stdout.write(`${JSON.stringify(await rounds[name]!(...words))}\n`);
  }
}

void serve();
