import {
  type AnyAuthMethod,
  BaseAgent,
  createAgent,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
  utils,
} from 'ssh2';
import type { KeyFiles } from './keyFiles';
import type { SharedAttempt } from './sharedAttempt';
import { fingerprintOf } from './sshWire';
import type { IdentitySettings } from './sshTarget';

/** A key to authenticate with. */
export interface Identity {
  /** For messages: where the key is from and its fingerprint. */
  readonly label: string;
  method(username: string): AnyAuthMethod;
}

/**
 * The keys to try: those of the identity files, then the others that the agent holds; where no file is named, the
 * agent's keys come before OpenSSH's default files. A passphrase is asked for when the server accepts its key.
 * `report` is told why a key is left out.
 */
export async function* identities(
  settings: IdentitySettings,
  keyFiles: KeyFiles,
  attempt: SharedAttempt<unknown>,
  report: (reason: string) => void,
): AsyncGenerator<Identity, void, void> {
  const agent = new LazyAgent(settings.agent, report);
  const offered = new Set<string>();
  const isNew = (key: ParsedKey) => {
    const text = key.getPublicSSH().toString('base64');
    return !offered.has(text) && offered.add(text) !== undefined;
  };

  async function* fromAgent(): AsyncGenerator<Identity, void, void> {
    for (const key of await agent.keys()) if (isNew(key)) yield agent.identity(key);
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
      const held = publicKey && (await agent.holds(publicKey));
      if (held) yield agent.identity(held);
      else if (file.kind === 'public')
        report(`${path}: it is a public key, and no agent holds the private one`);
      else if (publicKey) yield lockedKey(path, publicKey, keyFiles, attempt, report);
      else {
        const key = await keyFiles.unlock(path, attempt);
        if (key) yield privateKey(path, key);
        else report(`${path}: no right passphrase was given`);
      }
    }
  }

  if (settings.explicit) {
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

function lockedKey(
  path: string,
  publicKey: ParsedKey,
  keyFiles: KeyFiles,
  attempt: SharedAttempt<unknown>,
  report: (reason: string) => void,
): Identity {
  const unlock = async () => {
    const key = await keyFiles.unlock(path, attempt);
    if (key) return key;
    report(`${path}: no right passphrase was given`);
    throw new Error('no right passphrase was given');
  };
  const sign = async (data: Buffer, hash: string | undefined) => (await unlock()).sign(data, hash);
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

/** The user's agent, asked for its keys at most once per connection. */
class LazyAgent {
  private readonly agent: BaseAgent | undefined;
  private listed: Promise<ParsedKey[]> | undefined;

  constructor(
    path: string | undefined,
    private readonly report: (reason: string) => void,
  ) {
    this.agent = path === undefined ? undefined : createAgent(path);
  }

  keys(): Promise<ParsedKey[]> {
    return (this.listed ??= this.list());
  }

  async holds(publicKey: ParsedKey): Promise<ParsedKey | undefined> {
    return (await this.keys()).find((key) => key.getPublicSSH().equals(publicKey.getPublicSSH()));
  }

  identity(key: ParsedKey): Identity {
    const agent = this.agent!;
    const sign = (data: Buffer, hash: string | undefined) =>
      new Promise<Buffer>((resolve, reject) => {
        agent.sign(key, data, { hash } as SigningRequestOptions, (error, signature) =>
          signature ? resolve(signature) : reject(error ?? new Error('the agent signed nothing')),
        );
      });
    return {
      label: `agent key ${key.comment} (${fingerprintOf(key.getPublicSSH())})`,
      method: (username) => ({ type: 'agent', username, agent: new OneKeyAgent(key, sign) }),
    };
  }

  private list(): Promise<ParsedKey[]> {
    const { agent } = this;
    if (!agent) return Promise.resolve([]);
    return new Promise((resolve) => {
      agent.getIdentities((error, keys = []) => {
        if (error) this.report(`ssh-agent: ${error.message}`);
        const parsed = keys.map((key) => utils.parseKey(key as ParsedKey | Buffer));
        resolve(parsed.filter((key): key is ParsedKey => !(key instanceof Error)));
      });
    });
  }
}
