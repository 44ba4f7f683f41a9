import { describe, expect, it } from 'vitest';
import { type CheckOptions, planChecks, runChecks } from '../../../../src/features/checks/core/checkBatch';
import { LocalTransport } from '../../../../src/platform/transport/local/localTransport';
import { parseInventory } from '../../../harness/inventories';
import { answering, leaveNothingOpen, rawServer } from './fixtures';

leaveNothingOpen();

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const sick = 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n';

/** Answers with these in turn, with the last one for good. */
function answeringInTurn(...answers: (string | undefined)[]): { port: Promise<number>; asked: () => number } {
  let asked = 0;
  const port = rawServer((socket) => {
    socket.once('data', () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      // Without an answer it is left to wait.
      if (answer !== undefined) socket.end(answer);
    });
  });
  return { port, asked: () => asked };
}

async function check(checks: string, options: Partial<CheckOptions> = {}) {
  const inventory = parseInventory(
    `hosts:\n  web: { address: 127.0.0.1 }\nchecks:\n${checks}`,
    '/muster.yaml',
  );
  expect(inventory.problems).toEqual([]);
  const transport = new LocalTransport();
  try {
    return await runChecks(planChecks(inventory), { transport, concurrency: 4, ...options });
  } finally {
    await transport.dispose();
  }
}

const health = (port: number, more: string) =>
  `  health: { type: http, url: "http://127.0.0.1:${port}/", timeout: 5s, ${more} }\n`;

describe('A check with retries', () => {
  it('is healthy when a later attempt is, and says how many it took', async () => {
    const server = answeringInTurn(sick, sick, ok);
    const { results, summary } = await check(health(await server.port, 'retries: 3, retryDelay: 1ms'));
    expect(results).toMatchObject([{ status: 'healthy', attempts: 3 }]);
    expect(summary).toMatchObject({ total: 1, healthy: 1, unhealthy: 0 });
    expect(server.asked()).toBe(3);
  });

  it('is unhealthy when the last attempt is, and is made no more often than retries says', async () => {
    const server = answeringInTurn(sick);
    const { results } = await check(health(await server.port, 'retries: 2, retryDelay: 1ms'));
    expect(results).toMatchObject([{ status: 'unhealthy', attempts: 3, error: { code: 'EXPECTATION' } }]);
    expect(server.asked()).toBe(3);
  });

  it('says nothing of attempts where the first one decides', async () => {
    const port = await answering(ok);
    const { results } = await check(health(port, 'retries: 2, retryDelay: 1ms'));
    expect(results).toMatchObject([{ status: 'healthy' }]);
    expect(results[0]).not.toHaveProperty('attempts');
  });

  it('gives each attempt its own time, and reports the latency of the last one alone', async () => {
    // The first attempts are not answered, and each takes all of its time.
    const server = answeringInTurn(undefined, undefined, ok);
    const port = await server.port;
    const { results, summary } = await check(
      `  health: { type: http, url: "http://127.0.0.1:${port}/", timeout: 400ms, retries: 2, retryDelay: 1ms }\n`,
    );
    expect(results).toMatchObject([{ status: 'healthy', attempts: 3 }]);
    expect(results[0]!.latencyMs).toBeLessThan(400);
    expect(summary.durationMs).toBeGreaterThan(800);
  });

  it('has a span of its own and the measurements of the last attempt only', async () => {
    const server = answeringInTurn(sick, ok);
    const { results } = await check(health(await server.port, 'retries: 1, retryDelay: 1ms'));
    expect(results[0]!.measurements.filter(({ name }) => name === 'duration')).toHaveLength(1);
    expect(results[0]!.spanId).toMatch(/^[0-9a-f]{16}$/);
  });

  it('that is cancelled during a further attempt keeps the verdict of the one before', async () => {
    const controller = new AbortController();
    let asked = 0;
    const port = await rawServer((socket) => {
      socket.once('data', () => {
        if (asked++ === 0) socket.end(sick);
        else controller.abort();
      });
    });
    const { results } = await check(health(port, 'retries: 5, retryDelay: 1ms'), {
      signal: controller.signal,
    });
    expect(results).toMatchObject([{ status: 'unhealthy', error: { code: 'EXPECTATION' } }]);
    expect(asked).toBe(2);
  });

  it('holds no slot between two attempts, and is not made again after the batch was cancelled', async () => {
    const server = answeringInTurn(sick);
    const port = await server.port;
    const controller = new AbortController();
    const ended: string[] = [];
    const { results } = await check(
      `${health(port, 'retries: 5, retryDelay: 1h')}  other: { type: tcp, port: ${port}, timeout: 5s }\n`,
      {
        ...{ concurrency: 1, signal: controller.signal },
        onResult: ({ check: name }) => {
          ended.push(name);
          controller.abort();
        },
      },
    );
    expect(ended).toEqual(['other', 'health']);
    expect(results.map(({ status }) => status)).toEqual(['unhealthy', 'healthy']);
  });
});
