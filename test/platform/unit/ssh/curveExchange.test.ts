import { createPrivateKey, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Client, Server, utils } from 'ssh2';
import { beforeAll, describe, expect, it } from 'vitest';
import { exchangeRawKeys } from '../../../../src/platform/transport/ssh/trust/curveExchange';
import { type KeyExchange, onKeyExchange } from '../../../../src/platform/transport/ssh/trust/keyExchange';

/** What ssh2's exchanges over a curve have in common. */
interface CurveExchange extends KeyExchange {
  _keys: unknown;
  getPublicKey(): Buffer;
  computeSecret(otherPublicKey: Buffer): Buffer | Error;
}

/** The exchange with which a client of ssh2 logs in to a server of ssh2; `begin` is given it before it is used. */
async function loginExchange(kex: string, begin: (exchange: KeyExchange) => void): Promise<CurveExchange> {
  let used: KeyExchange | undefined;
  const server = new Server({ hostKeys: [utils.generateKeyPairSync('ed25519').private] }, (connection) => {
    connection.on('error', () => {}).on('authentication', (login) => login.accept());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new Client();
  const { port } = server.address() as AddressInfo;
  const algorithms = { kex: [kex] } as never;
  client.connect({ host: '127.0.0.1', port, username: 'somebody', algorithms, hostVerifier: () => true });
  onKeyExchange(client, (exchange) => begin((used = exchange)));
  try {
    await once(client, 'ready');
  } finally {
    client.end();
    server.close();
  }
  return used as CurveExchange;
}

const name = 'curve25519-sha256';
/** Of ssh2, without anything of ours. */
let kind: CurveExchange;
beforeAll(async () => {
  kind = await loginExchange(name, () => {});
});

/** An exchange that has no keys yet. */
const another = () => Object.create(kind, { _keys: { value: null, writable: true } }) as CurveExchange;
const raw = (exchange: CurveExchange) => {
  exchangeRawKeys(exchange);
  return exchange;
};

/** Private and public keys whose secrets begin with a zero, before a first bit that is set and one that is not. */
const secretsWithZero = [
  {
    d: '2BF2FeMO5lwoPDt1l1K75NknpbutTqR59FfVxrQbbGo',
    x: '1rtkDpbV-9rUlTZJmkf_V9P4iYrVpKeWLrpDN1ZRwk4',
    other: '42laP1HKOwRYHILm53OKzqhjqSqPwGPQNLe3uswoiBA',
    number: '00be225c07f9ec47179d0b0d18ba074f764621a8a314a8e800a7b05b19047802',
  },
  {
    d: 'UDqb2t0YJp3Rgyp3oGpMT32XtqyjjinQCGHN5e55AEc',
    x: 'OKJSEaHJ-5pAdXmEWPjzNLOfq556UyU5Qyg28YFPvjo',
    other: 'kIi2C99J0FCuugoQrPeDQiq8-3mVR7s9vcJf-bF0IV4',
    number: '5b318704b8ebbe729e12d1529c44183c666021acaff1f4cc70469752dff123',
  },
];

describe('keys that are exchanged over Curve25519', () => {
  it('log in', async () => {
    await expect(loginExchange(name, exchangeRawKeys)).resolves.toMatchObject({ type: '25519' });
  });

  it('are the same as with ssh2, and lead to the same secret', () => {
    const [own, plain, peer] = [raw(another()), another(), another()];
    const publicKey = own.getPublicKey();
    plain._keys = own._keys;
    expect(publicKey.equals(plain.getPublicKey())).toBe(true);
    const secret = own.computeSecret(peer.getPublicKey());
    expect(secret).toEqual(plain.computeSecret(peer.getPublicKey()));
    expect(secret).toEqual(peer.computeSecret(publicKey));
  });

  it.each(secretsWithZero)('come to a positive number without needless zeros ($number)', (keys) => {
    const key = { kty: 'OKP', crv: 'X25519', d: keys.d, x: keys.x };
    const pair = {
      privateKey: createPrivateKey({ key, format: 'jwk' }),
      publicKey: createPublicKey({ key, format: 'jwk' }),
    };
    const other = Buffer.from(keys.other, 'base64url');
    const [own, plain] = [raw(another()), another()];
    own._keys = plain._keys = pair;
    expect((own.computeSecret(other) as Buffer).toString('hex')).toBe(keys.number);
    expect(own.computeSecret(other)).toEqual(plain.computeSecret(other));
  });

  it.each([
    ['of no length', Buffer.alloc(0)],
    ['that is too short', Buffer.alloc(31, 1)],
    ['that is too long', Buffer.alloc(33, 1)],
    ['that gives the secret away', Buffer.alloc(32)],
    ['of a small order', Buffer.concat([Buffer.of(1), Buffer.alloc(31)])],
  ])('are refused with a public key %s', (_, other) => {
    expect(raw(another()).computeSecret(other)).toBeInstanceOf(Error);
  });

  it('leave other kinds of exchanges alone', async () => {
    const exchange = await loginExchange('ecdh-sha2-nistp256', exchangeRawKeys);
    expect(Object.keys(exchange)).not.toContain('computeSecret');
  });
});
