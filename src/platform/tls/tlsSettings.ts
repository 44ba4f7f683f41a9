import { isIP } from 'node:net';
import tls from 'node:tls';
import { z } from 'zod';
import type { Host } from '../inventory/model';
import { resolvePlaceholders } from '../inventory/yaml/placeholders';
import { text } from '../l10n/l10n';
import { pemContext } from './tlsFiles';

const filePath = z.string().min(1);

/** Keys that say which certificates are trusted. */
export const trustShape = {
  ca: filePath
    .optional()
    .describe(
      'PEM file with the authorities to trust instead of the public ones; relative to the inventory.',
    ),
  serverName: z
    .string()
    .min(1)
    .optional()
    .describe('Name to ask for (SNI) and to find in the certificate; the address by default.'),
  insecure: z
    .boolean()
    .default(false)
    .describe('Accept any certificate. Every result then carries a warning.'),
};

/** Keys of a client certificate; `isWholePair` goes with them. */
export const clientShape = {
  cert: filePath.optional().describe('PEM file with the client certificate; relative to the inventory.'),
  key: filePath.optional().describe('PEM file with the key of the client certificate, not encrypted.'),
};

/** Arguments of `refine` for what has `clientShape`. */
export const isWholePair = [
  ({ cert, key }: { cert?: string; key?: string }) => (cert === undefined) === (key === undefined),
  text('cert and key belong together'),
] as const;

/** `tls` of the http probe. */
export const tlsSchema = z.strictObject({ ...trustShape, ...clientShape }).refine(...isWholePair);

export type TlsSettings = z.output<typeof tlsSchema>;

export const insecureWarning = text('certificate verification is off (insecure)');

/**
 * Options for connecting to `address` with TLS, whose name in the certificate is `serverName` if given.
 * @throws MusterError TLS when a file cannot be used
 */
export async function tlsOptions(
  settings: TlsSettings | undefined,
  address: string,
  host: Host,
  directory: string,
): Promise<tls.ConnectionOptions> {
  const name = settings?.serverName ? resolvePlaceholders(settings.serverName, host) : address;
  const file = (path: string | undefined) =>
    path === undefined ? undefined : resolvePlaceholders(path, host);
  const files = { ca: file(settings?.ca), cert: file(settings?.cert), key: file(settings?.key) };
  return {
    secureContext: await pemContext(files, directory),
    rejectUnauthorized: !settings?.insecure,
    // An IP address cannot be asked for (RFC 6066), only be found in the certificate.
    servername: isIP(name) ? '' : name,
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
  };
}
