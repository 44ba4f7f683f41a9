import { MusterError, type Phase } from '../errors';
import { t, text } from '../l10n';
import { printable } from '../printable';

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
    /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_CERTIFICATE/,
    text('Give a client certificate that the server accepts in tls.cert and tls.key.'),
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
  const { message } = error as Error;
  const [, hint] = advice.find(([pattern]) => pattern.test(code) || pattern.test(message)) ?? [];
  return new MusterError('TLS', printable(message, 300), {
    phase,
    hint: hint && t(hint),
    cause: error,
  });
}
