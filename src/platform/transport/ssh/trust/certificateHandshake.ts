import type { Client } from 'ssh2';
import type { Logger } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { certificateTypes, isCertificate, parseHostCertificate } from './hostCertificate';

/** The parts of ssh2's key exchange that decide about the server's key. */
interface KeyExchange {
  negotiated: { serverHostKey: string };
  _hostKey: Buffer | undefined;
}

interface Protocol {
  _offer: { lists: Record<string, unknown>; constructor: new (lists: unknown) => Protocol['_offer'] };
  _hostVerifier: (key: Buffer, permit: (permitted: boolean) => void) => unknown;
  _kex: KeyExchange | undefined;
}

interface NameLists {
  kex: { array: string[] };
  cs: Record<string, { array: string[] }>;
  sc: Record<string, { array: string[] }>;
}

/**
 * Lets the server present an OpenSSH host certificate, which ssh2 has no notion of. Call it right after `connect`.
 * Certificates are offered before plain keys. The `hostVerifier` judges a certificate as it does any key; ssh2 goes on
 * with the key that is certified, while the exchange hash is made over the certificate, as the protocol wants.
 * Where ssh2's inside is not as expected, plain keys are offered only, or the signature over the hash is found wrong:
 * it fails closed.
 */
export function withHostCertificates(
  client: Client,
  plainAlgorithms: readonly string[],
  logger: Logger,
): void {
  const protocol = (client as unknown as { _protocol?: Protocol })._protocol;
  try {
    const { lists, constructor } = protocol!._offer;
    const { kex, cs, sc } = lists as unknown as NameLists;
    const verifier = protocol!._hostVerifier;
    protocol!._offer = new constructor({
      kex: kex.array,
      serverHostKey: [...certificateTypes, ...plainAlgorithms],
      cs: arraysOf(cs),
      sc: arraysOf(sc),
    });
    protocol!._hostVerifier = (key, permit) => {
      // Before the verdict: the signature may be next in what was received, and is checked at once.
      if (isCertificate(key)) continueWithCertifiedKey(protocol!._kex!, key);
      return verifier(key, permit);
    };
  } catch (error) {
    logger.warn(t('host certificates cannot be offered with this version of ssh2: {0}', String(error)));
  }
}

/** The first reading of `_hostKey` hashes it, all later ones verify a signature with it. */
function continueWithCertifiedKey(exchange: KeyExchange, certificate: Buffer): void {
  const { keyType, publicKey } = parseHostCertificate(certificate);
  exchange.negotiated.serverHostKey = keyType;
  let hashed = false;
  Object.defineProperty(exchange, '_hostKey', {
    configurable: true,
    get: () => {
      if (hashed) return publicKey;
      hashed = true;
      return certificate;
    },
    set: (value: Buffer | undefined) =>
      Object.defineProperty(exchange, '_hostKey', { value, writable: true, configurable: true }),
  });
}

function arraysOf(lists: Record<string, { array: string[] }>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(lists).map(([name, { array }]) => [name, array]));
}
