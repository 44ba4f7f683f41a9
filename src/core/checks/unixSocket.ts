import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Host } from '../inventory/model';
import { resolvePlaceholders } from '../inventory/placeholders';
import { text } from '../l10n';
import type { ProbeContext } from './probe';
import type { ProbeMeasurements } from './probeMeasurements';

export const socketSchema = z
  .string()
  .regex(/^\//, text('the path of a socket begins with “/”'))
  .optional()
  .describe(
    'Path of a unix socket on the host, in place of a port; reached over SSH, or here. May hold placeholders.',
  );

/** Connects to the socket of a host through its transport. @throws MusterError */
export async function openUnixSocket(
  path: string,
  host: Host,
  { transport, deadline, overrideCircuit }: ProbeContext,
  measured: ProbeMeasurements,
): Promise<Duplex> {
  const startedAt = performance.now();
  const to = { path: resolvePlaceholders(path, host) };
  const stream = await transport.connect(host, to, { deadline, overrideCircuit });
  measured.phase('connect', startedAt);
  return stream;
}
