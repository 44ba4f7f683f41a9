import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { freePort } from '../../test/harness/ports';
import type { BenchContext } from '../context';
import { logFiles } from '../fixtures/logFiles';
import { prepareFleet, startSshd } from '../fixtures/sshFleet';
import { type Contender, fixed, measure, type Peer, type Table } from '../measure';
import { ResidentProcess } from '../residentProcess';
import { timedCommand } from '../timedCommand';

const lines = 1_500_000;
const streams = 8;
/** What the reference program says of itself: lines a second, and its pause in milliseconds at P99. */
const claim = { perSecond: 214_000, pauseMs: 1.3 };
const seconds = 5;

/** A log through SSH, a local one, and several merged. */
export async function* logsScenarios(context: BenchContext): AsyncGenerator<Table> {
  const directory = join(context.directory, 'logs');
  await mkdir(directory, { recursive: true });
  const { whole, parts } = await logFiles(directory, lines, streams);
  const fleet = await prepareFleet(directory, ['127.33.0.1'], await freePort('127.33.0.1'));
  await using servers = await startSshd(context.peers.require('sshd'), directory, fleet);
  const inventory = join(directory, 'muster.yaml');
  await writeFile(
    inventory,
    `hosts:\n  h: { address: 127.33.0.1, ssh: { user: ${fleet.user}, port: ${fleet.port}, identityFile: ${fleet.keyFile}, knownHosts: ${fleet.knownHostsFile} } }\n`,
  );
  const engineFile = join(context.directory, 'logsEngine.cjs');
  await build({ ...context.bundle, entryPoints: ['bench/logsEngine.ts'], outfile: engineFile });
  await using engine = new ResidentProcess('the log engine', process.execPath, [engineFile]);
  const muster = (round: string): Contender => ({ name: 'Muster', round: () => engine.ask(round) });
  const shell = (name: string, command: string): Contender => ({
    name,
    round: () => timedCommand(directory, ['bash', '-c', command], (stdout) => Number(stdout)),
  });
  const ssh = `ssh -F ${fleet.sshConfig.pinned} 127.33.0.1 cat ${whole}`;
  const go = (name: string, before: string, flags: string): Peer =>
    context.goPeers
      ? {
          name,
          round: () =>
            timedCommand(
              directory,
              ['bash', '-c', `${before} ${context.goPeers!.file} logs ${flags}`],
              (stdout) => (JSON.parse(stdout) as { ok: number }).ok,
            ),
        }
      : { name, missing: 'go' };
  const rounds = context.rounds ?? 5;
  const common = { rounds, warmUps: 1, settled: () => servers.settled() };
  const through = muster(`follow ${inventory} ${whole}`);
  const throughCat = muster(`cat ${inventory} ${whole}`);
  const alone: Peer = {
    name: 'ssh2 alone, counting',
    round: () => engine.ask(`count ${inventory} ${whole}`),
  };
  const cat = shell('ssh -c aes128-gcm cat | wc -l', `${ssh} | wc -l`);
  const scanner = go('ssh cat | Go bufio.Scanner', `${ssh} |`, '');
  yield await measure({
    ...common,
    title: `${lines} lines through SSH: found and kept, against counted ones`,
    expected: lines,
    comparisons: [
      { row: 'lines a second', muster: through, peer: cat, metric: 'rate', target: { atLeast: 1.2 } },
      { row: 'CPU of the client', muster: through, peer: cat, metric: 'cpu', target: { atMost: 1 } },
      { row: 'lines a second', muster: through, peer: scanner, metric: 'rate' },
      {
        ...{ row: 'lines a second', muster: through, metric: 'rate', target: { atLeast: 1 } },
        peer: fixed('claim of the reference program', (lines / claim.perSecond) * 1000, lines),
      },
      { row: 'CPU of the client', muster: through, peer: scanner, metric: 'cpu' },
      {
        row: 'lines a second of cat',
        muster: throughCat,
        peer: cat,
        metric: 'rate',
        target: { atLeast: 1.2 },
      },
      { row: 'CPU for those of cat', muster: throughCat, peer: cat, metric: 'cpu', target: { atMost: 1 } },
      { row: 'lines a second of cat', muster: throughCat, peer: alone, metric: 'rate' },
      { row: 'CPU for those of cat', muster: throughCat, peer: alone, metric: 'cpu' },
    ],
  });
  const allRead = muster(`read ${inventory} ${whole}`);
  yield await measure({
    ...common,
    title: `The same, and time and level of each line found, as for a histogram`,
    expected: lines,
    comparisons: [
      { row: 'lines a second', muster: allRead, peer: cat, metric: 'rate' },
      { row: 'CPU of the client', muster: allRead, peer: cat, metric: 'cpu' },
    ],
  });
  const worker = join(context.directory, 'log.worker.cjs');
  await build({
    ...context.bundle,
    entryPoints: ['src/features/logs/core/store/log.worker.ts'],
    outfile: worker,
  });
  const paced = claim.perSecond * seconds;
  yield await measure({
    ...common,
    title: `${claim.perSecond} lines a second for ${seconds} s through SSH, kept in a thread as in the editor`,
    expected: paced,
    comparisons: [
      {
        row: 'P99 of the delay of the event loop',
        muster: muster(`paced ${inventory} ${worker} ${claim.perSecond} ${seconds}`),
        peer: fixed('claim of the reference program', claim.pauseMs),
        metric: 'p99',
        target: { atMost: 1 },
      },
    ],
  });
  const local = muster(`merge ${whole}`);
  yield await measure({
    ...common,
    title: `${lines} local lines: found, read and kept, against counted ones`,
    expected: lines,
    comparisons: [
      { row: 'read', muster: local, peer: shell('wc -l', `wc -l <${whole}`), metric: 'rate' },
      { row: 'read', muster: local, peer: go('Go bufio.Scanner', '', `-file ${whole}`), metric: 'rate' },
    ],
  });
  yield await measure({
    ...common,
    title: `The lines of ${lines} local ones that hold a text, read and searched`,
    expected: lines / 100,
    comparisons: [
      {
        row: 'found',
        muster: muster(`grep ${whole} status=502`),
        peer: shell('grep -c', `LC_ALL=C grep -c status=502 ${whole}`),
        metric: 'wall',
      },
    ],
  });
  yield await measure({
    ...common,
    title: `${streams} local files merged by time, ${lines} lines`,
    expected: lines,
    comparisons: [
      {
        row: 'merged',
        muster: muster(`merge ${parts.join(' ')}`),
        peer: shell('sort -m | wc -l', `LC_ALL=C sort -m ${parts.join(' ')} | wc -l`),
        metric: 'rate',
      },
    ],
  });
}
