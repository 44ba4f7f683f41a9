import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BenchContext, cliFile } from '../context';
import { FlameGraphPages } from '../fixtures/flameGraphPages';
import { writeCpuProfile, writePprofFile, writeSpeedscopeFile } from '../fixtures/profileFiles';
import { type Comparison, type Contender, measure, type Peer, type Table } from '../measure';
import { peakCommand } from '../peakCommand';

/** Millions of bytes. */
const sizes = [10, 50, 100, 200];
/** What a large file is to be drawn within. */
const limit: Contender = {
  name: 'limit, 10 s and 500 MB',
  round: () => Promise.resolve({ wallMs: 10_000, memoryMb: 500, ok: 1 }),
};

/** Large profiles from a file to the screen, and their functions as text. */
export async function* profilesScenarios(context: BenchContext): AsyncGenerator<Table> {
  const folder = join(context.directory, 'profiles');
  await mkdir(folder);
  yield await drawingTable(context, folder);
  yield await topTable(context, folder);
}

async function drawingTable(context: BenchContext, folder: string): Promise<Table> {
  await promisify(execFile)(process.execPath, ['scripts/build.mjs']);
  for (const size of sizes)
    await writeSpeedscopeFile(join(folder, `${size}.speedscope.json`), size * 1_000_000);
  await writeCpuProfile(join(folder, '50.cpuprofile'), 50_000_000);
  await using pages = await FlameGraphPages.start(
    join(context.directory, 'profile.worker.js'),
    folder,
    'dist/webviews',
  );
  const contender = (page: 'speedscope' | 'muster', name: string, rounds?: number): Contender => ({
    ...{ name: page === 'muster' ? 'Muster' : 'speedscope alone', round: () => pages.draw(page, name) },
    ...(rounds !== undefined && { rounds }),
  });
  const rows = (label: string, name: string, isLarge: boolean): Comparison[] => {
    const muster = contender('muster', name);
    // It takes minutes.
    const peer = contender('speedscope', name, isLarge ? 1 : undefined);
    const within = isLarge ? [limit] : [];
    return [
      ...[peer, ...within].map((one): Comparison => ({
        ...{ row: `${label}: open to drawn`, muster, peer: one, metric: 'wall' },
        ...(one === limit && { target: { atMost: 1 } }),
      })),
      ...[peer, ...within].map((one): Comparison => ({
        ...{ row: `${label}: heap of the page`, muster, peer: one, metric: 'memory' },
        ...(one === limit && { target: { atMost: 1 } }),
      })),
    ];
  };
  return await measure({
    title: 'Flame graphs in Chromium, from opening the page to left heavy on screen',
    expected: 1,
    rounds: context.rounds ?? 3,
    warmUps: 0,
    comparisons: [
      ...sizes.flatMap((size) =>
        rows(`${size} MB speedscope JSON`, `${size}.speedscope.json`, size === Math.max(...sizes)),
      ),
      ...rows('50 MB .cpuprofile', '50.cpuprofile', true),
    ],
  });
}

async function topTable(context: BenchContext, folder: string): Promise<Table> {
  const go = context.peers.path('go');
  const files = [{ label: 'made, 200,000 samples', file: join(folder, 'made.pb.gz') }];
  await writePprofFile(files[0]!.file, 200_000);
  if (go) {
    const program = join(folder, 'program');
    await cp('test/fixtures/profiled', program, { recursive: true });
    await promisify(execFile)(go, ['run', '.'], {
      cwd: program,
      env: { ...process.env, GOFLAGS: '-mod=mod' },
    });
    files.unshift({ label: 'of a Go program', file: join(program, 'cpu.pprof') });
  }
  const rows = files.flatMap(({ label, file }): Comparison[] => {
    const muster: Contender = {
      name: 'muster',
      round: () => peakCommand([process.execPath, cliFile(context.directory), 'profile', 'top', file]),
    };
    const peer: Peer = context.peers.contender('go', 'go tool pprof -top', (path) =>
      peakCommand([path, 'tool', 'pprof', '-top', file]),
    );
    return [
      { row: `${label}: time`, muster, peer, metric: 'wall' },
      { row: `${label}: peak memory`, muster, peer, metric: 'memory' },
    ];
  });
  return await measure({
    title: '`muster profile top` on pprof files',
    expected: 1,
    rounds: context.rounds ?? 5,
    warmUps: 1,
    comparisons: rows,
  });
}
