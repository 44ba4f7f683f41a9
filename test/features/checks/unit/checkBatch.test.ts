import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runChecks } from '../../../../src/features/checks/core/checkBatch';
import type { Probe } from '../../../../src/features/checks/core/probe';
import type { Host } from '../../../../src/platform/inventory/model';
import type { Measurement } from '../../../../src/platform/operation/measurement';
import { customProbe } from '../../../../src/features/api/editor/customProbe';

const source = { file: '/muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 };
const host: Host = {
  ...{ name: 'web-1', address: '10.0.0.1', labels: {}, groups: [], ssh: {}, variables: {} },
  source,
};
const probeThatThrows = (thrown: Error): Probe => ({
  ...{ type: 'odd', description: '', settings: z.object({}) },
  run: () => Promise.reject(thrown),
});

const probeThatFinds = (measurements: unknown) =>
  customProbe('odd', {
    description: '',
    check: (_host, _settings, { traceparent }) =>
      Promise.resolve({
        ...{ status: 'healthy', message: traceparent! },
        measurements: measurements as Measurement[],
      }),
  });

async function resultOf(probe: Probe) {
  const check = {
    ...{ name: 'odd', type: 'odd', hosts: ['web-1'], timeoutMs: 1000, settings: {}, input: {} },
    source,
  };
  const unused = () => Promise.reject(new Error('not used'));
  const transport = { exec: unused, connect: unused };
  const options = { transport, concurrency: 1, extraProbes: { get: () => probe } };
  const { results } = await runChecks([{ host, check }], options);
  return results[0]!;
}

describe('A check whose program is wrong', () => {
  it('leaves the host unjudged and says whose fault it is', async () => {
    const result = await resultOf(probeThatThrows(new TypeError('x is not a function')));
    expect(result).toMatchObject({
      status: 'skipped',
      error: {
        code: 'INTERNAL',
        message: 'x is not a function',
        hint: 'This is a fault of Muster, and says nothing about the host: please report it.',
      },
    });
  });

  it('finds a host unhealthy for what the host did', async () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(await resultOf(probeThatThrows(reset))).toMatchObject({
      status: 'unhealthy',
      error: { code: 'RESET' },
    });
  });

  it('is no fault of Muster where another extension brought it', async () => {
    const probe = customProbe('odd', {
      description: '',
      check: () => Promise.reject(new TypeError('x is not a function')),
    });
    expect(await resultOf(probe)).toMatchObject({
      error: {
        code: 'PROTOCOL',
        message: 'the probe “odd” failed: x is not a function',
        hint: 'Tell the makers of the extension that registered it.',
      },
    });
  });
});

describe('A check of another extension', () => {
  it('is given the trace that it is a part of, and adds what it has measured to the result', async () => {
    const measurement = { name: 'queue', value: 3, unit: '1', attributes: { topic: 'mail' } };
    const result = await resultOf(probeThatFinds([measurement]));
    expect(result).toMatchObject({ status: 'healthy', measurements: [measurement] });
    expect(result.message).toBe(`00-${result.traceId}-${result.spanId}-01`);
  });

  it.each([
    ['a value that is not a number', [{ name: 'queue', value: NaN, unit: '1' }]],
    ['no unit', [{ name: 'queue', value: 3 }]],
    ['something else', { queue: 3 }],
    ['more than 100', Array.from({ length: 101 }, () => ({ name: 'queue', value: 3, unit: '1' }))],
  ])('has no verdict when it measures %s', async (_, measurements) => {
    expect(await resultOf(probeThatFinds(measurements))).toMatchObject({
      status: 'unhealthy',
      measurements: [],
      error: { code: 'PROTOCOL', message: 'the probe “odd” gave measurements that cannot be read' },
    });
  });

  it('cannot put control characters into what it has measured', async () => {
    const { measurements } = await resultOf(probeThatFinds([{ name: 'q\x1b[31m\nx', value: 1, unit: '1' }]));
    expect(measurements).toMatchObject([{ name: 'q x' }]);
  });
});
