import { MusterError } from '../errors';
import type { Authority, HostKeyDecision, Logger } from '../host';
import { t } from '../l10n';
import { isCertificate, parseHostCertificate } from './hostCertificate';
import { describeKey, type HostTrust } from './hostTrust';
import type { KnownHostsStore } from './knownHostsStore';
import type { SharedAttempt } from './sharedAttempt';
import { SharedQuestions } from './sharedQuestions';
import { fingerprintOf, keyTypeOf } from './sshWire';
import type { SshTarget } from './sshTarget';

export interface Presented {
  target: SshTarget;
  /** The key or certificate in wire format. */
  key: Buffer;
  trust: HostTrust;
  /** The host behind the target, when it is a jump. */
  jumpFor: string | undefined;
}

/** Decides whether a server is the one it should be, before anything secret is sent to it. */
export class HostVerifier {
  private readonly questions = new SharedQuestions<HostKeyDecision>();
  /** Keys that the user trusts without having them remembered, until the pool is closed. */
  private readonly trustedOnce = new Set<string>();

  constructor(
    private readonly store: KnownHostsStore,
    private readonly authority: Authority,
    private readonly logger: Logger,
  ) {}

  trustFor({ address, port, hostKeyAlias, knownHosts }: SshTarget): Promise<HostTrust> {
    // HostKeyAlias stands for the host on any port.
    return this.store.trustFor(hostKeyAlias ?? address, hostKeyAlias === undefined ? port : 22, knownHosts);
  }

  /**
   * Whether the key or certificate is trusted already.
   * @throws MusterError HOST_KEY_MISMATCH, HOST_KEY_UNKNOWN for a certificate that must not be accepted
   */
  knows(presented: Presented): boolean {
    const { target, key, trust } = presented;
    if (isCertificate(key)) {
      this.verifyCertificate(presented);
      return true;
    }
    return trust.knows(key) || this.trustedOnce.has(questionOf(target, key));
  }

  /**
   * Resolves when an unknown key is trusted, with what is to be done once the server has proved that it holds it.
   * @throws MusterError HOST_KEY_UNKNOWN, HOST_KEY_MISMATCH
   */
  async ask(
    presented: Presented,
    attempt: SharedAttempt<unknown>,
  ): Promise<(() => Promise<void>) | undefined> {
    const { target, key, trust } = presented;
    // It may have been remembered while this server was being connected to.
    if ((await this.trustFor(target)).knows(key)) return undefined;
    if (trust.authorities.length > 0) throw uncertified(key, trust);
    const question = questionOf(target, key);
    const decision = await attempt.paused(() =>
      this.questions.ask(question, attempt.signal, (signal) => this.askPerson(presented, signal)),
    );
    switch (decision) {
      case 'once':
        this.trustedOnce.add(question);
        return undefined;
      case 'remember':
        return () => this.remember(target, key);
      case 'reject':
        throw unknown(key, target);
    }
  }

  private askPerson({ target, key, jumpFor }: Presented, signal: AbortSignal): Promise<HostKeyDecision> {
    const { name: host, address, port } = target;
    const asked = { host, address, port, keyType: keyTypeOf(key), fingerprint: fingerprintOf(key) };
    return this.authority.unknownHostKey(jumpFor === undefined ? asked : { ...asked, jumpFor }, signal);
  }

  private async remember(target: SshTarget, key: Buffer): Promise<void> {
    const { address, port, hostKeyAlias } = target;
    try {
      await this.store.remember(hostKeyAlias ?? address, hostKeyAlias === undefined ? port : 22, key);
    } catch (error) {
      this.logger.warn(t('the key of {0} could not be remembered: {1}', target.name, String(error)));
    }
  }

  private verifyCertificate({ target, key, trust }: Presented): void {
    const certificate = parseHostCertificate(key);
    const fault = trust.certifies(certificate)
      ? certificate.faultFor(target.hostKeyAlias ?? target.address)
      : t('its authority is not trusted for this host');
    if (fault === undefined) return;
    throw new MusterError('HOST_KEY_UNKNOWN', t('the host certificate is not accepted: {0}', fault), {
      phase: 'handshake',
      hint: t('Have the certificate of the host renewed, or correct the @cert-authority line.'),
    });
  }
}

function questionOf({ hostKeyAlias, address, port }: SshTarget, key: Buffer): string {
  return `${hostKeyAlias ?? `${address}:${port}`} ${describeKey(key)}`;
}

function unknown(key: Buffer, { name, address, port }: SshTarget): MusterError {
  return new MusterError(
    'HOST_KEY_UNKNOWN',
    t('unknown host key {0} of {1}:{2}', describeKey(key), address, port),
    {
      phase: 'handshake',
      hint: t(
        "Compare the fingerprint with the host's own, then trust it (in the CLI: --accept-new) or add it to known_hosts: ssh-keyscan -p {0} {1}",
        port,
        address === name ? name : address,
      ),
    },
  );
}

function uncertified(key: Buffer, { authorities: [authority] }: HostTrust): MusterError {
  return new MusterError(
    'HOST_KEY_UNKNOWN',
    t(
      'the server presents {0} without a certificate, which {1}:{2} asks for',
      describeKey(key),
      authority!.file,
      authority!.line,
    ),
    {
      phase: 'handshake',
      hint: t('Have the key of the host certified, or add the key itself to known_hosts.'),
    },
  );
}
