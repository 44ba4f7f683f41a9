import { z } from 'zod';
import type { Deadline } from '../../../../platform/batch/deadline';
import { errorFrom, MusterError } from '../../../../platform/errors/errors';
import { parseEndpoint } from '../../../etcd/core/client/etcdSettings';
import type { ClusterStatus, EndpointStatus } from '../../../etcd/core/client/etcdStatus';
import type { Host } from '../../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../../platform/l10n/l10n';
import { conclude, limitSchema, matchLimit, type Mismatch } from '../expectation';
import type { Finding, Probe, ProbeContext } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';
import { sizeText } from '../../../../platform/text/sizeText';
import { sizeLimitSchema } from '../sizeLimit';

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
        ca: file(text('PEM file with the authorities to trust; relative to the inventory.')),
        cert: file(text('PEM file with the client certificate; relative to the inventory.')),
        key: file(text('PEM file with the key of the client certificate, not encrypted.')),
        serverName: z
          .string()
          .min(1)
          .optional()
          .describe('Name to find in the certificate; the address by default.'),
      })
      .refine(
        ({ cert, key }) => (cert === undefined) === (key === undefined),
        text('cert and key belong together'),
      )
      .optional()
      .describe('Connect to the host’s address with TLS.'),
    expect: z
      .strictObject({
        maxLatency: limitSchema(
          text('Degraded when a read with the consent of most members takes longer.'),
          text('Unhealthy when a read with the consent of most members takes longer.'),
        ).optional(),
        maxDbSize: sizeLimitSchema(
          text('Degraded when the database of a member is larger.'),
          text('Unhealthy when the database of a member is larger.'),
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
    error: text('a cluster has its own endpoints and tls: leave out port and tls'),
    path: ['cluster'],
  });
type Settings = z.output<typeof settings>;

async function run(host: Host, settings: Settings, context: ProbeContext): Promise<Finding> {
  const measured = new ProbeMeasurements();
  const status =
    settings.cluster === undefined
      ? await askMember(host, settings, context)
      : await askCluster(settings.cluster, context);
  const [first] = status.endpoints;
  if (settings.cluster === undefined) refuseMember(first!);
  // Nobody answered: why the first did not says more than that an expectation failed.
  else if (status.endpoints.every(({ error }) => error)) throw errorFrom(first!.error!);
  measured.total();
  measureEndpoints(status, measured);
  const warning = warningFor(status);
  return conclude(judge(settings, status), describe(status), {
    ...measured.found,
    ...(warning && { warning }),
  });
}

function measureEndpoints({ endpoints, alarms }: ClusterStatus, measured: ProbeMeasurements): void {
  for (const { endpoint, latencyMs, dbSize, dbSizeInUse, revision } of endpoints) {
    const figures = [
      ['etcd.read.duration', latencyMs, 'ms'],
      ['etcd.db.size', dbSize, 'By'],
      ['etcd.db.size_in_use', dbSizeInUse, 'By'],
      ['etcd.revision', revision, '1'],
    ] as const;
    for (const [name, value, unit] of figures)
      if (value !== undefined) measured.record(name, value, unit, { endpoint });
  }
  if (alarms) measured.record('etcd.alarms', alarms.length, '1');
}

async function askCluster(name: string, { etcd, deadline }: ProbeContext): Promise<ClusterStatus> {
  if (!etcd) throw new MusterError('PROTOCOL', t('clusters cannot be reached from here'));
  const cluster = await etcd.ready(name, deadline);
  return cluster.status(callOptions(deadline));
}

async function askMember(
  host: Host,
  { port = defaultPort, tls }: Settings,
  { deadline, directory }: ProbeContext,
): Promise<ClusterStatus> {
  const { openEtcd } = await import('../../../etcd/core/client/etcdCluster');
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
  if (leaders.size === 0 && !endpoints.some(({ healthy }) => healthy))
    add('unhealthy', t('a leader'), t('none'));
  if (leaders.size > 1) add('degraded', t('one leader'), [...leaders].join(t(' and ')));
  for (const { alarm, memberId } of alarms)
    add('unhealthy', t('no alarm'), t('{0} of member {1}', alarm, memberId));
  const sick = endpoints.filter((endpoint) => !isSound(endpoint));
  const sound = endpoints.length - sick.length;
  const { members } = expect;
  if (cluster !== undefined && members !== undefined && sound < members)
    add('unhealthy', t('{0} healthy endpoints', members), `${sound}: ${sick.map(complaint).join(', ')}`);
  else if (sick.length > 0 && leaders.size > 0)
    add(
      cluster === undefined ? 'unhealthy' : 'degraded',
      cluster === undefined ? t('a healthy member') : t('{0} healthy endpoints', endpoints.length),
      `${cluster === undefined ? '' : `${sound}: `}${sick.map(complaint).join(', ')}`,
    );
  const latency = Math.max(...endpoints.map(({ latencyMs = 0 }) => latencyMs));
  mismatches.push(
    ...matchLimit(
      expect.maxLatency ?? {},
      (limit) => latency <= limit,
      (limit) => ({ expected: t('at most {0} ms', limit), actual: t('{0} ms', latency.toFixed(1)) }),
    ),
  );
  const size = largest(endpoints);
  mismatches.push(
    ...matchLimit(
      expect.maxDbSize ?? {},
      (limit) => size <= limit,
      (limit) => ({ expected: t('a database of at most {0}', sizeText(limit)), actual: sizeText(size) }),
    ),
  );
  return mismatches;
}

function complaint({ endpoint, error, errors, leaderId }: EndpointStatus): string {
  const { host, port } = parseEndpoint(endpoint, false);
  const why = error
    ? `${error.code} ${error.message}`
    : (errors[0] ?? (leaderId === undefined ? t('knows no leader') : t('not healthy')));
  return `${host}:${port} ${why}`;
}

function largest(endpoints: readonly EndpointStatus[]): number {
  return Math.max(...endpoints.map(({ dbSize = 0 }) => dbSize));
}

function describe({ endpoints, revision }: ClusterStatus): string {
  const [first] = endpoints;
  const leading = endpoints.find(({ leads }) => leads);
  const latencies = endpoints.flatMap(({ latencyMs }) => latencyMs ?? []);
  const role = first?.leads ? t('leads') : first?.learner ? t('learner') : t('follows');
  const who =
    endpoints.length > 1
      ? [t('{0} endpoints', endpoints.length), ...(leading ? [t('{0} leads', shortName(leading))] : [])].join(
          ', ',
        )
      : t('etcd {0}, {1}', first?.version, role);
  const latency = latencies.length > 0 ? `, ${t('{0} ms', Math.max(...latencies).toFixed(1))}` : '';
  return t('{0}, db {1}, revision {2}{3}', who, sizeText(largest(endpoints)), revision, latency);
}

function shortName({ endpoint }: EndpointStatus): string {
  const { host, port } = parseEndpoint(endpoint, false);
  return `${host}:${port}`;
}

function warningFor({ endpoints, alarms }: ClusterStatus): string | undefined {
  if (endpoints.some(({ error }) => wantsUser(error)))
    return t('the cluster has users, so no read was tried: name it with “cluster” to check as one of them');
  return alarms === undefined
    ? t('whether there are alarms is unknown: they could not be asked for')
    : undefined;
}

export const etcd: Probe<Settings> = {
  type: 'etcd',
  description:
    'Asks members of etcd for their health: a leader, consent of most members, alarms, database size.',
  settings,
  run,
};
