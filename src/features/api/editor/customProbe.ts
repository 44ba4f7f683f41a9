import { z } from 'zod';
import type { MusterFinding, MusterProbe } from '../../../../api/muster';
import type { Finding, Probe } from '../../checks/core/probe';
import { probes } from '../../checks/core/probes';
import { MusterError, toMusterError } from '../../../platform/errors/errors';
import type { Measurement } from '../../../platform/operation/measurement';
import { printable } from '../../../platform/text/printable';
import { apiHost } from './snapshots';

const statuses = ['healthy', 'degraded', 'unhealthy'];
const common = ['type', 'on', 'timeout'];
const maxValue = 20_000;
const word = z
  .string()
  .min(1)
  .max(100)
  .transform((text) => printable(text));
const measurementsSchema = z
  .array(
    z.object({
      ...{ name: word, value: z.number(), unit: word },
      attributes: z.record(word, z.union([word, z.number(), z.boolean()])).optional(),
    }),
  )
  .max(100);

/**
 * What another extension gives, as the core knows it: its settings are validated, its findings are not believed.
 * @throws MusterError USAGE when the type or the schema is of no use
 */
export function customProbe(type: string, probe: MusterProbe): Probe {
  const { description, settings = {} } = probe;
  if (typeof type !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(type))
    throw unusable(`“${type}” cannot name a kind of check: lower case letters, digits and dashes can`);
  if (probes.some((own) => own.type === type)) throw unusable(`“${type}” is a kind of check of Muster’s own`);
  if (typeof probe.check !== 'function') throw unusable(`the probe “${type}” has no function “check”`);
  return {
    type,
    description: printable(String(description ?? type), 300),
    settings: settingsSchema(type, settings),
    run: async (host, values, { deadline, directory, operation }) => {
      try {
        const { signal } = deadline;
        const context = { signal, directory, ...(operation && { traceparent: operation.traceparent }) };
        return findingOf(type, await probe.check(apiHost(host), { ...values }, context));
      } catch (error) {
        throw failureOf(type, error);
      }
    },
  };
}

function settingsSchema(type: string, settings: object): Probe['settings'] {
  try {
    // Keys that the schema does not name are mistakes, as in every other check.
    const schema = { ...settings, type: 'object', additionalProperties: false } as const;
    const keys = Object.keys((settings as { properties?: object }).properties ?? {});
    const taken = keys.find((key) => common.includes(key));
    if (taken !== undefined) throw new TypeError(`every check has “${taken}” already`);
    return z.fromJSONSchema(schema, {
      defaultTarget: 'draft-7',
    }) as Probe['settings'];
  } catch (error) {
    throw unusable(`the settings of the probe “${type}” have no usable schema`, error);
  }
}

const hint = 'Tell the makers of the extension that registered it.';

/** What a probe threw, as it is; but a fault of its program is one of that extension, and not of Muster. */
function failureOf(type: string, error: unknown): unknown {
  const known = toMusterError(error);
  if (known.code !== 'INTERNAL') return error;
  return new MusterError('PROTOCOL', `the probe “${type}” failed: ${known.message}`, { hint, cause: error });
}

function findingOf(type: string, finding: MusterFinding): Finding {
  if (typeof finding !== 'object' || finding === null || !statuses.includes(finding.status))
    throw new MusterError('PROTOCOL', `the probe “${type}” gave no verdict`, { hint });
  const { status, message, mismatch, measurements } = finding;
  return {
    status,
    message: printable(String(message ?? ''), 500),
    ...(mismatch && {
      mismatch: {
        expected: String(mismatch.expected).slice(0, maxValue),
        actual: String(mismatch.actual).slice(0, maxValue),
      },
    }),
    ...(measurements && { measurements: measurementsOf(type, measurements) }),
  };
}

function measurementsOf(type: string, measurements: unknown): Measurement[] {
  const read = measurementsSchema.safeParse(measurements);
  if (read.success) return read.data;
  throw new MusterError('PROTOCOL', `the probe “${type}” gave measurements that cannot be read`, {
    ...{ hint, cause: read.error },
  });
}

function unusable(message: string, cause?: unknown): MusterError {
  return new MusterError('USAGE', message, { cause });
}
