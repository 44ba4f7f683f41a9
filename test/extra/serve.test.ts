import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type RunningServe,
  type Sink,
  startServe,
  startSink,
  token,
} from '../features/serve/integration/startServe';
import { freePorts } from '../harness/ports';
import { scratchFolder, type ScratchFolder } from '../harness/scratchFolder';
import { until } from '../harness/until';

let folder: ScratchFolder;
let service: Sink;
let serve: RunningServe;
let prometheus: string;
let alertmanager: string;
const started: ChildProcess[] = [];

function start(file: string, args: readonly string[]): void {
  started.push(spawn(file, args, { cwd: folder.path, stdio: 'ignore' }));
}

async function asked<Value>(url: string): Promise<Value | undefined> {
  const response = await fetch(url).catch(() => undefined);
  return response?.ok ? ((await response.json()) as Value) : undefined;
}

/** The values of a query, by the host or instance that they are of. */
async function query(expression: string): Promise<Record<string, number>> {
  type Found = { data: { result: { metric: Record<string, string>; value: [number, string] }[] } };
  const found = await asked<Found>(`${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return Object.fromEntries(
    (found?.data.result ?? []).map(({ metric, value }) => [
      metric.host ?? metric.instance ?? '',
      Number(value[1]),
    ]),
  );
}

interface ShownAlert {
  labels: Record<string, string>;
  generatorURL: string;
  startsAt: string;
}
const firing = async () =>
  ((await asked<ShownAlert[]>(`${alertmanager}/api/v2/alerts?filter=host=web`)) ?? []).filter(
    ({ labels }) => labels.check === 'health',
  );

beforeAll(async () => {
  service = await startSink();
  const [prometheusPort, alertmanagerPort] = (await freePorts(2)) as [number, number];
  prometheus = `http://127.0.0.1:${prometheusPort}`;
  alertmanager = `http://127.0.0.1:${alertmanagerPort}`;
  folder = await scratchFolder({
    'muster.yaml': `hosts: { web: { address: 127.0.0.1 }, dead: { address: 127.0.0.1 } }
checks:
  health: { type: http, url: "${service.url}/", on: web, interval: 1s }
  port: { type: tcp, port: 1, on: dead, interval: 1s }
`,
  });
  serve = await startServe(folder, ['--alertmanager', alertmanager, '--external-url', 'http://ops.example/']);
  const { port } = serve;
  const auth = { authorization: { credentials_file: 'token' } };
  const targets = [`127.0.0.1:${port}`];
  await folder.write(
    'prometheus.yml',
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        { job_name: 'serve', ...auth, static_configs: [{ targets }] },
        {
          ...{
            job_name: 'probe',
            metrics_path: '/probe',
            basic_auth: { username: 'x', password_file: 'token' },
          },
          params: { module: ['health'] },
          static_configs: [{ targets: ['web', 'nobody'] }],
          relabel_configs: [
            { source_labels: ['__address__'], target_label: '__param_target' },
            { source_labels: ['__param_target'], target_label: 'instance' },
            { target_label: '__address__', replacement: targets[0] },
          ],
        },
      ],
    }),
  );
  await folder.write(
    'alertmanager.yml',
    JSON.stringify({
      route: { receiver: 'muster', group_wait: '1s', group_interval: '1s' },
      receivers: [
        {
          name: 'muster',
          webhook_configs: [
            {
              url: `http://127.0.0.1:${port}/alerts`,
              http_config: { authorization: { credentials_file: join(folder.path, 'token') } },
            },
          ],
        },
      ],
    }),
  );
  start('prometheus', [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data',
    `--web.listen-address=127.0.0.1:${prometheusPort}`,
  ]);
  start('prometheus-alertmanager', [
    '--config.file=alertmanager.yml',
    '--storage.path=alerts',
    `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
    '--cluster.listen-address=',
  ]);
});

afterAll(async () => {
  for (const child of started) {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }
  await serve[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

it('promtool finds nothing wrong with the metrics', async () => {
  const { text } = await serve.get('/metrics');
  const child = execFile('promtool', ['check', 'metrics']);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream!.on('data', (piece: string) => (said += piece));
  child.stdin!.end(text);
  const [status] = (await once(child, 'close')) as [number];
  expect([status, said]).toEqual([0, '']);
});

it('Prometheus scrapes the metrics, and schedules probes of hosts', async () => {
  await until('it has scraped', async () => {
    const values = await query('muster_check_status{status="unhealthy"}');
    return values.dead === 1 && values.web === 0;
  });
  await until('it has probed', async () => (await query('probe_success')).web === 1);
  // What is not in the inventory is an error of the scrape, not a host that is down.
  await until('it was refused', async () => (await query('up{job="probe"}')).nobody === 0);
  expect(await query('probe_success')).not.toHaveProperty('nobody');
  expect(await query('rate(muster_check_lateness_seconds_count[1m])')).toBeDefined();
  expect(await query('muster_build_info')).not.toEqual({});
});

it('Prometheus sees within its own time that a probe hangs', async () => {
  service.holds = true;
  try {
    await until('it fails', async () => (await query('probe_success')).web === 0);
    expect((await query('up{job="probe"}')).web).toBe(1);
  } finally {
    service.release();
  }
});

it('Alertmanager gets an alert, sends it back by its webhook, and hears that it has ended', async () => {
  service.status = 500;
  const [alert] = await until('it fires', async () => {
    const all = await firing();
    return all.length > 0 ? all : undefined;
  });
  expect(alert).toMatchObject({
    labels: { alertname: 'MusterCheckUnhealthy', severity: 'critical', type: 'http' },
    generatorURL: 'http://ops.example/',
  });
  type Received = { received: { status: string; labels: Record<string, string> }[] };
  const received = async () =>
    (JSON.parse((await serve.get('/alerts')).text) as Received).received.find(
      ({ labels }) => labels.check === 'health',
    )?.status;
  await until('it comes back', async () => (await received()) === 'firing');
  service.status = 200;
  await until('it ends', async () => (await firing()).length === 0);
  await until('that it ended comes back', async () => (await received()) === 'resolved');
  expect(serve.said()).not.toContain(token);
});
