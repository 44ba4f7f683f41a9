import { describe, expect, it } from 'vitest';
import { tlsError } from '../../../src/platform/tls/tlsError';

describe('a failed handshake', () => {
  it('is told without what Node.js 24 advises its own users', () => {
    const error = Object.assign(
      new Error(
        'unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca',
      ),
      { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    );
    expect(tlsError(error, 'tls')).toMatchObject({
      code: 'TLS',
      message: 'unable to verify the first certificate',
      hint: expect.stringContaining('tls.ca') as string,
    });
  });
});
