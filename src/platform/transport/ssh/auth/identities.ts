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
import type { CertificateFile, KeyFiles } from './keyFiles';
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
export async function* identities(
  settings: IdentitySettings,
  keyFiles: KeyFiles,
  attempt: SharedAttempt<unknown>,
  report: LeftOut,
  server: ServerAlgorithms,
): AsyncGenerator<Identity, void, void> {
  let listed: Promise<AgentKey[]> | undefined;
  const agent = () => (listed ??= agentKeys(settings.agent, attempt, report));
  const offered = new Set<string>();
  const isNew = (data: Buffer) => {
    const { size } = offered;
    return offered.add(data.toString('base64')).size > size;
  };
  const expired: Identity[] = [];
  const staysLocked = new Set<string>();

  /** A key and its certificate ask for one passphrase. */
  async function unlock(path: string): Promise<ParsedKey | undefined> {
    const key = staysLocked.has(path) ? undefined : await keyFiles.unlock(path, attempt);
    if (key) return key;
    staysLocked.add(path);
    report(
      t('{0}: no right passphrase was given', path),
      t('Load the key into ssh-agent (ssh-add), or be there when its passphrase is asked for.'),
    );
    return undefined;
  }

  /** The same for who has promised a signature. */
  async function unlocked(path: string): Promise<ParsedKey> {
    const key = await unlock(path);
    if (key) return key;
    throw new Error(t('no right passphrase was given'));
  }

  /** Undefined also where it has its turn later. */
  function certified(content: Certificate, where: string, signer: Signer): Identity | undefined {
    if (!isNew(content.data)) return undefined;
    const algorithm = content.keyType === 'ssh-rsa' ? rsaAlgorithm(server) : content.type;
    if (algorithm === undefined) {
      report(
        t('{0}: the server takes RSA certificates with SHA-1 only', where),
        t('Have a certificate made for an Ed25519 or ECDSA key, or update the SSH server of the host.'),
      );
      return undefined;
    }
    const identity = certificateIdentity(content, where, algorithm, signer);
    if (!hasExpired(content)) return identity;
    expired.push(identity);
    return undefined;
  }

  async function* fromAgent(): AsyncGenerator<Identity, void, void> {
    const held = await agent();
    for (const { key, certificate, sign } of held) {
      if (!certificate) continue;
      const later = pausedFor(certificate.keyType, attempt, sign);
      const identity = certified(certificate, t('certificate {0} of the agent', printable(key.comment)), {
        later,
      });
      if (identity) yield identity;
    }
    for (const one of held)
      if (!one.certificate && isNew(one.key.getPublicSSH())) yield keyOfAgent(one, attempt);
  }

  /** What signs for the certificate: a private key that is here, else the agent, else an encrypted key. */
  async function signerFor(content: Certificate, beside?: string): Promise<Signer | undefined> {
    let locked: string | undefined;
    for (const path of beside === undefined ? settings.files : [beside, ...settings.files]) {
      const file = await keyFiles.read(path);
      if (file.kind === 'private' && isOf(file.key, content))
        return { now: (data, algorithm) => wireSignature(file.key, algorithm, data) };
      if (file.kind !== 'encrypted') continue;
      if (file.publicKey ? isOf(file.publicKey, content) : path === beside) locked ??= path;
    }
    const held = (await agent()).find(
      ({ key, certificate }) => certificate?.data.equals(content.data) ?? isOf(key, content),
    );
    if (held) return { later: pausedFor(content.keyType, attempt, held.sign) };
    if (locked === undefined) return undefined;
    const path = locked;
    return {
      later: async (data, algorithm) => {
        const key = await unlocked(path);
        if (!isOf(key, content)) throw new Error(t('{0} is not the key of the certificate', path));
        return wireSignature(key, algorithm, data);
      },
    };
  }

  async function fromFile(
    file: CertificateFile,
    path: string,
    beside?: string,
  ): Promise<Identity | undefined> {
    const where = t('certificate {0}', path);
    if (file.kind === 'unusable') {
      report(`${where}: ${file.reason}`);
      return undefined;
    }
    const signer = await signerFor(file.certificate, beside);
    if (signer) return certified(file.certificate, where, signer);
    report(
      t('{0}: neither an identity file nor an agent has its private key', where),
      t('Name the private key of {0} in ssh.identityFile, or load it into ssh-agent (ssh-add).', where),
    );
    return undefined;
  }

  async function* named(): AsyncGenerator<Identity, void, void> {
    for (const path of settings.certificates ?? []) {
      const file = await keyFiles.certificate(path);
      const identity = await fromFile(file, file.path);
      if (identity) yield identity;
    }
  }

  /** The certificate that OpenSSH looks for where none is named. */
  async function besideKey(path: string): Promise<Identity | undefined> {
    if (settings.certificates) return undefined;
    const file = await keyFiles.certificate(`${path.replace(/\.pub$/, '')}-cert`);
    const isThere = file.kind === 'certificate' || !file.absent;
    return isThere ? fromFile(file, file.path, path) : undefined;
  }

  async function* fromFiles(): AsyncGenerator<Identity, void, void> {
    for (const path of settings.files) {
      const certificate = await besideKey(path);
      if (certificate) yield certificate;
      const file = await keyFiles.read(path);
      if (file.kind === 'unusable') {
        if (settings.explicit || !file.absent) report(`${path}: ${file.reason}`);
        continue;
      }
      if (file.kind === 'certificate') {
        const identity = await fromFile(file, path);
        if (identity) yield identity;
        continue;
      }
      if (file.kind === 'private') {
        if (isNew(file.key.getPublicSSH())) yield privateKey(path, file.key);
        continue;
      }
      const { publicKey } = file;
      if (publicKey && !isNew(publicKey.getPublicSSH())) continue;
      const held = publicKey && (await agent()).find(({ key }) => sameKey(key, publicKey));
      if (held) yield keyOfAgent(held, attempt);
      else if (file.kind !== 'encrypted')
        report(
          file.kind === 'public'
            ? t('{0}: it is a public key, and no agent holds the private one', path)
            : t('{0}: only an agent can use a security key, and none holds this one', path),
          t('Load the private key into ssh-agent (ssh-add).'),
        );
      else if (publicKey) yield lockedKey(path, publicKey, unlocked);
      else {
        const key = await unlock(path);
        if (key) yield privateKey(path, key);
      }
    }
  }

  yield* named();
  if (settings.explicit || settings.only) {
    yield* fromFiles();
    if (!settings.only) yield* fromAgent();
  } else {
    yield* fromAgent();
    yield* fromFiles();
  }
  yield* expired;
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

function lockedKey(
  path: string,
  publicKey: ParsedKey,
  unlocked: (path: string) => Promise<ParsedKey>,
): Identity {
  const sign = async (data: Buffer, hash: string | undefined) => (await unlocked(path)).sign(data, hash);
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
