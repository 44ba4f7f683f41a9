import { z } from 'zod';
import { MusterError } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../platform/inventory/yaml/placeholders';
import { t, text } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';

const expected = {
  error: text('expected a port, a number from 1 to 65535, or a label of the host such as {label.port}'),
};

/** The port of a service: a number, or a label of the host, as one that was found with its service has. */
export const portSchema = z.union(
  [
    z.int(expected).min(1, expected).max(65535, expected),
    z.string().regex(/^\{label\.[\w./-]+\}$/, expected),
  ],
  expected,
);

/** @throws MusterError INVENTORY for a label that is not a port */
export function portOf(port: z.output<typeof portSchema>, host: Host): number {
  if (typeof port === 'number') return port;
  const value = resolvePlaceholders(port, host);
  if (/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535) return Number(value);
  throw new MusterError('INVENTORY', t('{0} is “{1}”, which is not a port', port, printable(value)), {
    ...{ host: host.name, phase: 'inventory' },
    hint: t('Give the host a label with a number from 1 to 65535.'),
  });
}
