import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { type ParsedKey, utils } from 'ssh2';
import { fileFault } from '../../../files/fileFault';
import { largestFile, readRegularText } from '../../../files/regularFile';
import type { Authority, CredentialRequest } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { refuseLocalLimit } from '../../../errors/localLimit';
import { FileCache } from '../pool/fileCache';
import { parseEncryptedOpenSshKey, publicKeyOf } from './openSshKey';
import type { Asker } from '../pool/sharedAttempt';
import { SharedQuestions } from '../../../host/sharedQuestions';
import type { Certificate } from '../certificate';
import { keyTypeOf } from '../sshWire';
import { uncommonKey } from './uncommonKeys';
import { isCertificateText, parseUserCertificate } from './userCertificate';

/** What is in an identity file. */
export type KeyFile =
  | { kind: 'private'; key: ParsedKey }
  | EncryptedKeyFile
  | { kind: 'public'; publicKey: ParsedKey }
  /** What is here of a key in a security key: an agent has to have it sign. */
  | { kind: 'securityKey'; publicKey: ParsedKey }
  | CertificateFile
  | UnusableFile;

export interface EncryptedKeyFile {
  kind: 'encrypted';
  /** Known if the file or one with `.pub` beside it tells. */
  publicKey: ParsedKey | undefined;
  unlocked?: ParsedKey | undefined;
  /** Resolves to undefined if the passphrase is wrong. */
  unlock(passphrase: string): Promise<ParsedKey | undefined>;
}

type UnusableFile = { kind: 'unusable'; reason: string; absent: boolean };

/** What is in a file of a certificate. */
export type CertificateFile = { kind: 'certificate'; certificate: Certificate } | UnusableFile;

const maxPassphraseTries = 3;

/** Digests of RFC 5656; the others are told by ssh2. */
const defaultDigests: Record<string, string> = {
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};

/** Reads identity files, each once until it changes, and keeps those that were unlocked. */
export class KeyFiles {
  private readonly files = new FileCache(largestFile.key, parseKeyFile);
  private readonly certificates = new FileCache(largestFile.key, parseCertificateFile);
  private readonly questions = new SharedQuestions<ParsedKey | undefined>();

  constructor(private readonly authority: Authority) {}

  async read(path: string): Promise<KeyFile> {
    const file = await loaded<KeyFile>(this.files, path);
    if (file.kind === 'encrypted' && file.unlocked) return { kind: 'private', key: file.unlocked };
    return file;
  }

  /** The certificate in a file of that name, or as for OpenSSH in one with `.pub` behind it. */
  async certificate(path: string): Promise<CertificateFile & { path: string }> {
    for (const name of [path, `${path}.pub`]) {
      const file = await loaded<CertificateFile>(this.certificates, name);
      if (file.kind === 'certificate' || !file.absent) return { ...file, path: name };
    }
    return { ...absent(), path };
  }

  /** Asks for the passphrase; undefined when the user declines, or has given wrong ones only. */
  unlock(path: string, asker: Asker): Promise<ParsedKey | undefined> {
    return asker.paused(() =>
      this.questions.ask(path, asker.signal, async (signal) => {
        const file = await this.files.load(path);
        if (file?.kind !== 'encrypted') return undefined;
        return file.unlocked ?? (file.unlocked = await this.askToUnlock(path, file, signal));
      }),
    );
  }

  protected async askToUnlock(
    path: string,
    file: EncryptedKeyFile,
    signal: AbortSignal,
  ): Promise<ParsedKey | undefined> {
    for (let tries = 0; tries < maxPassphraseTries; tries++) {
      const request: CredentialRequest = {
        kind: 'passphrase',
        subject: path,
        prompt: t('Passphrase for {0}', path),
        echo: false,
        retry: tries > 0,
      };
      const passphrase = await this.authority.credential(request, signal);
      if (passphrase === undefined || signal.aborted) return undefined;
      const key = await file.unlock(passphrase);
      if (!key) continue;
      this.authority.accepted?.(request);
      return key;
    }
    return undefined;
  }
}

/** What the cache has, or why it has nothing. */
async function loaded<File>(files: FileCache<File>, path: string): Promise<File | UnusableFile> {
  try {
    return (await files.load(path)) ?? absent();
  } catch (error) {
    refuseLocalLimit(error);
    return unusable(fileFault(error));
  }
}

function unusable(reason: string): UnusableFile {
  return { kind: 'unusable', absent: false, reason };
}

function absent(): UnusableFile {
  return { kind: 'unusable', absent: true, reason: t('there is no such file') };
}

function parseCertificateFile(_path: string, text: string): CertificateFile {
  try {
    return { kind: 'certificate', certificate: parseUserCertificate(text) };
  } catch (error) {
    return unusable((error as Error).message);
  }
}

const publicSecurityKey = /^\s*(sk-\S+@openssh\.com)\s+([A-Za-z0-9+/]+={0,2})(?:\s+(\S.*))?/;

/** The public half of a key in a security key, out of either of its two files. */
function securityKey(text: string): ParsedKey | undefined {
  const [, , base64, comment] = publicSecurityKey.exec(text) ?? [];
  const data = base64 === undefined ? publicKeyOf(text) : Buffer.from(base64, 'base64');
  const type = data ? keyTypeOf(data) : '';
  return type.startsWith('sk-') ? uncommonKey(type, data!, comment) : undefined;
}

async function parseKeyFile(path: string, text: string): Promise<KeyFile> {
  if (isCertificateText(text)) return parseCertificateFile(path, text);
  const inSecurityKey = securityKey(text);
  if (inSecurityKey) return { kind: 'securityKey', publicKey: inSecurityKey };
  const key = utils.parseKey(text);
  if (!(key instanceof Error)) {
    return key.isPrivateKey()
      ? { kind: 'private', key: parsedOnce(key) }
      : { kind: 'public', publicKey: key };
  }
  if (!/encrypted/i.test(key.message)) return unusable(key.message);
  const encrypted = parseEncryptedOpenSshKey(text);
  const publicKey = utils.parseKey(
    encrypted?.publicKey ?? (await readRegularText(`${path}.pub`, largestFile.key).catch(() => '')),
  );
  const unlock = async (passphrase: string) => {
    const unlocked = encrypted
      ? utils.parseKey((await encrypted.decrypt(passphrase)) ?? '')
      : utils.parseKey(text, passphrase);
    return unlocked instanceof Error || !unlocked.isPrivateKey() ? undefined : parsedOnce(unlocked);
  };
  return { kind: 'encrypted', publicKey: publicKey instanceof Error ? undefined : publicKey, unlock };
}

/** The key with a `sign` that does not have OpenSSL parse it anew each time, which takes longer than to sign. */
function parsedOnce(key: ParsedKey): ParsedKey {
  return signingWith(createPrivateKey(key.getPrivatePEM()), key);
}

/** The key, which signs with a private one that OpenSSL has. */
export function signingWith(privateKey: KeyObject, key: ParsedKey): ParsedKey {
  const digest = key.type === 'ssh-ed25519' ? null : (defaultDigests[key.type] ?? 'sha1');
  key.sign = (data, algorithm) =>
    sign(algorithm ?? digest, typeof data === 'string' ? Buffer.from(data) : data, privateKey);
  return key;
}
