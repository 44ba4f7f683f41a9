import { describe, expect, it } from 'vitest';
import {
  isAllowed,
  isAuthorized,
  isLoopback,
  isOurHost,
  parseAllowed,
  parseListen,
} from '../../../../src/features/serve/core/http/access';

describe('--listen', () => {
  it('takes addresses and sockets', () => {
    expect(parseListen('127.0.0.1:9797')).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 9797 });
    expect(parseListen('[::1]:0')).toEqual({ kind: 'tcp', host: '::1', port: 0 });
    expect(parseListen('unix:/run/muster.sock')).toEqual({ kind: 'unix', path: '/run/muster.sock' });
  });

  it.each([
    '',
    ':9797',
    '9797',
    'localhost:9797',
    '127.0.0.1',
    '127.0.0.1:70000',
    '::1:9797',
    'unix:',
    '*:80',
  ])('refuses “%s”', (text) => {
    expect(() => parseListen(text)).toThrow('neither ADDRESS:PORT nor unix:PATH');
  });

  it('knows what is loopback', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1'].map(isLoopback)).toEqual([true, true, true]);
    expect(['0.0.0.0', '10.0.0.1', '::', '::ffff:10.0.0.1', '128.0.0.1'].map(isLoopback)).not.toContain(true);
  });
});

describe('--allow', () => {
  it('takes addresses and networks of both kinds, and knows IPv4 in IPv6', () => {
    const list = parseAllowed(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
    expect(
      ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8::1'].every((one) => isAllowed(list, one)),
    ).toBe(true);
    expect(
      ['11.0.0.1', '192.0.2.8', '2001:db9::1', '::1', undefined].some((one) => isAllowed(list, one)),
    ).toBe(false);
  });

  it.each(['10.0.0.0/33', '10.0.0', 'db', '::/129', '10.0.0.0/8/8', ''])('refuses “%s”', (text) => {
    expect(() => parseAllowed([text])).toThrow('neither an address nor a network');
  });
});

describe('A token', () => {
  const token = 'correct-horse-battery';
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it.each([`Bearer ${token}`, `bearer  ${token}`, basic(`prometheus:${token}`), basic(`:${token}`)])(
    'is taken as %s',
    (header) => {
      expect(isAuthorized(header, token)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    token,
    'Bearer',
    `Bearer ${token}x`,
    `Bearer ${token} x`,
    `Digest ${token}`,
    basic(token.slice(1)),
    basic(`${token}:`),
    basic(`a:${token}\n`),
    `Bearer ${token.toUpperCase()}`,
  ])('is refused as %s', (header) => {
    expect(isAuthorized(header, token)).toBe(false);
  });
});

describe('Host', () => {
  const names = new Set(['localhost', '127.0.0.1', '::1', 'ops.example.net']);

  it.each(['localhost', 'LOCALHOST:9797', '127.0.0.1:9797', '[::1]:9797', 'ops.example.net.:1'])(
    '%s is this service',
    (header) => {
      expect(isOurHost(header, names)).toBe(true);
    },
  );

  // The second is what a page sends whose name was made to lead to 127.0.0.1.
  it.each([
    undefined,
    'evil.example',
    'evil.example:9797',
    'localhost.evil.example',
    'localhost:9797@evil',
    '::1',
    '',
  ])('%s is not', (header) => {
    expect(isOurHost(header, names)).toBe(false);
  });
});
