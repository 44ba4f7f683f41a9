import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../src/features/checks/core/probe';
import { leaveNothingOpen, listen, probe, rawServer, useCertificates } from './fixtures';

const value = expect.any(Number) as number;
const phase = (name: string) => ({
  ...{ name: 'phase', value, unit: 'ms', attributes: { phase: name, offsetMs: value } },
});
const duration = { name: 'duration', value, unit: 'ms' };

/** What is left of a measured phase: when it ended, in ms from the beginning of the check. */
const endsOf = ({ measurements = [] }: Finding) =>
  measurements.flatMap(({ name, value, attributes }) =>
    name === 'phase' ? [(attributes!.offsetMs as number) + value] : [],
  );

leaveNothingOpen();

describe('What a check measures', () => {
  const certificates = useCertificates();

  it('is each phase with its duration and its offset, the whole, and the bytes of the body', async () => {
    const port = await listen(createServer((_, response) => response.end('ok')));
    const finding = await probe('http', { url: `http://{address}:${port}/` });
    expect(finding.measurements).toEqual([
      phase('connect'),
      phase('firstByte'),
      duration,
      { name: 'http.response.body.size', value: 2, unit: 'By' },
    ]);
    const [connected, answered] = endsOf(finding);
    expect(connected).toBeLessThanOrEqual(answered!);
    expect(answered).toBeLessThanOrEqual(finding.phases!.total! + 0.02);
  });

  it('has the phases of each redirect on their own', async () => {
    const port = await listen(
      createServer((request, response) => {
        if (request.url === '/') response.writeHead(302, { location: '/there' });
        response.end();
      }),
    );
    const finding = await probe('http', { url: `http://{address}:${port}/` });
    const names = finding.measurements!.map(({ attributes }) => attributes?.phase);
    expect(names.slice(0, 4)).toEqual(['connect', 'firstByte', 'connect', 'firstByte']);
    expect(endsOf(finding)).toEqual(endsOf(finding).toSorted((a, b) => a - b));
  });

  it('says that a body was longer than what was read of it', async () => {
    const port = await listen(createServer((_, response) => response.end('x'.repeat(5000))));
    const { measurements } = await probe('http', { url: `http://{address}:${port}/`, maxBody: 100 });
    expect(measurements).toContainEqual({
      ...{ name: 'http.response.body.size', value: 100, unit: 'By', attributes: { truncated: true } },
    });
  });

  it('is the days that are left of the certificate', async () => {
    const port = await listen(
      createTlsServer(certificates.server, (socket) => socket.on('error', () => {}).resume()),
    );
    const { measurements } = await probe(
      'tls',
      { port, ca: 'ca.pem' },
      { directory: certificates.directory },
    );
    expect(measurements).toEqual([
      ...[phase('connect'), phase('tls'), duration],
      { name: 'tls.certificate.remaining', value, unit: 'd', attributes: { certificate: 'leaf' } },
    ]);
    expect(measurements!.at(-1)!.value).toBeCloseTo(30, 0);
  });

  it('is the days that are left of each intermediate certificate, too', async () => {
    const port = await listen(
      createTlsServer(certificates.chained, (socket) => socket.on('error', () => {}).resume()),
    );
    const { measurements } = await probe(
      'tls',
      { port, ca: 'ca.pem' },
      { directory: certificates.directory },
    );
    const left = measurements!.filter(({ name }) => name === 'tls.certificate.remaining');
    expect(left.map(({ attributes }) => attributes!.certificate)).toEqual(['leaf', 'intermediate']);
    expect(left[1]!.value).toBeCloseTo(3, 0);
  });

  it('is when a banner began', async () => {
    const port = await rawServer((socket) => socket.write('220 ready\r\n'));
    const { measurements } = await probe('tcp', { port, expect: { banner: '^220 ' } });
    expect(measurements).toEqual([phase('connect'), phase('firstByte'), duration]);
  });

  it('is the exit code of a command, and the number that it was asked for', async () => {
    const measured = async (run: string, expectation = {}) =>
      (await probe('command', { run, expect: expectation })).measurements;
    const exitCode = (code: number) => ({ name: 'process.exit.code', value: code, unit: '1' });
    const bounds = { value: { lt: 90 } };
    expect(await measured('echo 42%', bounds)).toEqual([
      ...[duration, exitCode(0), { name: 'value', value: 42, unit: '1' }],
    ]);
    expect(await measured('echo 42%')).toEqual([duration, exitCode(0)]);
    // What a command that failed has printed measures nothing.
    expect(await measured('echo 42%; exit 3', bounds)).toEqual([duration, exitCode(3)]);
    expect(await measured('kill -TERM $$', bounds)).toEqual([duration]);
  });
});
