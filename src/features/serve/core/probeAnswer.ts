import {
  acceptedFormat,
  exposition,
  expositionTypes,
  type Family,
  secondsOf,
} from '../../../platform/exposition/exposition';
import type { Inventory } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import { type Check, checks } from '../../checks/core/check';
import type { CheckResult } from '../../checks/core/checkBatch';
import { metricEntries } from '../../metrics/core/contract';
import { type Answer, refusal, type Request } from './http/serveHttp';
import type { MakeCheck } from './monitor';
import type { Slots } from './slots';

/** Milliseconds of a scraper's time that are left for the way of the answer, as blackbox_exporter has it. */
const wayMs = 500;
const longestMs = 120_000;

export interface ProbePorts {
  readonly inventory: () => Inventory;
  readonly check: MakeCheck;
  /** Probes under way at most; who finds none free is refused, for he has little time. */
  readonly slots: Slots;
}

/**
 * One check of one host for who asks, in blackbox_exporter's form: `/probe?target=HOST&module=CHECK`. What is not declared
 * is not probed, and a command is only where its check says `expose: true`.
 */
export async function answerProbe(
  { query, headers, signal }: Request,
  { inventory, check: make, slots }: ProbePorts,
): Promise<Answer> {
  const { hosts, section } = inventory();
  const target = one(query, 'target');
  const module = one(query, 'module');
  if (target === undefined || module === undefined)
    return refusal(400, 'name one host and one check: /probe?target=HOST&module=CHECK');
  const check = section(checks).get(module);
  if (!check) return refusal(400, `no check is named “${printable(module)}”`);
  const host = hosts.get(target);
  if (!host || !check.hosts.includes(target))
    return refusal(400, `“${printable(target)}” is not a host of the check “${module}”`);
  if (runsCommand(check, inventory()) && check.settings['expose'] !== true)
    return refusal(403, `the check “${module}” runs a command, and does not say “expose: true”`);
  const givenMs = scrapeTimeoutOf(headers['x-prometheus-scrape-timeout-seconds']);
  if (slots.isTaken) return refusal(503, `${slots.size} probes are under way`);
  const release = await slots.take();
  try {
    const timeoutMs = Math.min(check.timeoutMs || longestMs, givenMs ?? longestMs);
    const startedAt = performance.now();
    const result = await make({ host, check }, { signal, timeoutMs });
    // Nothing is known of the host, which is not the same as that it is down: the scrape itself fails.
    if (result.status === 'skipped') return refusal(503, `not probed: ${printable(result.message, 300)}`);
    const format = acceptedFormat(headers.accept);
    const families = probeFamilies(result, performance.now() - startedAt);
    return { status: 200, type: expositionTypes[format], body: exposition(families, format) };
  } finally {
    release();
  }
}

/** Whether it runs a command line of the inventory: its own, or that of the source whose metrics it reads. */
function runsCommand({ type, settings }: Check, { section }: Inventory): boolean {
  if (type !== 'metric') return type === 'command';
  return section(metricEntries).get(String(settings['source']))?.type === 'command';
}

/** The value of a parameter that was given once. */
function one(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  return value !== undefined && value !== '' && more.length === 0 ? value : undefined;
}

/** Milliseconds that a probe may take, by what the scraper says of its own limit; undefined if it says nothing sensible. */
function scrapeTimeoutOf(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' && /^\d{1,9}(\.\d{1,9})?$/.test(header) ? Number(header) : 0;
  if (seconds <= 0) return undefined;
  const ms = Math.min(seconds * 1000, longestMs);
  return Math.round(ms > 2 * wayMs ? ms - wayMs : ms / 2);
}

/** Names of phases as blackbox_exporter's probe of HTTP has them. */
const httpPhases = { dns: 'resolve', connect: 'connect', tls: 'tls', firstByte: 'processing' } as const;

function probeFamilies({ status, phases = {}, measurements }: ProbedResult, tookMs: number): Family[] {
  const gauge = (name: string, help: string, samples: Family['samples']): Family => ({
    name,
    type: 'gauge',
    help,
    samples,
  });
  const timed = Object.entries(httpPhases).flatMap(([phase, called]) => {
    const ms = phases[phase as keyof typeof httpPhases];
    return ms === undefined ? [] : [{ labels: `phase="${called}"`, value: secondsOf(ms) }];
  });
  const days = measurements.find(({ name }) => name === 'tls.certificate.remaining')?.value;
  return [
    gauge('probe_success', 'Whether the check is healthy, or degraded.', [
      { value: status === 'unhealthy' ? 0 : 1 },
    ]),
    gauge('probe_degraded', 'Whether the check is degraded.', [{ value: status === 'degraded' ? 1 : 0 }]),
    gauge('probe_duration_seconds', 'Time that the probe took.', [{ value: secondsOf(tookMs) }]),
    ...(phases.dns === undefined
      ? []
      : [
          gauge('probe_dns_lookup_time_seconds', 'Time to find the address.', [
            { value: secondsOf(phases.dns) },
          ]),
        ]),
    ...(timed.length === 0 ? [] : [gauge('probe_phase_duration_seconds', 'Time that a phase took.', timed)]),
    ...(days === undefined
      ? []
      : [
          gauge('probe_certificate_remaining_seconds', 'Until the first certificate ends.', [
            { value: days * 86_400 },
          ]),
        ]),
  ];
}

type ProbedResult = Pick<CheckResult, 'status' | 'phases'> & {
  measurements: readonly { name: string; value: number }[];
};
