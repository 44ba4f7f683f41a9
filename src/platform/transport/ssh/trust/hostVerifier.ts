import { MusterError } from '../../../errors/errors';
import type { Authority, HostKeyDecision, Logger, ProjectTrust, Voucher } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { isCertificate, parseHostCertificate } from './hostCertificate';
import { describeKey, type HostTrust } from './hostTrust';
import type { KnownHostsStore } from './knownHostsStore';
import type { Asker } from '../pool/sharedAttempt';
import { SharedQuestions } from '../../../host/sharedQuestions';
import { fingerprintOf, keyTypeOf } from '../sshWire';
import type { SshTarget } from '../pool/sshTarget';
import { knownName, trustSources } from './trustSources';

export interface Presented {
  target: SshTarget;
  /** The key or certificate in wire format. */
  key: Buffer;
  trust: HostTrust;
  /** The host behind the target, when it is a jump. */
  jumpFor: string | undefined;
}

/** A key that is accepted. */
export interface AcceptedKey {
  /** `SHA256:…` of the key; of a certificate that of the key in it, which stays when the certificate is renewed. */
  fingerprint: string;
  vouchedBy: Voucher;
  /** To be done once the server has proved that it holds the key. */
  whenProved?: () => Promise<void>;
}

/** Decides whether a server is the one it should be, before anything secret is sent to it. */
export class HostVerifier {
  private readonly questions = new SharedQuestions<HostKeyDecision>();
  /** Keys that the user trusts without having them remembered, until the pool is closed. */
  private readonly trustedOnce = new Set<string>();
  /** Keys that the user wants remembered, until they are written down: nobody is asked about them a second time. */
  private readonly toRemember = new Set<string>();
  /** How often keys were written down. */
  private readonly timesWritten = new Map<string, number>();

  constructor(
    private readonly store: KnownHostsStore,
    private readonly authority: Authority,
    private readonly logger: Logger,
    /** The file of the inventory that the hosts are from. */
    private readonly inventory: () => string | undefined,
  ) {}

  async trustFor(target: SshTarget): Promise<HostTrust> {
    const inventory = this.inventory();
    const projectFile = inventory === undefined ? undefined : await this.store.projectFile(inventory);
    return this.store.trustFrom(trustSources(target, this.store.ownFile, projectFile));
  }

  /**
   * The key or certificate if it is trusted already, else undefined.
   * @throws MusterError HOST_KEY_MISMATCH, HOST_KEY_UNKNOWN for a certificate that must not be accepted
   */
  accepted(presented: Presented): AcceptedKey | undefined {
    const { key, trust } = presented;
    if (isCertificate(key)) return this.acceptedCertificate(presented);
    const vouchedBy = trust.voucherOf(key) ?? (this.isTrustedOnce(presented) ? 'user' : undefined);
    return vouchedBy && { fingerprint: fingerprintOf(key), vouchedBy };
  }

  /**
   * Resolves when an unknown key is trusted.
   * @throws MusterError HOST_KEY_UNKNOWN, HOST_KEY_MISMATCH
   */
  async ask(presented: Presented, asker: Asker): Promise<AcceptedKey> {
    const { target, key, trust } = presented;
    const question = this.questionOf(presented);
    const timesWritten = this.timesWritten.get(question);
    // It may have been remembered while this server was being connected to.
    const known = this.accepted({ ...presented, trust: await this.trustFor(target) });
    if (known) return known;
    if (trust.authorities.length > 0) throw uncertified(key, trust);
    // It may have been written down while the files were read, which then do not have it yet.
    const isAnswered = this.toRemember.has(question) || this.timesWritten.get(question) !== timesWritten;
    const decision = isAnswered
      ? 'remember'
      : await asker.paused(() =>
          this.questions.ask(question, asker.signal, (signal) => this.askPerson(presented, signal)),
        );
    const accepted: AcceptedKey = { fingerprint: fingerprintOf(key), vouchedBy: 'user' };
    switch (decision) {
      case 'once':
        return accepted;
      case 'remember':
        return { ...accepted, whenProved: () => this.remember(target, key) };
      case 'reject':
        throw unknown(key, target, this.projectOf(target));
    }
  }

  private isTrustedOnce(presented: Presented): boolean {
    return this.trustedOnce.has(this.questionOf(presented));
  }

  /** The inventory, where it has a say in whom to trust or in the way. */
  private projectOf({ knownHosts }: SshTarget): ProjectTrust | undefined {
    const { named, isAliasOfProject, isRouteOfProject } = knownHosts;
    if (named === undefined && !isAliasOfProject && !isRouteOfProject) return undefined;
    return { inventory: this.inventory() ?? '', knownHosts: named ?? [] };
  }

  private questionOf({ target, key }: Pick<Presented, 'target' | 'key'>): string {
    const { inventory = '' } = this.projectOf(target) ?? {};
    return JSON.stringify([knownName(target), key.toString('base64'), inventory]);
  }

  /** Keeps the decision before anybody else may ask, unless the question was withdrawn. */
  private async askPerson(presented: Presented, signal: AbortSignal): Promise<HostKeyDecision> {
    const { target, key, jumpFor } = presented;
    const { name: host, address, port } = target;
    const project = this.projectOf(target);
    const asked = {
      ...{ host, address, port, keyType: keyTypeOf(key), fingerprint: fingerprintOf(key) },
      ...(jumpFor !== undefined && { jumpFor }),
      ...(project && { project }),
    };
    const decision = await this.authority.unknownHostKey(asked, signal);
    if (signal.aborted) return decision;
    if (decision === 'once') this.trustedOnce.add(this.questionOf(presented));
    if (decision === 'remember') this.toRemember.add(this.questionOf(presented));
    return decision;
  }

  /** Writes down a key that a person wants remembered, once the server has proved that it holds it. */
  async remember(target: SshTarget, key: Buffer): Promise<void> {
    const project = this.projectOf(target);
    const name = knownName(target);
    try {
      if (!project) return await this.store.remember(this.store.ownFile, name, key);
      if (project.inventory === '') throw new Error(t('there is no inventory to remember it for'));
      const about = t('keys that were trusted for the inventory {0} only', project.inventory);
      await this.store.remember(await this.store.projectFile(project.inventory), name, key, about);
    } catch (error) {
      this.logger.warn(t('the key of {0} could not be remembered: {1}', target.name, String(error)));
    } finally {
      const question = this.questionOf({ target, key });
      this.timesWritten.set(question, (this.timesWritten.get(question) ?? 0) + 1);
      this.toRemember.delete(question);
    }
  }

  private acceptedCertificate({ target, key, trust }: Presented): AcceptedKey {
    const certificate = parseHostCertificate(key);
    const vouchedBy = trust.voucherOfCertificate(certificate);
    const { hostKeyAlias, address, knownHosts } = target;
    // Which name a certificate must be for is not for the project to say where the user's authority signed it.
    const isByAddress = hostKeyAlias === undefined || (knownHosts.isAliasOfProject && vouchedBy === 'user');
    const fault = vouchedBy
      ? certificate.faultFor(isByAddress ? address : hostKeyAlias)
      : t('its authority is not trusted for this host');
    if (vouchedBy && fault === undefined)
      return { fingerprint: fingerprintOf(certificate.publicKey), vouchedBy };
    throw new MusterError('HOST_KEY_UNKNOWN', t('the host certificate is not accepted: {0}', fault), {
      phase: 'handshake',
      hint: t('Have the certificate of the host renewed, or correct the @cert-authority line.'),
    });
  }
}

function unknown(
  key: Buffer,
  { name, address, port }: SshTarget,
  project: ProjectTrust | undefined,
): MusterError {
  const scan = `ssh-keyscan -p ${port} ${address === name ? name : address}`;
  return new MusterError(
    'HOST_KEY_UNKNOWN',
    t('unknown host key {0} of {1}:{2}', describeKey(key), address, port),
    {
      phase: 'handshake',
      hint: project
        ? t(
            "Compare the fingerprint with the host's own, then trust it for this inventory only (in the CLI: --accept-new) or add it to your own known_hosts: {0}",
            scan,
          )
        : t(
            "Compare the fingerprint with the host's own, then trust it (in the CLI: --accept-new) or add it to known_hosts: {0}",
            scan,
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
