import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type CheckTarget, planChecks, runChecks } from '../../../../src/features/checks/core/checkBatch';
import { ProbeThread } from '../../../../src/features/checks/core/probeThread';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { errorReport, MusterError } from '../../../../src/platform/errors/errors';
import { parseInventory } from '../../../harness/inventories';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { until } from '../../../harness/until';
import { freePort } from '../../../harness/ports';
import { leaveNothingOpen } from './fixtures';

leaveNothingOpen();

/** Of each check: the default is too short for a busy machine. */
const timeoutMs = 60_000;
const ssh: Pick<HostTransport, 'exec' | 'connect'> = {
  exec: () => Promise.reject(new Error('no SSH in this batch')),
  connect: () => Promise.reject(new Error('no SSH in this batch')),
};

const file = join(dirname(inject('cli')), 'probe.worker.js');

function disposable(value: ProbeThread) {
  return { value, [Symbol.asyncDispose]: () => value.dispose() };
}

describe('the second thread of large batches', () => {
  let thread: ProbeThread;
  let url: string;
  let silent: string;
  let held = 0;
  let close: () => Promise<unknown>;

  beforeEach(async () => {
    thread = new ProbeThread({ file, takes: 'half' });
    const server = createServer((request, response) => {
      if (request.url === '/silent') held++;
      else response.end(JSON.stringify({ host: request.headers.host, status: 'up' }));
    });
    server.on('connection', (socket) => socket.on('close', () => (held = Math.max(0, held - 1))));
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as AddressInfo;
    url = `http://{address}:${port}/{name}`;
    silent = `http://{address}:${port}/silent`;
    close = () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    };
  });

  afterEach(async () => {
    await thread.dispose();
    await close();
  });

  function targets(count: number, check: string): CheckTarget[] {
    const hosts = Array.from(
      { length: count },
      (_, index) => `  h${index}: { address: 127.2.0.${index % 250} }`,
    );
    return planChecks(
      parseInventory(`hosts:\n${hosts.join('\n')}\nchecks:\n  up: { ${check} }\n`, '/fleet/muster.yaml'),
    );
  }

  /** Probes one target through the thread, once it is there. */
  async function throughThread(target: CheckTarget, deadline: Deadline): Promise<unknown> {
    const here = new Error('it ran here');
    const share = thread.shareFor(1_000)!;
    const attempt = () => share.probe(target.host, target.check, deadline, () => Promise.reject(here));
    return until('the thread', async () => {
      const outcome: unknown = await attempt().catch((error: unknown) => error);
      return outcome === here ? undefined : outcome;
    }).finally(() => share.end());
  }

  it('finds what would be found without it, expectations compiled anew and causes kept', async () => {
    const port = await freePort();
    const expectations = `expect: { json: { "$.status": up }, bodyMatches: "127.2" }`;
    for (const check of [
      `type: http, url: "${url}", ${expectations}`,
      `type: http, url: "${url}", expect: { body: absent }`,
      `type: tcp, port: ${port}`,
    ]) {
      const chosen = targets(400, check);
      const alone = await runChecks(chosen, { transport: ssh, concurrency: 50, timeoutMs });
      const shared = await runChecks(chosen, { transport: ssh, concurrency: 50, timeoutMs, thread });
      const comparable = ({ results }: typeof alone) =>
        results.map(({ host, status, message, error, measurements }) => [
          host,
          status,
          message.replace(/[\d.]+ ms/, 'ms'),
          // Each batch is a trace of its own.
          error && { ...error, traceId: undefined },
          measurements.map(({ name, unit, attributes }) => [name, unit, attributes?.phase]),
        ]);
      expect(comparable(shared)).toEqual(comparable(alone));
    }
  });

  it('takes part as soon as it is there, with the phases measured where the socket is', async () => {
    const [target] = targets(1, `type: http, url: "${url}"`);
    const deadline = new Deadline(5_000);
    const finding = await throughThread(target!, deadline);
    deadline.dispose();
    expect(finding).toMatchObject({ status: 'healthy', phases: { connect: expect.any(Number) } });
  });

  it('closes the socket when the deadline is over, with the deadline as the error', async () => {
    const [quick] = targets(1, `type: http, url: "${url}"`);
    await throughThread(quick!, new Deadline(0));
    const [target] = targets(1, `type: http, url: "${silent}"`);
    const error = await throughThread(target!, new Deadline(300));
    expect(errorReport(error)).toMatchObject({
      code: 'TIMEOUT',
      phase: 'request',
      message: expect.stringMatching(/^no result within 300 ms: 127\.2\.0\.0:\d+ did not answer/),
    });
    await until('the socket is closed', () => held === 0);
  });

  it('loses no result when the thread is lost: its targets are probed here', async () => {
    const [quick, ...rest] = targets(400, `type: http, url: "${url}"`);
    await throughThread(quick!, new Deadline(0));
    const worker = (thread as unknown as { thread: { worker: { terminate(): Promise<number> } } }).thread
      .worker;
    const running = runChecks(rest, {
      transport: ssh,
      concurrency: 50,
      timeoutMs,
      thread,
      onResult: () => void worker.terminate(),
    });
    const { summary } = await running;
    expect(summary).toMatchObject({ total: 399, healthy: 399 });
  });

  it('tells whoever waits that the engine was closed', async () => {
    const [quick] = targets(1, `type: http, url: "${url}"`);
    await throughThread(quick!, new Deadline(0));
    const [target] = targets(1, `type: http, url: "${silent}"`);
    const answer = throughThread(target!, new Deadline(0));
    await until('the request', () => held === 1);
    await thread.dispose();
    expect(MusterError.is(await answer, 'CANCELLED')).toBe(true);
    await until('the socket is closed', () => held === 0);
  });

  it('takes all of a batch where the first one has others to serve, from the beginning', async () => {
    await using all = disposable(new ProbeThread({ file, takes: 'all' }));
    const [target] = targets(1, `type: http, url: "${url}"`);
    const share = all.value.shareFor(1_000)!;
    const findings = await Promise.all(
      Array.from({ length: 20 }, () =>
        share.probe(target!.host, target!.check, new Deadline(0), () =>
          Promise.reject(new Error('it ran here')),
        ),
      ),
    );
    share.end();
    expect(findings.map(({ status }) => status)).toEqual(Array(20).fill('healthy'));
  });

  it('that cannot be started is done without', async () => {
    await using none = disposable(new ProbeThread({ file: '/nowhere/probe.worker.js', takes: 'all' }));
    const chosen = targets(400, `type: http, url: "${url}"`);
    const { summary } = await runChecks(chosen, {
      transport: ssh,
      concurrency: 50,
      timeoutMs,
      thread: none.value,
    });
    expect(summary).toMatchObject({ total: 400, healthy: 400 });
  });

  it('leaves small batches alone', () => {
    expect(thread.shareFor(10)).toBeUndefined();
  });
});
