import { expect, it } from 'vitest';
import { exitStatusOf } from '../../../src/shell/cli/exitStatus';
import { type ErrorCode, errorCodes } from '../../../src/platform/errors/errors';

it.each<[number, ErrorCode[]]>([
  [2, ['USAGE', 'INVENTORY', 'UNTRUSTED', 'READ_ONLY']],
  [70, ['INTERNAL']],
  [130, ['CANCELLED']],
])('%i is the exit status of what these errors end: %j', (status, codes) => {
  expect(errorCodes.filter((code) => exitStatusOf(code) === status)).toEqual(codes);
});

it('is 1 for what a host or a service is to blame for', () => {
  for (const code of ['TIMEOUT', 'REFUSED', 'AUTH', 'FORMAT', 'CONFLICT'] as const)
    expect(exitStatusOf(code)).toBe(1);
});
