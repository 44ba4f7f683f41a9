import {
  type AnyAuthMethod,
  BaseAgent,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';
import { type Certificate, certifiedType } from '../certificate';
import type { IdentitySettings } from '../pool/sshTarget';
import type { SharedAttempt } from '../pool/sharedAttempt';
import { fingerprintOf } from '../sshWire';
import { type AgentKey, agentKeys } from './agent';
import type { CertificateFile, KeyFile, KeyFiles } from './keyFiles';
import { isUncommon, type ServerAlgorithms, uncommonKey } from './uncommonKeys';
import { hasExpired } from './userCertificate';
import { bareSignature, signatureAlgorithm, wireSignature } from './wireSignature';

/** Told why a key is left out, and what would let it be used. */
export type LeftOut = (reason: string, remedy?: string) => void;

/** A key to authenticate with. */
export interface Identity {
  /** For messages: where the key is from and its fingerprint. */
  readonly label: string;
  /** Given where it is a certificate. */
  readonly certificate?: { readonly content: Certificate; readonly where: string };
  method(username: string): AnyAuthMethod;
}

/** What makes signatures in wire format: a private key that is here at once, all else later. */
type Signer =
  | { now: (data: Buffer, algorithm: string) => Buffer }
  | { later: (data: Buffer, algorithm: string) => Promise<Buffer> };

/**
 * The keys to try: named certificates, those of the identity files, then the others that the agent holds; where no file
 * is named, the agent's keys come before OpenSSH's default files. Certificates come before keys of the same origin, and
 * last if they have expired. A passphrase is asked for when the server accepts its key.
 */
export function identities(
  ...given: ConstructorParameters<typeof Identities>
): AsyncGenerator<Identity, void, void> {
  return new Identities(...given).inOrder();
}

class Identities {
  private listed: Promise<AgentKey[]> | undefined;
  private readonly offered = new Set<string>();
  private readonly expired: Identity[] = [];
  private readonly staysLocked = new Set<string>();

  constructor(
    private readonly settings: IdentitySettings,
    private readonly keyFiles: KeyFiles,
    private readonly attempt: SharedAttempt<unknown>,
    private readonly report: LeftOut,
    private readonly server: ServerAlgorithms,
  ) {}

  async *inOrder(): AsyncGenerator<Identity, void, void> {
    const { explicit, only } = this.settings;
    yield* this.named();
    if (explicit || only) {
      yield* this.fromFiles();
      if (!only) yield* this.fromAgent();
    } else {
      yield* this.fromAgent();
      yield* this.fromFiles();
    }
    yield* this.expired;
  }

  private async *named(): AsyncGenerator<Identity, void, void> {
    for (const path of this.settings.certificates ?? []) {
      const file = await this.keyFiles.certificate(path);
      yield* present(await this.ofCertificate(file, file.path));
    }
  }

  private async *fromAgent(): AsyncGenerator<Identity, void, void> {
    const held = await this.agent();
    for (const { key, certificate, sign } of held) {
      if (!certificate) continue;
      const where = t('certificate {0} of the agent', printable(key.comment));
      const later = pausedFor(certificate.keyType, this.attempt, sign);
      yield* present(this.certified(certificate, where, { later }));
    }
    for (const one of held)
      if (!one.certificate && this.isNew(one.key.getPublicSSH())) yield keyOfAgent(one, this.attempt);
  }

  private async *fromFiles(): AsyncGenerator<Identity, void, void> {
    for (const path of this.settings.files) {
      yield* present(await this.besideKey(path));
      yield* present(await this.ofFile(path));
    }
  }

  /** The certificate that OpenSSH looks for where none is named. */
  private async besideKey(path: string): Promise<Identity | undefined> {
    if (this.settings.certificates) return undefined;
    const file = await this.keyFiles.certificate(`${path.replace(/\.pub$/, '')}-cert`);
    const isThere = file.kind === 'certificate' || !file.absent;
    return isThere ? this.ofCertificate(file, file.path, path) : undefined;
  }

  private async ofFile(path: string): Promise<Identity | undefined> {
    const file = await this.keyFiles.read(path);
    switch (file.kind) {
      case 'unusable':
        if (this.settings.explicit || !file.absent) this.report(`${path}: ${file.reason}`);
        return undefined;
      case 'certificate':
        return this.ofCertificate(file, path);
      case 'private':
        return this.isNew(file.key.getPublicSSH()) ? privateKey(path, file.key) : undefined;
      case 'public':
      case 'securityKey':
      case 'encrypted':
        return this.elsewhere(path, file);
    }
  }

  /** A key whose private half the agent may hold, or a passphrase opens. */
  private async elsewhere(
    path: string,
    { kind, publicKey }: Exclude<KeyFile, { kind: 'unusable' | 'certificate' | 'private' }>,
  ): Promise<Identity | undefined> {
    if (publicKey && !this.isNew(publicKey.getPublicSSH())) return undefined;
    const held = publicKey && (await this.agent()).find(({ key }) => sameKey(key, publicKey));
    if (held) return keyOfAgent(held, this.attempt);
    if (kind === 'encrypted') {
      if (publicKey) return lockedKey(path, publicKey, () => this.unlocked(path));
      const key = await this.unlock(path);
      return key && privateKey(path, key);
    }
    this.report(
      kind === 'public'
        ? t('{0}: it is a public key, and no agent holds the private one', path)
        : t('{0}: only an agent can use a security key, and none holds this one', path),
      t('Load the private key into ssh-agent (ssh-add).'),
    );
    return undefined;
  }

  private async ofCertificate(
    file: CertificateFile,
    path: string,
    beside?: string,
  ): Promise<Identity | undefined> {
    const where = t('certificate {0}', path);
    if (file.kind === 'unusable') {
      this.report(`${where}: ${file.reason}`);
      return undefined;
    }
    const signer = await this.signerFor(file.certificate, beside);
    if (signer) return this.certified(file.certificate, where, signer);
    this.report(
      t('{0}: neither an identity file nor an agent has its private key', where),
      t('Name the private key of {0} in ssh.identityFile, or load it into ssh-agent (ssh-add).', where),
    );
    return undefined;
  }

  /** Undefined also where it has its turn later. */
  private certified(content: Certificate, where: string, signer: Signer): Identity | undefined {
    if (!this.isNew(content.data)) return undefined;
    const algorithm = content.keyType === 'ssh-rsa' ? rsaAlgorithm(this.server) : content.type;
    if (algorithm === undefined) {
      this.report(
        t('{0}: the server takes RSA certificates with SHA-1 only', where),
        t('Have a certificate made for an Ed25519 or ECDSA key, or update the SSH server of the host.'),
      );
      return undefined;
    }
    const identity = certificateIdentity(content, where, algorithm, signer);
    if (!hasExpired(content)) return identity;
    this.expired.push(identity);
    return undefined;
  }

  /** What signs for the certificate: a private key that is here, else the agent, else an encrypted key. */
  private async signerFor(content: Certificate, beside?: string): Promise<Signer | undefined> {
    let locked: string | undefined;
    for (const path of [...(beside === undefined ? [] : [beside]), ...this.settings.files]) {
      const file = await this.keyFiles.read(path);
      if (file.kind === 'private' && isOf(file.key, content))
        return { now: (data, algorithm) => wireSignature(file.key, algorithm, data) };
      if (file.kind !== 'encrypted') continue;
      if (file.publicKey ? isOf(file.publicKey, content) : path === beside) locked ??= path;
    }
    const held = (await this.agent()).find(
      ({ key, certificate }) => certificate?.data.equals(content.data) ?? isOf(key, content),
    );
    if (held) return { later: pausedFor(content.keyType, this.attempt, held.sign) };
    return locked === undefined ? undefined : this.lockedSigner(locked, content);
  }

  private lockedSigner(path: string, content: Certificate): Signer {
    return {
      later: async (data, algorithm) => {
        const key = await this.unlocked(path);
        if (!isOf(key, content)) throw new Error(t('{0} is not the key of the certificate', path));
        return wireSignature(key, algorithm, data);
      },
    };
  }

  /** A key and its certificate ask for one passphrase. */
  private async unlock(path: string): Promise<ParsedKey | undefined> {
    const key = this.staysLocked.has(path) ? undefined : await this.keyFiles.unlock(path, this.attempt);
    if (key) return key;
    this.staysLocked.add(path);
    this.report(
      t('{0}: no right passphrase was given', path),
      t('Load the key into ssh-agent (ssh-add), or be there when its passphrase is asked for.'),
    );
    return undefined;
  }

  /** The same for who has promised a signature. */
  private async unlocked(path: string): Promise<ParsedKey> {
    const key = await this.unlock(path);
    if (key) return key;
    throw new Error(t('no right passphrase was given'));
  }

  private agent(): Promise<AgentKey[]> {
    return (this.listed ??= agentKeys(this.settings.agent, this.attempt, this.report));
  }

  /** Whether it was not offered before. */
  private isNew(data: Buffer): boolean {
    const { size } = this.offered;
    return this.offered.add(data.toString('base64')).size > size;
  }
}

function present<Value>(value: Value | undefined): Value[] {
  return value === undefined ? [] : [value];
}

/** As OpenSSH chooses. Before 7.8 its server knew RSA certificates with SHA-1 only, whatever it says about keys. */
function rsaAlgorithm({ signatures = [], software = '' }: ServerAlgorithms): string | undefined {
  if (/^OpenSSH_(?:[1-6]\.|7\.[0-7](?!\d))/.test(software)) return undefined;
  const found = ['rsa-sha2-512', 'rsa-sha2-256'].find((algorithm) => signatures.includes(algorithm));
  return found && `${found}-cert-v01@openssh.com`;
}

function certificateIdentity(
  content: Certificate,
  where: string,
  algorithm: string,
  signer: Signer,
): Identity {
  const signed = certifiedType(algorithm)!;
  const isHere = 'now' in signer;
  const key = uncommonKey(
    algorithm,
    content.data,
    content.keyId,
    isHere ? (data) => signer.now(data, signed) : undefined,
  );
  return {
    label: `${where} (${fingerprintOf(content.publicKey)})`,
    certificate: { content, where },
    method: (username) =>
      isHere
        ? { type: 'publickey', username, key }
        : { type: 'agent', username, agent: new OneKeyAgent(key, (data) => signer.later(data, signed)) },
  };
}

function privateKey(path: string, key: ParsedKey): Identity {
  return {
    label: `${path} (${fingerprintOf(key.getPublicSSH())})`,
    method: (username) => ({ type: 'publickey', username, key }),
  };
}

function keyOfAgent({ key, sign }: AgentKey, attempt: SharedAttempt<unknown>): Identity {
  const later = pausedFor(key.type, attempt, sign);
  const answer = (data: Buffer, digest: string | undefined) =>
    isUncommon(key)
      ? later(data, key.type)
      : later(data, signatureAlgorithm(key.type, digest)).then(bareSignature);
  return {
    label: t('agent key {0} ({1})', printable(key.comment), fingerprintOf(key.getPublicSSH())),
    method: (username) => ({ type: 'agent', username, agent: new OneKeyAgent(key, answer) }),
  };
}

/** While somebody has to touch a security key no clock runs. The server's does. */
function pausedFor(
  keyType: string,
  attempt: SharedAttempt<unknown>,
  sign: AgentKey['sign'],
): AgentKey['sign'] {
  if (!keyType.startsWith('sk-')) return sign;
  return (data, algorithm) => attempt.paused(() => sign(data, algorithm));
}

function sameKey(one: ParsedKey, other: ParsedKey): boolean {
  return one.getPublicSSH().equals(other.getPublicSSH());
}

function isOf(key: ParsedKey, { publicKey }: Certificate): boolean {
  return key.getPublicSSH().equals(publicKey);
}

function lockedKey(path: string, publicKey: ParsedKey, unlocked: () => Promise<ParsedKey>): Identity {
  const sign = async (data: Buffer, hash: string | undefined) => (await unlocked()).sign(data, hash);
  return {
    label: `${path} (${fingerprintOf(publicKey.getPublicSSH())})`,
    method: (username) => ({ type: 'agent', username, agent: new OneKeyAgent(publicKey, sign) }),
  };
}

/** One key as an agent: ssh2 asks the server whether it would take the key before it asks for a signature. */
class OneKeyAgent extends BaseAgent<ParsedKey> {
  constructor(
    private readonly key: ParsedKey,
    private readonly signer: (data: Buffer, hash: string | undefined) => Promise<Buffer>,
  ) {
    super();
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [this.key]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback!;
    const hash = typeof options === 'function' ? undefined : options.hash;
    this.signer(data, hash).then(
      (signature) => done(undefined, signature),
      (error: Error) => done(error),
    );
  }
}
