import { Client, type ClientErrorExtensions } from 'ssh2';
import { MusterError, type Phase, toMusterError } from '../../../errors/errors';
import type { Authority, Logger, SecretDestination } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';
import { Authentication } from '../auth/authentication';
import { logInWithUncommonKeys, type ServerAlgorithms } from '../auth/uncommonKeys';
import { withHostCertificates } from './certificateHandshake';
import { takeShortcuts } from '../pool/clientShortcuts';
import { exchangeRawKeys } from './curveExchange';
import { boundGroup } from './groupExchange';
import { HostKeyCheck } from './hostKeyCheck';
import { onKeyExchange } from './keyExchange';
import { gatherWrites } from '../gatheredWrites';
import { sealPackets } from '../sealPackets';
import { routeOf } from '../pool/hostRoute';
import type { HostTrust } from './hostTrust';
import type { HostVerifier } from './hostVerifier';
import type { KeyFiles } from '../auth/keyFiles';
import type { SharedAttempt } from '../pool/sharedAttempt';
import type { SshTarget } from '../pool/sshTarget';
import type { Transport } from '../transport';

export interface HandshakeOptions {
  authority: Authority;
  verifier: HostVerifier;
  keyFiles: KeyFiles;
  logger: Logger;
  keepaliveMs: number;
}

/** Cheap and strong ones first, a group of the server's own last; SHA-1 and groups of 1024 bits are left out, as by OpenSSH. */
const kex = [
  'ecdh-sha2-nistp256',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group-exchange-sha256',
] as const;
const cipher = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const;
const maxMissedKeepalives = 3;

export interface LoggedIn {
  client: Client;
  /** The server that it is. */
  server: SecretDestination;
}

/**
 * Speaks SSH over the transport until the user is logged in: first the server's key is verified, then the user
 * authenticates. On failure the transport is closed.
 * @throws MusterError in phase handshake or auth
 */
export async function handshake(
  transport: Transport,
  target: SshTarget,
  trust: HostTrust,
  jumpFor: string | undefined,
  attempt: SharedAttempt<unknown>,
  options: HandshakeOptions,
): Promise<LoggedIn> {
  attempt.phase = 'handshake';
  const client = new Client();
  try {
    let server: SecretDestination | undefined;
    let algorithms: ServerAlgorithms = {};
    const authentication = new Authentication(
      target,
      () => server,
      options.authority,
      options.keyFiles,
      attempt,
      () => algorithms,
    );
    let remembered: Promise<void> | undefined;
    await new Promise<void>((resolve, reject) => {
      let failed = false;
      const fail = (error: unknown) => {
        if (failed) return;
        failed = true;
        hostKey.giveUp();
        unhear();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const hostKey = new HostKeyCheck(options.verifier, { target, trust, jumpFor }, attempt, fail);
      const unhear = attempt.onAbort(() => fail(attempt.reason));

      client
        .on('error', (error: Error & ClientErrorExtensions) => {
          // A key that cannot sign is passed over; the next one may do.
          const passedOver = error.level === 'agent' || error.level === 'client-authentication';
          if (passedOver && !authentication.exhausted)
            options.logger.debug(`${target.name}: ${error.message}`);
          else fail(protocolError(error, attempt.phase, authentication));
        })
        .once('handshake', () => {
          attempt.phase = 'auth';
          const { fingerprint, vouchedBy } = hostKey.accepted!;
          server = { fingerprint, vouchedBy, route: routeOf(target) };
          remembered = hostKey.proved();
        })
        .once('ready', () => {
          unhear();
          resolve();
        })
        .once('change password', () => fail(authentication.failure(new Error(t('the password has expired')))))
        .once('close', () => fail(hungUp(attempt.phase, authentication)));
      if (failed) return;
      gatherWrites(transport.stream);
      client.connect({
        sock: transport.stream,
        username: target.user,
        authHandler: authentication.handler,
        hostVerifier: hostKey.verify,
        algorithms: {
          kex: [...kex],
          cipher: [...cipher],
          serverHostKey: [...trust.algorithms] as never,
          compress: ['none'],
        },
        // Other servers than OpenSSH forward to unix sockets, too.
        strictVendor: false,
        readyTimeout: 0,
        keepaliveInterval: target.keepaliveMs ?? options.keepaliveMs,
        keepaliveCountMax: maxMissedKeepalives,
      });
      // ssh2 has paused the stream: this takes nothing from it.
      transport.stream.once('data', () => (transport.heard = attempt.isHeard = true));
      takeShortcuts(client);
      sealPackets(client);
      algorithms = logInWithUncommonKeys(client, options.logger);
      onKeyExchange(client, (exchange) => {
        boundGroup(exchange);
        exchangeRawKeys(exchange);
      });
      if (trust.authorities.length > 0) withHostCertificates(client, trust.algorithms, options.logger);
    });
    authentication.succeeded();
    const { forcedCommand } = authentication;
    if (forcedCommand !== undefined)
      options.logger.info(
        t(
          '{0}: the certificate has the server run “{1}” in place of every command',
          target.name,
          printable(forcedCommand),
        ),
      );
    await remembered;
    return { client, server: server! };
  } catch (error) {
    await transport.close();
    throw toMusterError(attempt.reason ?? error, attempt.whereabouts);
  }
}

function protocolError(error: Error & ClientErrorExtensions, phase: Phase, authentication: Authentication) {
  if (error instanceof MusterError) return error;
  if (error.level === 'client-socket') return toMusterError(error, { phase }, 'RESET');
  if (phase === 'auth' && !isTooLong(error)) return authentication.failure(error);
  if (error.message === 'Connection lost before handshake') return hungUp(phase, authentication, error);
  const what = isTooLong(error)
    ? t('the server sent a message of a length that SSH does not allow')
    : printable(error.message, 300);
  return new MusterError('PROTOCOL', what, {
    phase,
    hint: isTooLong(error)
      ? t(
          'The server sends more in one message than SSH allows, such as a huge banner: check its configuration.',
        )
      : /no matching/i.test(error.message)
        ? t(
            'The server is too old, or restricted to algorithms that Muster does not use: update it, or its sshd_config.',
          )
        : t('Check that an SSH server listens on that port.'),
    cause: error,
  });
}

/** ssh2 refuses longer packets than OpenSSH sends, and greetings without end. */
function isTooLong({ message }: Error): boolean {
  return /packet length|exceed/i.test(message);
}

function hungUp(phase: Phase, authentication: Authentication, cause?: Error): MusterError {
  if (phase === 'auth' && authentication.exhausted) return authentication.failure(cause);
  return new MusterError('RESET', t('the server closed the connection'), {
    phase,
    hint: t("Check the server's log, and its limits (MaxStartups)."),
    cause,
  });
}
