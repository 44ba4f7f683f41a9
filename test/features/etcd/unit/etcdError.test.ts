import { describe, expect, it } from 'vitest';
import { errorReport } from '../../../../src/platform/errors/errors';
import {
  etcdError,
  neverDone,
  noteUnsent,
  nothingWritten,
  perhapsWritten,
} from '../../../../src/features/etcd/core/client/etcdError';

/** As gRPC throws it. */
function serviceError(code: number, details: string): Error {
  return Object.assign(new Error(`${code} UNAVAILABLE: ${details}`), { code, details, metadata: {} });
}

const failed = (reason: string) =>
  serviceError(
    14,
    `No connection established. Last error: ${reason} (2026-12-01T04:19:13.628Z). Resolution note: `,
  );

describe('What a call to etcd fails with', () => {
  it.each([
    [failed('connect ECONNREFUSED 127.0.0.1:2379'), 'REFUSED', 'connect ECONNREFUSED 127.0.0.1:2379'],
    [failed('Error: connect ETIMEDOUT 10.0.0.9:2379'), 'TIMEOUT', 'connect ETIMEDOUT 10.0.0.9:2379'],
    [
      failed('ETIMEDOUT before the first byte'),
      'TIMEOUT',
      'it accepted the TCP connection and sent nothing',
      ['ETIMEDOUT before the first byte'],
    ],
    [
      failed('ETIMEDOUT before the connection'),
      'TIMEOUT',
      'it did not accept the TCP connection',
      ['ETIMEDOUT before the connection'],
    ],
    [failed('Failed to connect'), 'UNREACHABLE', 'Failed to connect'],
    [
      serviceError(14, 'No connection established. Last error: null. Resolution note: '),
      'UNREACHABLE',
      'no connection',
    ],
    [serviceError(14, 'Connection dropped'), 'UNREACHABLE', 'Connection dropped'],
    [serviceError(14, 'etcdserver: request timed out'), 'UNREACHABLE', 'request timed out'],
    [serviceError(7, 'etcdserver: permission denied'), 'AUTH', 'permission denied'],
  ])('is said once, in its own words: %s', (thrown, code, message, causes = []) => {
    const error = etcdError(thrown);
    expect(errorReport(error)).toMatchObject({ code, message, causes });
    expect(neverDone(error)).toBe(/^14 UNAVAILABLE: No connection/.test(thrown.message));
  });

  it('says of a write whether it was done', () => {
    const refused = etcdError(failed('connect ECONNREFUSED 127.0.0.1:2379'));
    expect(nothingWritten(refused).hint).toMatch(/^Nothing was written\. Nothing listens on that port/);
    const dropped = perhapsWritten(etcdError(serviceError(14, 'Connection dropped')));
    expect(dropped.hint).toMatch(/^Whether etcd has done it is unknown/);
    expect([refused, nothingWritten(refused), dropped].map(neverDone)).toEqual([true, true, false]);
    expect(neverDone(noteUnsent(etcdError(serviceError(14, 'Connection dropped'))))).toBe(true);
  });
});
