import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../../test/harness/ports';
import { type ProcessGroup, startProcessGroup } from '../../test/harness/processGroup';
import { until } from '../../test/harness/until';
import { type BenchContext, cliFile } from '../context';
import { loopbackAddresses } from '../fixtures/loopbackAddresses';
import { type Contender, measure, type Sample, type Table } from '../measure';
import { percentiles } from '../percentiles';

const targets = 5_000;
const intervalMs = 30_000;
/** After a first interval, in which everything is opened, compiled and asked once. */
const measuredMs = 2 * intervalMs;
/** Of the tick that /proc counts in. */
const tickMs = 10;

/** A service at every address that notes when each was asked. */
class Targets implements AsyncDisposable {
  readonly askedAt = new Map<string, number[]>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  static async start(): Promise<Targets> {
    const server = createServer((request, response) => {
      const address = request.socket.localAddress!;
      const times = started.askedAt.get(address) ?? [];
      times.push(performance.now());
      started.askedAt.set(address, times);
      response.end('ok\n');
    });
    const [port] = (await freePorts(1)) as [number];
    const started = new Targets(port, server);
    await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** CPU time and resident memory of processes. */
async function usageOf(pids: readonly number[]): Promise<{ cpuMs: number; memoryMb: number }> {
  const all = await Promise.all(
    pids.map(async (pid) => {
      const [stat, status] = await Promise.all(
        ['stat', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
      );
      // The name may hold blanks and parentheses.
      const fields = stat!.slice(stat!.lastIndexOf(')') + 2).split(' ');
      const resident = /^VmRSS:\s+(\d+) kB/m.exec(status!)![1];
      return { cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs, kb: Number(resident) };
    }),
  );
  return {
    cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    memoryMb: all.reduce((sum, { kb }) => sum + kb, 0) / 1000,
  };
}

/** What programs on one core take for two intervals, and how far apart from 30 s each target was asked. */
async function observe(
  commandsFor: (port: number) => Promise<readonly (readonly string[])[]>,
): Promise<Sample> {
  await using asked = await Targets.start();
  const groups: ProcessGroup[] = [];
  try {
    for (const command of await commandsFor(asked.port))
      groups.push(await startProcessGroup('taskset', ['--cpu-list', '0', ...command]));
    const begun = performance.now();
    await until('every target was asked', () => asked.askedAt.size === targets, 4 * intervalMs);
    await delay(Math.max(0, begun + intervalMs - performance.now()));
    const pids = groups.map(({ pid }) => pid);
    const before = await usageOf(pids);
    const startedAt = performance.now();
    await delay(measuredMs);
    const after = await usageOf(pids);
    const gaps = [...asked.askedAt.values()].flatMap((times) =>
      times.slice(1).map((time, index) => Math.abs(time - times[index]! - intervalMs)),
    );
    const isWatched = (times: readonly number[]) => times.at(-1)! >= startedAt;
    return {
      wallMs: measuredMs,
      cpuMs: after.cpuMs - before.cpuMs,
      memoryMb: after.memoryMb,
      ...percentiles(gaps),
      ok: [...asked.askedAt.values()].filter(isWatched).length,
    };
  } finally {
    for (const group of groups) await group[Symbol.asyncDispose]();
  }
}

/** 5,000 checks every 30 s on one core: what `muster serve` takes, beside Prometheus with blackbox_exporter. */
export async function* serveScenarios(context: BenchContext): AsyncGenerator<Table> {
  const { directory } = context;
  const addresses = loopbackAddresses(18, targets);
  const file = (name: string) => join(directory, name);
  await writeFile(file('serve.token'), 'correct-horse-battery\n', { mode: 0o600 });

  const served = async (port: number) => {
    const [own] = (await freePorts(1)) as [number];
    const hosts = addresses.map((address, index) => `  target-${index + 1}: { address: ${address} }\n`);
    const check = `health: { type: http, url: "http://{address}:${port}/health", expect: { status: 200 } }`;
    await writeFile(file('serve.yaml'), `hosts:\n${hosts.join('')}checks:\n  ${check}\n`);
    const listen = ['--listen', `127.0.0.1:${own}`, '--token-file', file('serve.token')];
    const interval = ['--interval', '30s', '--inventory', file('serve.yaml'), '--state', file('serve.json')];
    return [[process.execPath, cliFile(directory), 'serve', ...listen, ...interval]];
  };

  const scraped = (prometheus: string, exporter: string) => async (port: number) => {
    const [probes, own] = (await freePorts(2)) as [number, number];
    const urls = addresses.map((address) => `http://${address}:${port}/health`);
    await writeFile(file('targets.json'), JSON.stringify([{ targets: urls }]));
    await writeFile(
      file('blackbox.yml'),
      JSON.stringify({ modules: { health: { prober: 'http', timeout: '5s' } } }),
    );
    const job = {
      ...{ job_name: 'probe', metrics_path: '/probe', params: { module: ['health'] } },
      file_sd_configs: [{ files: [file('targets.json')] }],
      relabel_configs: [
        { source_labels: ['__address__'], target_label: '__param_target' },
        { source_labels: ['__param_target'], target_label: 'instance' },
        { target_label: '__address__', replacement: `127.0.0.1:${probes}` },
      ],
    };
    await writeFile(
      file('prometheus.yml'),
      JSON.stringify({ global: { scrape_interval: '30s' }, scrape_configs: [job] }),
    );
    return [
      [exporter, `--config.file=${file('blackbox.yml')}`, `--web.listen-address=127.0.0.1:${probes}`],
      [
        ...[prometheus, `--config.file=${file('prometheus.yml')}`, `--storage.tsdb.path=${file('tsdb')}`],
        `--web.listen-address=127.0.0.1:${own}`,
      ],
    ];
  };

  const muster: Contender = { name: 'muster serve', round: () => observe(served) };
  const { peers } = context;
  const peer = peers.contender('prometheus', 'Prometheus + blackbox_exporter', (prometheus) =>
    observe(scraped(prometheus, peers.require('prometheus-blackbox-exporter'))),
  );
  const row = (metric: 'cpu' | 'memory' | 'p95' | 'p99', called: string) => ({
    row: called,
    muster,
    peer,
    metric,
  });
  yield await measure({
    title: '5,000 HTTP checks every 30 s on one core, for a minute; Gatus is not served as a Go module here',
    expected: targets,
    rounds: context.rounds ?? 1,
    warmUps: 0,
    comparisons: [
      row('cpu', 'CPU time of a minute'),
      row('memory', 'resident memory'),
      row('p95', 'how far from 30 s a target is asked, p95'),
      row('p99', 'the same, p99'),
    ],
  });
}
