import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import { WireReader, wireString } from '../../src/platform/transport/ssh/sshWire';

const application = 'ssh:';
const presence = 1;

/** A security key in software: its public half is a file as of ssh-keygen. */
export interface SecurityKey {
  readonly publicKeyFile: string;
  readonly data: Buffer;
  readonly type: string;
  readonly privateKey: KeyObject;
}

export async function createSecurityKey(file: string, kind: 'ed25519' | 'ecdsa'): Promise<SecurityKey> {
  const { privateKey, publicKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const number = (text: string) => Buffer.from(text, 'base64url');
  const type = kind === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com';
  const point =
    kind === 'ed25519' ? [number(x)] : ['nistp256', Buffer.concat([Buffer.from([4]), number(x), number(y)])];
  const data = Buffer.concat([type, ...point, application].map(wireString));
  const publicKeyFile = `${file}.pub`;
  await writeFile(publicKeyFile, `${type} ${data.toString('base64')} soft\n`);
  return { publicKeyFile, data, type, privateKey };
}

export interface SecurityKeyAgent extends AsyncDisposable {
  /** How often it was asked to sign. */
  readonly touches: number;
}

/**
 * An agent on a socket with security keys, for which ssh-agent wants hardware. `listed` is what it says it holds: their
 * keys and certificates.
 */
export async function startSecurityKeyAgent(
  socket: string,
  keys: readonly SecurityKey[],
  listed: readonly Buffer[] = keys.map(({ data }) => data),
): Promise<SecurityKeyAgent> {
  let touches = 0;
  const connections = new Set<net.Socket>();
  const count = Buffer.alloc(4);
  count.writeUInt32BE(listed.length);
  const answerTo = (request: Buffer): Buffer => {
    if (request[0] === 11)
      return Buffer.concat([
        Buffer.from([12]),
        count,
        ...listed.flatMap((data) => [wireString(data), wireString('soft')]),
      ]);
    const reader = new WireReader(request.subarray(1));
    const asked = reader.bytes();
    const key = keys.find(({ data }) => data.equals(asked) || asked.includes(data.subarray(-44)));
    if (!key) return Buffer.from([5]);
    touches++;
    return Buffer.concat([Buffer.from([14]), wireString(signatureOf(key, reader.bytes(), touches))]);
  };
  const server = net.createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => {}).on('close', () => connections.delete(connection));
    connection.once('data', (chunk) => connection.write(wireString(answerTo(chunk.subarray(4)))));
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    get touches() {
      return touches;
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** OpenSSH's PROTOCOL.u2f. */
function signatureOf({ type, privateKey }: SecurityKey, data: Buffer, counter: number): Buffer {
  const sha256 = (value: Buffer | string) => createHash('sha256').update(value).digest();
  const state = Buffer.alloc(5);
  state[0] = presence;
  state.writeUInt32BE(counter, 1);
  const signed = Buffer.concat([sha256(application), state, sha256(data)]);
  const isEcdsa = type.includes('ecdsa');
  const raw = isEcdsa
    ? sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    : sign(null, signed, privateKey);
  const signature = isEcdsa
    ? Buffer.concat([mpint(raw.subarray(0, 32)), mpint(raw.subarray(32))].map(wireString))
    : raw;
  return Buffer.concat([wireString(type), wireString(signature), state]);
}

function mpint(number: Buffer): Buffer {
  const start = number.findIndex((byte) => byte !== 0);
  const digits = number.subarray(start);
  return digits[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits;
}
