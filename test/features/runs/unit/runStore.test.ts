import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../../../src/features/runs/core/runBatch';
import { isUnderWay, RunStore } from '../../../../src/features/runs/editor/runStore';
import { readRun, type RunHead, runLine } from '../../../../src/features/runs/editor/storedRun';

const headOf = (number: number, more: Partial<RunHead> = {}): RunHead => ({
  ...{ version: 1, id: `run-${number}`, pid: process.pid, startedAt: 1_700_000_000_000 + number },
  ...{ fleetId: 'f', inventory: '/x/muster.yaml', selector: '@web', title: 'uptime' },
  ...{ request: { command: ['uptime'] }, hosts: ['web-1', 'web-2'] },
  ...more,
});
const resultOf = (host: string, stdout = 'up\n'): RunResult => ({
  ...{ host, status: 'ok', exitCode: 0, signal: null, stdout, stderr: '' },
  ...{ truncated: false, droppedBytes: 0, durationMs: 3 },
});
const end = { traceId: 't', summary: { total: 2, ok: 2, failed: 0, stopped: 0, skipped: 0, durationMs: 9 } };

describe('The store of runs', () => {
  let folder: string;
  const errors: unknown[] = [];
  const storeWith = (count: number, bytes = 1e9) =>
    new RunStore(
      folder,
      () => ({ count, bytes }),
      (error) => errors.push(error),
    );

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'run-store-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    expect(errors.splice(0)).toEqual([]);
  });

  const write = async (store: RunStore, head: RunHead, output = 'up\n') => {
    const journal = await store.begin(head);
    for (const host of head.hosts) journal.result(resultOf(host, output));
    return journal.end(end);
  };

  it('gives back what was written, newest first', async () => {
    const store = storeWith(10);
    await write(store, headOf(1));
    await write(store, headOf(2));
    expect((await store.list()).map(({ head, end }) => [head.id, end?.summary.ok])).toEqual([
      ['run-2', 2],
      ['run-1', 2],
    ]);
    const run = await store.read(headOf(1));
    expect(run?.results.map(({ host, stdout }) => [host, stdout])).toEqual([
      ['web-1', 'up\n'],
      ['web-2', 'up\n'],
    ]);
  });

  it('tells whether all of a run was written', async () => {
    const store = storeWith(10);
    expect(await write(store, headOf(1))).toBe(true);
    expect(await write(store, headOf(1))).toBe(false);
    expect(errors.splice(0)).toMatchObject([{ code: 'EEXIST' }]);
    expect((await store.read(headOf(1)))?.results).toHaveLength(2);
  });

  it('has written what a run under way received once that is asked for, its head too', async () => {
    const store = storeWith(10);
    const journal = await store.begin(headOf(1));
    await journal.flush();
    expect((await store.read(headOf(1)))?.head.hosts).toEqual(['web-1', 'web-2']);
    const output = 'x'.repeat(1_000_000);
    for (const host of ['web-1', 'web-2']) journal.result(resultOf(host, output));
    await journal.flush();
    const read = await store.read(headOf(1));
    expect(read?.results.map(({ stdout }) => stdout.length)).toEqual([1_000_000, 1_000_000]);
    expect(read?.end).toBeUndefined();
    await journal.end(undefined);
    await journal.flush();
  });

  it('keeps what was received when its process is killed in the middle of a line', async () => {
    const gone = headOf(3, { pid: 2 ** 22 + 1 });
    const name = `${String(gone.startedAt).padStart(15, '0')}-${gone.id}.run.ndjson`;
    const torn = runLine({ result: resultOf('web-2') }).slice(0, 40);
    await writeFile(
      join(folder, name),
      runLine({ head: gone }) + runLine({ result: resultOf('web-1') }) + torn,
    );
    const store = storeWith(10);
    const [listed] = await store.list();
    expect(listed?.end).toBeUndefined();
    expect(isUnderWay(listed!)).toBe(false);
    expect((await store.read(gone))?.results.map(({ host }) => host)).toEqual(['web-1']);
  });

  it('is bounded in number and bytes, but keeps the newest and what is under way', async () => {
    const store = storeWith(2);
    const live = await store.begin(headOf(0));
    for (const number of [1, 2, 3]) await write(store, headOf(number));
    expect((await store.list()).map(({ head }) => head.id)).toEqual(['run-3', 'run-2', 'run-0']);
    await live.end(end);
    expect((await store.list()).map(({ head }) => head.id)).toEqual(['run-3', 'run-2']);
    await write(storeWith(10, 1000), headOf(4), 'x'.repeat(5000));
    expect((await store.list()).map(({ head }) => head.id)).toEqual(['run-4']);
  });

  it('lists a run whose names and output are long without reading it whole', async () => {
    const hosts = Array.from({ length: 5000 }, (_, index) => `host-${index}`);
    await write(storeWith(10), headOf(1, { hosts: hosts.slice(0, 5000) }), 'y'.repeat(100));
    const [run] = await storeWith(10).list();
    expect([run?.head.hosts.length, run?.end?.traceId]).toEqual([5000, 't']);
  });

  it('leaves out files that make no sense', async () => {
    await writeFile(join(folder, '1.run.ndjson'), 'not json\n');
    await writeFile(join(folder, '2.run.ndjson'), '');
    await writeFile(join(folder, '3.run.ndjson'), runLine({ head: { ...headOf(1), version: 2 as 1 } }));
    expect(await storeWith(10).list()).toEqual([]);
  });

  it('cannot be forged by output: a result stays one line', async () => {
    const store = storeWith(10);
    await write(store, headOf(1), `\n${runLine({ end })}\u2028`);
    const file = join(folder, (await readdir(folder))[0]!);
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(4);
    await appendFile(file, 'null\n');
    expect(readRun(await readFile(file, 'utf8'))?.results).toHaveLength(2);
  });
});
