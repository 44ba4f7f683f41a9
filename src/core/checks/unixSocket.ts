import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Host } from '../inventory/model';
import { resolvePlaceholders } from '../inventory/placeholders';
import { t, text } from '../l10n';
import { isSocketPath, longestSocketPath } from '../transport/unixSocketError';
import type { ProbeContext } from './probe';
import type { ProbeMeasurements } from './probeMeasurements';

export const socketSchema = z
  .string()
  .regex(/^\//, { error: text('the path of a socket begins with “/”'), abort: true })
  .refine((path) => path.includes('{') || isSocketPath(path), {
    error: () => t('the path of a socket has at most {0} bytes and no control characters', longestSocketPath),
  })
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
