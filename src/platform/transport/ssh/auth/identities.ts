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
import { type AgentKey, agentKeys } from './agent';
import type { KeyFiles } from './keyFiles';
import type { SharedAttempt } from '../pool/sharedAttempt';
import { fingerprintOf } from '../sshWire';
import type { IdentitySettings } from '../pool/sshTarget';

/** Told why a key is left out, and what would let it be used. */
export type LeftOut = (reason: string, remedy?: string) => void;

/** A key to authenticate with. */
export interface Identity {
  /** For messages: where the key is from and its fingerprint. */
  readonly label: string;
  method(username: string): AnyAuthMethod;
}

/**
 * The keys to try: those of the identity files, then the others that the agent holds; where no file is named, the
 * agent's keys come before OpenSSH's default files. A passphrase is asked for when the server accepts its key.
 */
export async function* identities(
  settings: IdentitySettings,
  keyFiles: KeyFiles,
  attempt: SharedAttempt<unknown>,
  report: LeftOut,
): AsyncGenerator<Identity, void, void> {
  let listed: Promise<AgentKey[]> | undefined;
  const agent = () => (listed ??= agentKeys(settings.agent, report));
  const offered = new Set<string>();
  const isNew = (key: ParsedKey) => {
    const { size } = offered;
    return offered.add(key.getPublicSSH().toString('base64')).size > size;
  };

  async function* fromAgent(): AsyncGenerator<Identity, void, void> {
    for (const held of await agent()) if (isNew(held.key)) yield keyOfAgent(held);
  }

  async function* fromFiles(): AsyncGenerator<Identity, void, void> {
    for (const path of settings.files) {
      const file = await keyFiles.read(path);
      if (file.kind === 'unusable') {
        if (settings.explicit || !file.absent) report(`${path}: ${file.reason}`);
        continue;
      }
      if (file.kind === 'private') {
        if (isNew(file.key)) yield privateKey(path, file.key);
        continue;
      }
      const { publicKey } = file;
      if (publicKey && !isNew(publicKey)) continue;
      const held = publicKey && (await agent()).find(({ key }) => sameKey(key, publicKey));
      if (held) yield keyOfAgent(held);
      else if (file.kind === 'public')
        report(
          t('{0}: it is a public key, and no agent holds the private one', path),
          t('Load the private key into ssh-agent (ssh-add).'),
        );
      else if (publicKey) yield lockedKey(path, publicKey, keyFiles, attempt, report);
      else {
        const key = await keyFiles.unlock(path, attempt);
        if (key) yield privateKey(path, key);
        else reportLocked(path, report);
      }
    }
  }

  if (settings.explicit || settings.only) {
    yield* fromFiles();
    if (!settings.only) yield* fromAgent();
  } else {
    yield* fromAgent();
    yield* fromFiles();
  }
}

function privateKey(path: string, key: ParsedKey): Identity {
  return {
    label: `${path} (${fingerprintOf(key.getPublicSSH())})`,
    method: (username) => ({ type: 'publickey', username, key }),
  };
}

function keyOfAgent({ key, sign }: AgentKey): Identity {
  return {
    label: t('agent key {0} ({1})', printable(key.comment), fingerprintOf(key.getPublicSSH())),
    method: (username) => ({ type: 'agent', username, agent: new OneKeyAgent(key, sign) }),
  };
}

function sameKey(one: ParsedKey, other: ParsedKey): boolean {
  return one.getPublicSSH().equals(other.getPublicSSH());
}

function lockedKey(
  path: string,
  publicKey: ParsedKey,
  keyFiles: KeyFiles,
  attempt: SharedAttempt<unknown>,
  report: LeftOut,
): Identity {
  const unlock = async () => {
    const key = await keyFiles.unlock(path, attempt);
    if (key) return key;
    reportLocked(path, report);
    throw new Error(t('no right passphrase was given'));
  };
  const sign = async (data: Buffer, hash: string | undefined) => (await unlock()).sign(data, hash);
  return {
    label: `${path} (${fingerprintOf(publicKey.getPublicSSH())})`,
    method: (username) => ({ type: 'agent', username, agent: new OneKeyAgent(publicKey, sign) }),
  };
}

function reportLocked(path: string, report: LeftOut): void {
  report(
    t('{0}: no right passphrase was given', path),
    t('Load the key into ssh-agent (ssh-add), or be there when its passphrase is asked for.'),
  );
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
