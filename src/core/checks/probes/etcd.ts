import { z } from 'zod';
import type { Deadline } from '../../deadline';
import { MusterError } from '../../errors';
import { parseEndpoint } from '../../etcd/etcdSettings';
import type { ClusterStatus, EndpointStatus } from '../../etcd/etcdStatus';
import type { Host } from '../../inventory/model';
import { resolvePlaceholders } from '../../inventory/placeholders';
import { elapsedMs } from '../elapsedMs';
import { conclude, limitSchema, matchLimit, type Mismatch } from '../expectation';
import type { Finding, Probe, ProbeContext } from '../probe';
import { errorFrom } from '../probeOrders';
import { sizeLimitSchema, sizeText } from '../sizeLimit';

const defaultPort = 2379;
/** Of the check's time: members that answer nothing are then told from those that do. */
const shareOfStatus = 0.8;

const file = (description: string) => z.string().min(1).optional().describe(description);

const settings = z
  .strictObject({
    cluster: z.string().min(1).optional().meta({
      description:
        'A cluster of the section `etcd`: all of its endpoints are asked. Without it the host’s own address is.',
      'x-muster': 'cluster',
    }),
    port: z
      .number()
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe(`Client port of the member at the host’s address. Default: ${defaultPort}.`),
    tls: z
      .strictObject({
        ca: file('PEM file with the authorities to trust; relative to the inventory.'),
        cert: file('PEM file with the client certificate; relative to the inventory.'),
        key: file('PEM file with the key of the client certificate, not encrypted.'),
        serverName: z
          .string()
          .min(1)
          .optional()
          .describe('Name to find in the certificate; the address by default.'),
      })
      .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key belong together')
      .optional()
      .describe('Connect to the host’s address with TLS.'),
    expect: z
      .strictObject({
        maxLatency: limitSchema(
          'Degraded when a read with the consent of most members takes longer.',
          'Unhealthy when a read with the consent of most members takes longer.',
        ).optional(),
        maxDbSize: sizeLimitSchema(
          'Degraded when the database of a member is larger.',
          'Unhealthy when the database of a member is larger.',
        ).optional(),
        members: z
          .number()
          .int()
          .min(1)
          .optional()
          .describe(
            'With `cluster`: unhealthy when fewer endpoints than this are healthy. One that is not makes the check degraded.',
          ),
      })
      .prefault({})
      .describe('What else must hold. A leader there must be, and alarms there must not be.'),
  })
  .refine(({ cluster, port, tls }) => cluster === undefined || (port === undefined && tls === undefined), {
    error: 'a cluster has its own endpoints and tls: leave out port and tls',
    path: ['cluster'],
  });
type Settings = z.output<typeof settings>;

async function run(host: Host, settings: Settings, context: ProbeContext): Promise<Finding> {
  const startedAt = performance.now();
  const status =
    settings.cluster === undefined
      ? await askMember(host, settings, context)
      : await askCluster(settings.cluster, context);
  const [first] = status.endpoints;
  if (settings.cluster === undefined) refuseMember(first!);
  // Nobody answered: why the first did not says more than that an expectation failed.
  else if (status.endpoints.every(({ error }) => error)) throw errorFrom(first!.error!);
  const phases = { total: elapsedMs(startedAt) };
  const warning = warningFor(status);
  return conclude(judge(settings, status), describe(status), { phases, ...(warning && { warning }) });
}

async function askCluster(name: string, { etcd, deadline }: ProbeContext): Promise<ClusterStatus> {
  if (!etcd) throw new MusterError('PROTOCOL', 'clusters cannot be reached from here');
  const cluster = await etcd.ready(name, deadline);
  return cluster.status(callOptions(deadline));
}

async function askMember(
  host: Host,
  { port = defaultPort, tls }: Settings,
  { deadline, directory }: ProbeContext,
): Promise<ClusterStatus> {
  const { openEtcd } = await import('../../etcd/etcdCluster');
  const resolved = Object.entries(tls ?? {}).map(([key, text]) => [key, resolvePlaceholders(text, host)]);
  const address = host.address.includes(':') ? `[${host.address}]` : host.address;
  const cluster = await openEtcd(
    {
      ...{ name: host.name, endpoints: [`${address}:${port}`], prefix: '', readOnly: true, protected: false },
      ...(tls && { tls: Object.fromEntries(resolved) as NonNullable<Settings['tls']> }),
    },
    { directory },
  );
  try {
    return await cluster.status(callOptions(deadline));
  } finally {
    await cluster.close();
  }
}

function callOptions({ limitMs, signal }: Deadline) {
  return { signal, ...(limitMs > 0 && limitMs < Infinity && { timeoutMs: limitMs * shareOfStatus }) };
}

/** @throws MusterError where the one member that was asked gave no answer, or none that counts */
function refuseMember({ error, version }: EndpointStatus): void {
  if (error && !(version !== undefined && wantsUser(error))) throw errorFrom(error);
}

/** It answers, and reads are for users only. */
function wantsUser(error: EndpointStatus['error']): boolean {
  return error?.code === 'AUTH' && error.phase === 'auth';
}

function isSound(endpoint: EndpointStatus): boolean {
  const { healthy, error, errors, leaderId } = endpoint;
  return healthy || (wantsUser(error) && errors.length === 0 && leaderId !== undefined);
}

function judge({ expect, cluster }: Settings, { endpoints, alarms = [] }: ClusterStatus): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const add = (status: Mismatch['status'], expected: string, actual: string) =>
    mismatches.push({ status, expected, actual });
  const answering = endpoints.filter(({ version }) => version !== undefined);
  const leaders = new Set(answering.flatMap(({ leaderId }) => leaderId ?? []));
  // A member that is healthy has one, though etcd 3.6 names it to administrators only.
  if (leaders.size === 0 && !endpoints.some(({ healthy }) => healthy)) add('unhealthy', 'a leader', 'none');
  if (leaders.size > 1) add('degraded', 'one leader', [...leaders].join(' and '));
  for (const { alarm, memberId } of alarms) add('unhealthy', 'no alarm', `${alarm} of member ${memberId}`);
  const sick = endpoints.filter((endpoint) => !isSound(endpoint));
  const sound = endpoints.length - sick.length;
  const { members } = expect;
  if (cluster !== undefined && members !== undefined && sound < members)
    add('unhealthy', `${members} healthy endpoints`, `${sound}: ${sick.map(complaint).join(', ')}`);
  else if (sick.length > 0 && leaders.size > 0)
    add(
      cluster === undefined ? 'unhealthy' : 'degraded',
      cluster === undefined ? 'a healthy member' : `${endpoints.length} healthy endpoints`,
      `${cluster === undefined ? '' : `${sound}: `}${sick.map(complaint).join(', ')}`,
    );
  const latency = Math.max(...endpoints.map(({ latencyMs = 0 }) => latencyMs));
  mismatches.push(
    ...matchLimit(
      expect.maxLatency ?? {},
      (limit) => latency <= limit,
      (limit) => ({ expected: `at most ${limit} ms`, actual: `${latency.toFixed(1)} ms` }),
    ),
  );
  const size = largest(endpoints);
  mismatches.push(
    ...matchLimit(
      expect.maxDbSize ?? {},
      (limit) => size <= limit,
      (limit) => ({ expected: `a database of at most ${sizeText(limit)}`, actual: sizeText(size) }),
    ),
  );
  return mismatches;
}

function complaint({ endpoint, error, errors, leaderId }: EndpointStatus): string {
  const { host, port } = parseEndpoint(endpoint, false);
  const why = error
    ? `${error.code} ${error.message}`
    : (errors[0] ?? (leaderId === undefined ? 'knows no leader' : 'not healthy'));
  return `${host}:${port} ${why}`;
}

function largest(endpoints: readonly EndpointStatus[]): number {
  return Math.max(...endpoints.map(({ dbSize = 0 }) => dbSize));
}

function describe({ endpoints, revision }: ClusterStatus): string {
  const [first] = endpoints;
  const leading = endpoints.find(({ leads }) => leads);
  const latencies = endpoints.flatMap(({ latencyMs }) => latencyMs ?? []);
  const role = first?.leads ? 'leads' : first?.learner ? 'learner' : 'follows';
  const who =
    endpoints.length > 1
      ? `${endpoints.length} endpoints${leading ? `, ${shortName(leading)} leads` : ''}`
      : `etcd ${first?.version}, ${role}`;
  const latency = latencies.length > 0 ? `, ${Math.max(...latencies).toFixed(1)} ms` : '';
  return `${who}, db ${sizeText(largest(endpoints))}, revision ${revision}${latency}`;
}

function shortName({ endpoint }: EndpointStatus): string {
  const { host, port } = parseEndpoint(endpoint, false);
  return `${host}:${port}`;
}

function warningFor({ endpoints, alarms }: ClusterStatus): string | undefined {
  if (endpoints.some(({ error }) => wantsUser(error)))
    return 'the cluster has users, so no read was tried: name it with “cluster” to check as one of them';
  return alarms === undefined
    ? 'whether there are alarms is unknown: they could not be asked for'
    : undefined;
}

export const etcd: Probe<Settings> = {
  type: 'etcd',
  description:
    'Asks members of etcd for their health: a leader, consent of most members, alarms, database size.',
  settings,
  run,
};
