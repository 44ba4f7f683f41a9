import { describe, expect, it } from 'vitest';
import {
  causeMessages,
  errorChain,
  errorReport,
  MusterError,
  toMusterError,
} from '../../../src/platform/errors/errors';

const systemError = (code: string) => Object.assign(new Error(`connect ${code} 10.0.0.1:22`), { code });

describe('errors', () => {
  it.each([
    ['ENOTFOUND', 'DNS'],
    ['ECONNREFUSED', 'REFUSED'],
    ['EHOSTUNREACH', 'UNREACHABLE'],
    ['ECONNRESET', 'RESET'],
    ['CERT_HAS_EXPIRED', 'TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS'],
    ['ETIMEDOUT', 'TIMEOUT'],
    ['EMFILE', 'LOCAL_LIMIT'],
    ['EAGAIN', 'LOCAL_LIMIT'],
    ['EADDRNOTAVAIL', 'UNREACHABLE'],
    ['SOMETHING_ELSE', 'PROTOCOL'],
  ])('turns the system error %s into %s and keeps it as the cause', (code, expected) => {
    const cause = systemError(code);
    const error = toMusterError(cause, { host: 'web-1', phase: 'connect' });
    expect(error).toMatchObject({ code: expected, host: 'web-1', phase: 'connect', cause });
  });

  it.each([
    ['INTERNAL', new TypeError('x is not a function')],
    ['INTERNAL', new ReferenceError('x is not defined')],
    ['INTERNAL', Object.assign(new TypeError('"data" must be a string'), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['PROTOCOL', Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' })],
    ['PROTOCOL', new RangeError('a message of etcd is cut off')],
    ['PROTOCOL', new SyntaxError('Unexpected token in JSON')],
  ])('say %s of “%s”', (code, thrown) => {
    expect(toMusterError(thrown)).toMatchObject({ code, message: thrown.message, cause: thrown });
  });

  it.each([
    ['connect', {}, '192.0.2.7:22 did not take the connection', /^A firewall may drop/],
    ['tls', {}, '192.0.2.7:22 took the connection, and did not complete the TLS handshake', /not speak TLS/],
    [
      'handshake',
      { isSilent: true },
      '192.0.2.7:22 took the connection, and sent no SSH greeting',
      /MaxStartups/,
    ],
    ['handshake', {}, '192.0.2.7:22 did not complete the SSH handshake', /overloaded/],
    ['auth', {}, '192.0.2.7:22 did not complete the login', /UseDNS/],
    ['run', {}, 'the command has not ended', /^Raise the timeout/],
  ] as const)('of a deadline say what it had waited for (%s)', (phase, more, pending, hint) => {
    const error = toMusterError(
      new MusterError('TIMEOUT', 'no result within 10 s', { hint: 'Wait longer.' }),
      {
        phase,
        peer: '192.0.2.7:22',
        ...more,
      },
    );
    expect(error).toMatchObject({ code: 'TIMEOUT', phase, hint: expect.stringMatching(hint) });
    expect(error.message).toBe(`no result within 10 s: ${pending}`);
    // Further up nothing is added.
    expect(toMusterError(error, { host: 'web', phase: 'run' }).message).toBe(error.message);
  });

  it('add what they learn on the way up and keep what they know', () => {
    const inner = new MusterError('AUTH', 'refused', {
      phase: 'auth',
      hint: 'Add the key.',
      cause: systemError('X'),
    });
    const outer = toMusterError(inner, { host: 'db-1', phase: 'run' });
    expect(outer).toMatchObject({
      code: 'AUTH',
      host: 'db-1',
      phase: 'auth',
      hint: 'Add the key.',
      cause: inner.cause,
    });
  });

  it('are shown as a chain that ends in what the user can do', () => {
    const error = new MusterError('AUTH', 'no key was accepted', {
      cause: new Error('agent failed', { cause: systemError('EACCES') }),
      hint: 'Start the agent.',
    });
    expect(errorChain(errorReport(error))).toEqual([
      'AUTH: no key was accepted',
      'caused by: agent failed',
      'caused by: connect EACCES 10.0.0.1:22',
      'Start the agent.',
    ]);
  });

  it('survive causes that are cyclic, repeated or no errors at all', () => {
    const cyclic = new Error('a');
    cyclic.cause = new Error('b', { cause: cyclic });
    expect(causeMessages(cyclic)).toEqual(['b']);
    expect(causeMessages(new Error('a', { cause: new Error('a', { cause: 'plain' }) }))).toEqual(['plain']);
    expect(toMusterError({ odd: true }).message).toBe('{"odd":true}');
    expect(toMusterError(undefined).message).toBe('undefined');
  });
});
