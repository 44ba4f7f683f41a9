import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../../src/features/checks/core/checkBatch';
import {
  failureLines,
  isJudged,
  outputLines,
} from '../../../../src/features/testExplorer/editor/failureText';

const refused: CheckResult = {
  ...{ host: 'web-1', check: 'port', status: 'unhealthy', latencyMs: 3, message: 'refused' },
  phases: { dns: 1, connect: 2, total: 3 },
  error: { code: 'REFUSED', message: 'refused', causes: ['errno 111'], hint: 'Check the port.' },
};

describe('The message of a failed check', () => {
  it('goes from the symptom over the causes to what can be done', () => {
    expect(failureLines(refused)).toEqual(['REFUSED: refused', 'caused by: errno 111', 'Check the port.']);
  });

  it('shows nothing of a host that could deceive', () => {
    const message = 'red\x1b[31m\u202eevil\nline';
    expect(failureLines({ ...refused, error: undefined, message })).toEqual(['redevil line']);
  });

  it('tells a sick host from one about which nothing was found out', () => {
    expect(isJudged(refused)).toBe(true);
    const error = { code: 'HOST_KEY_MISMATCH' as const, message: 'changed', causes: [] };
    expect(isJudged({ ...refused, error })).toBe(false);
  });
});

describe('The output of a check', () => {
  it('is a line, and for a failure what belongs to it', () => {
    expect(outputLines(refused, 'unhealthy', '3 ms')).toEqual([
      'web-1 port: unhealthy (3 ms) REFUSED: refused',
      '    caused by: errno 111',
      '    Check the port.',
      '    dns 1 ms, connect 2 ms',
    ]);
    const healthy = { ...refused, status: 'healthy' as const, error: undefined, message: '200 OK' };
    expect(outputLines(healthy, 'healthy', '3 ms')).toEqual(['web-1 port: healthy (3 ms) 200 OK']);
  });
});
