import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import tls from 'node:tls';
import { homeFolder } from '../files/homeFolder';
import { MusterError } from '../errors/errors';
import { fileFault } from '../files/fileFault';
import { largestFile, readRegularText } from '../files/regularFile';
import { t } from '../l10n/l10n';
import { refuseLocalLimit, whenDescriptorsAreFree } from '../errors/localLimit';

/** Paths of PEM files. */
export interface PemFiles {
  ca?: string;
  cert?: string;
  key?: string;
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
    throw unusable(t('the files of tls.ca, tls.cert and tls.key: {0}', (error as Error).message), error);
  }
}

/**
 * What is trusted and shown on TLS connections, from PEM files relative to `directory`; read anew at each call, since
 * certificates are renewed. @throws MusterError TLS when a file cannot be used
 */
export async function pemContext(files: PemFiles, directory: string): Promise<tls.SecureContext> {
  const [ca, cert, key] = await Promise.all(
    (['ca', 'cert', 'key'] as const).map(async (name) => {
      const path = files[name];
      return path === undefined ? undefined : await readPem(name, path, directory);
    }),
  );
  return secureContext({ ca, cert, key });
}

/** The text of a PEM file; `name` is what the settings call it. @throws MusterError TLS when it cannot be used */
export async function readPem(name: string, path: string, directory: string): Promise<string> {
  const file = resolve(directory, path.replace(/^~(?=$|[\\/])/, homeFolder()));
  try {
    const pem = await whenDescriptorsAreFree(() => readRegularText(file, largestFile.certificates));
    if (pem.includes('-----BEGIN ')) return pem;
  } catch (error) {
    refuseLocalLimit(error);
    throw unusable(t('the file of tls.{0}: {1}', name, `${file}: ${fileFault(error)}`), error);
  }
  throw unusable(t('the file of tls.{0}: {1} holds no PEM block', name, file));
}

function unusable(what: string, cause?: unknown): MusterError {
  return new MusterError('TLS', t('cannot use {0}', what), {
    phase: 'tls',
    hint: t('Each must be a PEM file, and the key must be that of the certificate, without a passphrase.'),
    cause,
  });
}
