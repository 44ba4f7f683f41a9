import { isIP } from 'node:net';
import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { t, text } from '../../../../platform/l10n/l10n';
import {
  conclude,
  limitSchema,
  matchLatency,
  matchThreshold,
  type Mismatch,
  thresholdSchema,
} from '../expectation';
import { intervalMs, ping, type Pinged } from '../ping';
import type { Finding, Probe, ProbeContext } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';
import { lookupAddress } from '../../../../platform/transport/sharedLookup';

const settings = z.strictObject({
  count: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('Packets to send, five a second (on Windows one a second). Default: 3.'),
  expect: z
    .strictObject({
      loss: thresholdSchema
        .prefault({ lt: 100, warn: { lte: 0 } })
        .describe(
          'Bounds on lost packets, in percent. Default: unhealthy when all are lost, degraded when some are.',
        ),
      maxLatency: limitSchema(
        text('Degraded when the round trip takes longer on average.'),
        text('Unhealthy when the round trip takes longer on average.'),
      ).optional(),
    })
    .prefault({})
    .describe('What the replies must be like.'),
});
type Settings = z.output<typeof settings>;

function fault({ count }: Pick<Settings, 'count'>, timeoutMs: number): string | undefined {
  const sendingMs = (count - 1) * intervalMs;
  if (timeoutMs === 0 || timeoutMs > sendingMs) return undefined;
  return t(
    '{0} packets take {1} ms, and the check has less: give it a longer timeout, or a smaller count',
    count,
    sendingMs,
  );
}

async function run(host: Host, { count, expect }: Settings, { deadline }: ProbeContext): Promise<Finding> {
  const measured = new ProbeMeasurements();
  const startedAt = performance.now();
  const address = await lookupAddress(host.address, deadline);
  if (isIP(host.address) === 0) measured.phase('dns', startedAt);
  // The time limit of the batch may be another one than that of the check.
  const reason = fault({ count }, deadline.limitMs);
  if (reason !== undefined)
    throw new MusterError('INVENTORY', reason, { host: host.name, phase: 'inventory' });
  const pinged = await ping(address, count, deadline);
  measured.total();
  const { times, judged } = pinged;
  const loss = hundredths((100 * Math.max(0, judged - times.length)) / judged);
  const average =
    times.length > 0 ? hundredths(times.reduce((sum, ms) => sum + ms, 0) / times.length) : undefined;
  measured.record('icmp.loss', Math.round(loss * 100) / 10_000, '1');
  for (const ms of times) measured.record('icmp.round_trip', ms, 'ms');
  const finding = conclude(judge(pinged, loss, average, expect), shown(times.length, judged, average), {
    ...measured.found,
    ...(judged < count && { warning: cut(count - judged, count) }),
  });
  return average === undefined ? finding : { ...finding, latencyMs: average };
}

function judge(
  { complaint }: Pinged,
  loss: number,
  average: number | undefined,
  expect: Settings['expect'],
): Mismatch[] {
  return [
    ...matchThreshold(t('lost packets in percent'), expect.loss, loss).map((mismatch) => ({
      ...mismatch,
      ...(complaint !== undefined && { actual: `${mismatch.actual} (${complaint})` }),
    })),
    ...(average === undefined ? [] : matchLatency(expect.maxLatency, average)),
  ];
}

function shown(replies: number, count: number, average: number | undefined): string {
  return average === undefined
    ? t('{0} of {1} replies', replies, count)
    : t('{0} of {1} replies, {2} ms on average', replies, count, average);
}

function cut(left: number, count: number): string {
  return t(
    'time was up before {0} of {1} packets could be answered: give the check a longer timeout',
    left,
    count,
  );
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

export const icmp: Probe<Settings> = {
  type: 'icmp',
  description: 'Sends ICMP echo requests with the `ping` of this machine, and judges loss and time.',
  settings,
  fault,
  run,
};
