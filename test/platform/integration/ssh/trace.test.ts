import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runChecks } from '../../../../src/features/checks/core/checkBatch';
import { command } from '../../../../src/features/checks/core/probes/command';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { Operation } from '../../../../src/platform/operation/operation';
import { hostScript } from '../../../../src/platform/transport/hostScript';
import { runCommand } from '../../../../src/features/runs/core/runBatch';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { hostOn, nothingLeft, openResources, poolFor } from './sshFixture';

const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true };
const options = { concurrency: 2, origin: { parent } };
const sayTrace = 'echo "${TRACEPARENT-none}"';
const traceparentOf = (spanId: string | undefined) => `00-${parent.traceId}-${spanId}-01`;

describe('The trace of a command on a host', () => {
  let farm: SshdFarm;
  let willing: Sshd;
  let plain: Sshd;
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    willing = await farm.start({ config: ['AcceptEnv TRACEPARENT'] });
    plain = await farm.start();
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
  });
  afterEach(() => nothingLeft(before, [willing, plain]));

  const bothHosts = () => [hostOn(farm, willing, {}, 'willing'), hostOn(farm, plain, {}, 'plain')];
  const pool = () => poolFor(farm, [willing, plain]);

  it('is in its environment where sshd accepts it, and harms nothing where it does not', async () => {
    await using ssh = await pool();
    const { results } = await runCommand(
      bothHosts(),
      { command: [sayTrace] },
      { transport: ssh, ...options },
    );
    const [taken, refused] = results;
    expect(taken).toMatchObject({ status: 'ok', stdout: `${traceparentOf(taken!.spanId)}\n` });
    expect(refused).toMatchObject({ status: 'ok', stdout: 'none\n', stderr: '' });
  });

  it('leaves the command as it was given', async () => {
    await using ssh = await pool();
    // The command line of the shell that runs it.
    const command = [`tr '\\0' ' ' < /proc/$$/cmdline`];
    const { results } = await runCommand(bothHosts(), { command }, { transport: ssh, ...options });
    for (const { stdout } of results) expect(stdout.trimEnd()).toMatch(new RegExp(` -c tr [^;]*cmdline$`));
  });

  it('is in the command line when that was asked for, whatever sshd accepts', async () => {
    await using ssh = await pool();
    const request = { command: [`${sayTrace}; sh -c '${sayTrace}'`], traceInline: true };
    const { results } = await runCommand(bothHosts(), request, { transport: ssh, ...options });
    for (const { stdout, spanId } of results) expect(stdout).toBe(`${traceparentOf(spanId)}\n`.repeat(2));
  });

  it('is given to a script, too', async () => {
    await using ssh = await pool();
    const request = { script: `#!/bin/sh\n${sayTrace}\n`, traceInline: true };
    const { results } = await runCommand(bothHosts(), request, { transport: ssh, ...options });
    for (const { stdout, spanId } of results) expect(stdout).toBe(`${traceparentOf(spanId)}\n`);
  });

  it('is given to the command of a check', async () => {
    await using ssh = await pool();
    const source = { file: '/muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 };
    const input = { run: sayTrace };
    const check = {
      ...{ name: 'trace', type: 'command', hosts: [], timeoutMs: 10_000, input, source },
      settings: command.settings.parse(input),
    };
    const targets = bothHosts().map((host) => ({ host, check }));
    const { results } = await runChecks(targets, { transport: ssh, ...options });
    const [taken, refused] = results;
    expect(taken).toMatchObject({ status: 'healthy', message: traceparentOf(taken!.spanId) });
    expect(refused).toMatchObject({ status: 'healthy', message: 'none' });
  });

  it('is given to the scripts of a capture', async () => {
    await using ssh = await pool();
    const operation = Operation.begin('capture', { parent });
    const deadline = new Deadline(0);
    const said = await Promise.all(
      bothHosts().map((host) => hostScript(host, sayTrace, { transport: ssh, deadline, operation })),
    );
    expect(said.map(({ stdout }) => stdout)).toEqual([`${operation.traceparent}\n`, 'none\n']);
  });

  it('says how long it took to connect and to run, and how much came back', async () => {
    await using ssh = await pool();
    const request = { command: ['printf four; printf fives >&2; exit 3'] };
    const { results } = await runCommand(bothHosts(), request, { transport: ssh, ...options });
    for (const { status, measurements } of results) {
      expect(status).toBe('failed');
      expect(measurements).toEqual([
        {
          name: 'phase',
          value: expect.any(Number),
          unit: 'ms',
          attributes: { phase: 'connect', offsetMs: 0 },
        },
        {
          ...{ name: 'phase', value: expect.any(Number), unit: 'ms' },
          attributes: { phase: 'run', offsetMs: expect.any(Number) },
        },
        { name: 'output.size', value: 4, unit: 'By', attributes: { stream: 'stdout' } },
        { name: 'output.size', value: 5, unit: 'By', attributes: { stream: 'stderr' } },
      ]);
    }
  });
});
