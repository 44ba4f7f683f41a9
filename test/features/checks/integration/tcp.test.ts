import { describe, expect, it } from 'vitest';
import { freePort } from '../../../harness/ports';
import { leaveNothingOpen, probe, probeError, rawServer } from './fixtures';

leaveNothingOpen();

describe('a tcp check', () => {
  it('is healthy when the port accepts, and closes the connection', async () => {
    const port = await rawServer(() => {});
    const finding = await probe('tcp', { port });
    expect(finding).toMatchObject({ status: 'healthy', message: expect.stringMatching(/^connected in/) });
    expect(Object.keys(finding.phases!)).toEqual(['connect', 'total']);
  });

  it('reads a banner until it matches, in whatever pieces it comes', async () => {
    const port = await rawServer((socket) => {
      socket.write('220-first\r\n2');
      setTimeout(() => socket.write('20 ready\r\n'), 20);
    });
    expect(await probe('tcp', { port, expect: { banner: '(?m)^220 ' } })).toMatchObject({
      status: 'healthy',
      message: expect.stringContaining('220-first 220 '),
    });
  });

  it('sends text first where the server waits for it', async () => {
    const port = await rawServer((socket) => {
      socket.once('data', (data) =>
        socket.write(data.toString() === 'PING web-01.test\r\n' ? '+PONG\r\n' : '-ERR\r\n'),
      );
    });
    const send = 'PING {name}\r\n';
    expect(await probe('tcp', { port, send, expect: { banner: '^\\+PONG' } })).toMatchObject({
      status: 'healthy',
    });
  });

  it('sends text also when no banner is expected', async () => {
    let seen = '';
    const port = await rawServer((socket) => void socket.on('data', (data) => (seen += data.toString())));
    expect(await probe('tcp', { port, send: 'bye\n' })).toMatchObject({ status: 'healthy' });
    await expect.poll(() => seen).toBe('bye\n');
  });

  it.each([
    ['closes', (text: string) => rawServer((socket) => void socket.end(text))],
    ['waits', (text: string) => rawServer((socket) => void socket.write(text))],
    ['goes on', (text: string) => rawServer((socket) => void socket.write(text + '\0'.repeat(10_000)))],
  ])('shows a wrong banner when the server then %s', async (_, start) => {
    const port = await start('HTTP/1.1 400 \x1b[31mBad\r\n');
    expect(await probe('tcp', { port, expect: { banner: '^220' } }, { timeoutMs: 300 })).toMatchObject({
      status: 'unhealthy',
      mismatch: { expected: 'a banner matching /^220/', actual: expect.stringContaining('HTTP/1.1 400 Bad') },
    });
  });

  it('tells a silent server from one that closes and from no server', async () => {
    const expectation = { banner: '^220' };
    const silent = await rawServer(() => {});
    expect(await probeError('tcp', { port: silent, expect: expectation }, { timeoutMs: 100 })).toMatchObject({
      code: 'TIMEOUT',
      phase: 'request',
    });
    const closing = await rawServer((socket) => void socket.end());
    expect(await probe('tcp', { port: closing, expect: expectation })).toMatchObject({
      status: 'unhealthy',
      message: 'expected a banner matching /^220/, got nothing',
    });
    expect(await probeError('tcp', { port: await freePort() })).toMatchObject({
      code: 'REFUSED',
      phase: 'connect',
    });
  });
});
