import type { Client, ParsedKey } from 'ssh2';

type GlobalRequest = (protocol: unknown, name: string, wantReply: boolean, data: unknown) => void;
type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;
type AuthenticateWithKey = (username: string, key: ParsedKey, algorithm?: string, sign?: Sign) => void;

interface Protocol {
  _handlers?: { GLOBAL_REQUEST?: GlobalRequest };
  authPK?: AuthenticateWithKey;
}

const rsaDigests: Record<string, string> = {
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ssh-rsa': 'sha1',
};

/**
 * Saves what a short command needs not wait for; call it right after `connect`. ssh2 has no options for these, so they
 * reach inside of it. Where the inside is not as expected everything works as it does without them, only slower.
 */
export function takeShortcuts(client: Client): void {
  const protocol = (client as unknown as { _protocol?: Protocol })._protocol;
  if (!protocol) return;
  ignoreHostKeyUpdates(protocol);
  signAtOnce(protocol);
}

/**
 * OpenSSH announces all of its host keys after the login (`hostkeys-00@openssh.com`), and ssh2 has it prove each of
 * them, which costs both sides more than a short command. Muster learns no keys that way.
 */
function ignoreHostKeyUpdates({ _handlers: handlers }: Protocol): void {
  const original = handlers?.GLOBAL_REQUEST;
  if (!handlers || typeof original !== 'function') return;
  handlers.GLOBAL_REQUEST = (protocol, name, wantReply, data) => {
    if (name === 'hostkeys-00@openssh.com' && !wantReply) return;
    original(protocol, name, wantReply, data);
  };
}

/** Sends the signature with a private key at once (RFC 4252, section 7), not after asking whether the key would do. */
function signAtOnce(protocol: Protocol): void {
  const original = protocol.authPK;
  if (typeof original !== 'function') return;
  protocol.authPK = function (username, key, algorithm, sign) {
    const atOnce: Sign = (data, done) => done(key.sign(data, rsaDigests[algorithm ?? key.type]));
    original.call(this, username, key, algorithm, sign ?? (key.isPrivateKey() ? atOnce : undefined));
  };
}
