import { type Client, type ParsedKey, utils } from 'ssh2';
import type { Logger } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { wireString } from '../sshWire';

type Send = (signature: Buffer) => void;
type Sign = (data: Buffer, send: Send) => void;

/** The parts of ssh2 that ask for a login with a key. */
interface Protocol {
  _kexinit: unknown;
  _queue: Buffer[] | undefined;
  _authsQueue: string[];
  _kex: { sessionID: Buffer };
  _packetRW: { write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer } };
  _cipher: { encrypt(packet: Buffer): void };
  _handlers: { EXT_INFO?: (protocol: unknown, extensions: Extension[]) => void };
  authPK: (username: string, key: ParsedKey, algorithm?: string, sign?: Sign) => void;
}

type Extension = { name: string; algs?: string[] };

/** What the server has said about keys. */
export interface ServerAlgorithms {
  /** Algorithms of signatures (`server-sig-algs`); undefined while it has said nothing. */
  readonly signatures?: readonly string[] | undefined;
  /** The name and version of its software; undefined before it has greeted. */
  readonly software?: string | undefined;
}

const userAuthRequest = 50;
const uncommon = new WeakSet<ParsedKey>();
/** ssh2 takes for a key only what it has read itself. */
const template = utils.parseKey(
  Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(32))]),
) as ParsedKey;

/**
 * A key that ssh2 has no notion of: a certificate or one of a security key. `sign` makes a signature in wire format, its
 * algorithm included; without it an agent signs.
 */
export function uncommonKey(
  algorithm: string,
  data: Buffer,
  comment = '',
  sign?: (data: Buffer) => Buffer,
): ParsedKey {
  const key = Object.create(template, {
    type: { value: algorithm },
    comment: { value: comment },
    getPublicSSH: { value: () => data },
    isPrivateKey: { value: () => sign !== undefined },
    sign: { value: sign },
  }) as ParsedKey;
  uncommon.add(key);
  return key;
}

export function isUncommon(key: ParsedKey): boolean {
  return uncommon.has(key);
}

/**
 * Has the client log in with uncommon keys as well: ssh2 would write the algorithm of a certificate where that of the
 * signature belongs, and could not pick one for RSA. Call it right after `connect`. Where ssh2's inside is not as
 * expected, servers find such a signature wrong: it fails closed, and common keys work.
 */
export function logInWithUncommonKeys(client: Client, logger: Logger): ServerAlgorithms {
  const inside = client as unknown as { _protocol: Protocol; _remoteVer?: string };
  let signatures: string[] | undefined;
  try {
    const protocol = inside._protocol;
    listenForAlgorithms(protocol, (names) => (signatures ??= names));
    const original = protocol.authPK;
    protocol.authPK = function (username, key, algorithm, sign) {
      if (isUncommon(key)) requestLogin(this, username, key, sign);
      else original.call(this, username, key, algorithm, sign);
    };
  } catch (error) {
    logger.warn(t('certificates cannot be used with this version of ssh2: {0}', String(error)));
  }
  return {
    get signatures() {
      return signatures;
    },
    get software() {
      return inside._remoteVer;
    },
  };
}

function listenForAlgorithms({ _handlers: handlers }: Protocol, heard: (names: string[]) => void): void {
  const original = handlers.EXT_INFO;
  handlers.EXT_INFO = (protocol, extensions) => {
    const { algs } = extensions.find(({ name }) => name === 'server-sig-algs') ?? {};
    if (algs) heard(algs);
    original?.(protocol, extensions);
  };
}

/** RFC 4252, section 7: a question whether the key would do, or the login with a signature. */
function requestLogin(protocol: Protocol, username: string, key: ParsedKey, given?: Sign): void {
  const atOnce: Sign = (data, send) => send(key.sign(data));
  const sign = given ?? (key.isPrivateKey() ? atOnce : undefined);
  const request = Buffer.concat([
    Buffer.from([userAuthRequest]),
    ...[username, 'ssh-connection', 'publickey'].map(wireString),
    Buffer.from([sign ? 1 : 0]),
    wireString(key.type),
    wireString(key.getPublicSSH()),
  ]);
  if (!sign) send(protocol, request);
  else
    sign(Buffer.concat([wireString(protocol._kex.sessionID), request]), (signature) =>
      send(protocol, Buffer.concat([request, wireString(signature)])),
    );
}

function send(protocol: Protocol, payload: Buffer): void {
  protocol._authsQueue.push('publickey');
  // During a key exchange ssh2 keeps what is to be sent, and packs it afterwards.
  if (protocol._kexinit !== undefined) {
    (protocol._queue ??= []).push(payload);
    return;
  }
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  packet.set(payload, write.allocStart);
  protocol._cipher.encrypt(write.finalize(packet));
}
