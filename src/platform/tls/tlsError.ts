import type { TLSSocket } from 'node:tls';
import { MusterError, type Phase } from '../errors/errors';
import { t, text } from '../l10n/l10n';
import { printable } from '../text/printable';

const clientCertificate = text('Give a client certificate that the server accepts in tls.cert and tls.key.');

/** What the user can do about a failed handshake, by the code of Node or OpenSSL; the first that matches. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/CERT_HAS_EXPIRED/, text('Renew the certificate of the server.')],
  [/CERT_NOT_YET_VALID/, text('Check the clocks of this machine and of the server.')],
  [/CERT_REVOKED/, text('Replace the certificate of the server: its authority has revoked it.')],
  [
    /ALTNAME_INVALID|HOSTNAME_MISMATCH/,
    text('Set tls.serverName to a name in the certificate, or have one issued for this address.'),
  ],
  [
    /SELF_SIGNED|SIGNATURE_FAILURE|UNABLE_TO_(GET_ISSUER|VERIFY)/,
    text(
      'Name the certificate of its authority in tls.ca, or let the server send its intermediate certificates.',
    ),
  ],
  [
    /CERTIFICATE_REQUIRED|ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|CERTIFICATE|ACCESS_DENIED)/,
    clientCertificate,
  ],
  [/NO_APPLICATION_PROTOCOL/, text('The server does not offer the protocol that expect.alpn names.')],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS/,
    text('The server speaks only versions of TLS that are no longer safe: update or reconfigure it.'),
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST/, text('The port does not speak TLS: check the port.')],
  [/HANDSHAKE_FAILURE/, text('Server and client share no cipher, or the server wants a client certificate.')],
  [/UNRECOGNIZED_NAME/, text('The server does not know that name: set tls.serverName.')],
];

/** The error as a TLS one with what to do, or undefined when it is none. */
export function tlsError(error: unknown, phase: Phase): MusterError | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (
    typeof code !== 'string' ||
    !/^ERR_(TLS|SSL|OSSL)|CERT|SELF_SIGNED|^UNABLE_TO|HOSTNAME_MISMATCH|^EPROTO$/.test(code)
  )
    return undefined;
  // From 24 on Node.js advises an option of its own, which is none of Muster's.
  const message = (error as Error).message.replace(/; if the root CA is installed locally, .*$/s, '');
  // OpenSSL puts the place in its source around the reason.
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? [];
  const [, hint] = advice.find(([pattern]) => pattern.test(code) || pattern.test(message)) ?? [];
  const [, alert] = /_ALERT_(.+)/.exec(code) ?? [];
  const refusal =
    alert && t('the server refused with the TLS alert “{0}”', alert.toLowerCase().replaceAll('_', ' '));
  const failure = reason && t('the TLS handshake failed: {0}', printable(reason, 200));
  return new MusterError('TLS', refusal ?? failure ?? printable(message, 300), {
    // With TLS 1.3 a server refuses its client after the handshake.
    phase: refusal ? 'tls' : phase,
    hint: hint && t(hint),
    cause: error,
  });
}

/** The server hung up in the middle of the handshake. */
export function brokenHandshake(cause: unknown): MusterError {
  return new MusterError('RESET', t('the server closed the connection during the TLS handshake'), {
    phase: 'tls',
    hint: t(
      'The port does not speak TLS, or the server refuses this client: check the port, tls.cert and tls.key.',
    ),
    cause,
  });
}

/** Whether a server wants to know who its client is, and whether the client has said so. */
export interface CertificateRequest {
  /** `unknown` where the TLS library does not say. */
  asked: boolean | 'unknown';
  answered: boolean;
}

/** What became known of it by the end of the handshake. */
export function certificateRequest(socket: TLSSocket): CertificateRequest {
  // What a client shares with a server are the algorithms that the request for a certificate named.
  const asked = socket.getSharedSigalgs().length > 0;
  const answered = Object.keys(socket.getCertificate() ?? {}).length > 0;
  // BoringSSL, which Electron brings, never lists them.
  return { asked: asked || (process.versions.electron === undefined ? false : 'unknown'), answered };
}

/** The server asked who its client is and hung up without an alert, or the alert was lost to the reset. */
export function refusedClient({ answered }: CertificateRequest, cause: unknown): MusterError {
  const message = answered
    ? t('the server asked for a client certificate, got this one, and closed the connection')
    : t('the server asked for a client certificate, got none, and closed the connection');
  return new MusterError('TLS', message, { phase: 'tls', hint: t(clientCertificate), cause });
}
