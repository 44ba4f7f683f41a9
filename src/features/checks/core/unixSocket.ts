import { z } from 'zod';
import type { Host } from '../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../platform/l10n/l10n';
import { isSocketPath, longestSocketPath } from '../../../platform/transport/unixSocketError';
import type { Way } from './connectSocket';
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

/** To the socket of a host, through its transport. */
export function wayToSocket(
  template: string,
  host: Host,
  { transport, deadline, overrideCircuit }: ProbeContext,
  measured: ProbeMeasurements,
): Way {
  const path = resolvePlaceholders(template, host);
  return {
    peer: path,
    async open() {
      const startedAt = performance.now();
      const stream = await transport.connect(host, { path }, { deadline, overrideCircuit });
      measured.phase('connect', startedAt);
      return stream;
    },
  };
}
