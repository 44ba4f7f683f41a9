import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import tls from 'node:tls';
import { z } from 'zod';
import { MusterError } from '../errors';
import type { Host } from '../inventory/model';
import { resolvePlaceholders } from '../inventory/placeholders';

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

/** `tls` of the probes that can present a client certificate. */
export const tlsSchema = z
  .strictObject({
    ...trustShape,
    cert: filePath.optional().describe('PEM file with the client certificate; relative to the inventory.'),
    key: filePath.optional().describe('PEM file with the key of the client certificate, not encrypted.'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key belong together');

export type TlsSettings = z.output<typeof tlsSchema>;

export const insecureWarning = 'certificate verification is off (insecure)';

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
  // Read anew for each check, since certificates are renewed.
  const [ca, cert, key] = await Promise.all(
    (['ca', 'cert', 'key'] as const).map(async (file) => {
      const path = settings?.[file];
      return path === undefined ? undefined : await readPem(file, resolvePlaceholders(path, host), directory);
    }),
  );
  return {
    secureContext: secureContext({ ca, cert, key }),
    rejectUnauthorized: !settings?.insecure,
    // An IP address cannot be asked for (RFC 6066), only be found in the certificate.
    servername: isIP(name) ? '' : name,
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
  };
}

/** By the digest of what they are made of, since making one costs milliseconds. */
const contexts = new Map<string, tls.SecureContext>();
const maxContexts = 64;

function secureContext(pems: Record<'ca' | 'cert' | 'key', string | undefined>): tls.SecureContext {
  const digest = createHash('sha256').update(JSON.stringify(pems)).digest('base64');
  const known = contexts.get(digest);
  if (known) return known;
  try {
    const context = tls.createSecureContext(pems);
    if (contexts.size >= maxContexts) contexts.clear();
    contexts.set(digest, context);
    return context;
  } catch (error) {
    throw unusable(`the files of tls.ca, tls.cert and tls.key: ${(error as Error).message}`, error);
  }
}

async function readPem(name: string, path: string, directory: string): Promise<string> {
  const file = resolve(directory, path.replace(/^~(?=$|[\\/])/, homedir()));
  try {
    const pem = await readFile(file, 'utf8');
    if (pem.includes('-----BEGIN ')) return pem;
  } catch (error) {
    throw unusable(`the file of tls.${name}: ${(error as Error).message}`, error);
  }
  throw unusable(`the file of tls.${name}: ${file} holds no PEM block`);
}

function unusable(what: string, cause?: unknown): MusterError {
  return new MusterError('TLS', `cannot use ${what}`, {
    phase: 'tls',
    hint: 'Each must be a PEM file, and the key must be that of the certificate, without a passphrase.',
    cause,
  });
}
