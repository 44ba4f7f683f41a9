import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Finding } from '../../../../src/features/checks/core/probe';
import { probes } from '../../../../src/features/checks/core/probes';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { errorReport, type ErrorReport } from '../../../../src/platform/errors/errors';
import type { Host } from '../../../../src/platform/inventory/model';
import { LocalTransport } from '../../../../src/platform/transport/local/localTransport';
import {
  type Certificate,
  createAuthority,
  issueServerCertificate,
} from '../../../../src/features/lab/core/certificates';
import { until } from '../../../harness/until';

export const name = 'web-01.test';

export const webHost: Host = {
  name,
  address: '127.0.0.1',
  labels: { env: 'prod', path: 'health', greeting: "it's; $(echo bad)" },
  groups: [],
  ssh: {},
  variables: {},
  source: { file: '/muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 },
};

/** Commands run on this machine. */
const transport = new LocalTransport();
afterAll(() => transport.dispose());

export interface ProbeOptions {
  host?: Partial<Host>;
  timeoutMs?: number;
  directory?: string;
  signal?: AbortSignal;
}

/** Runs a probe as a batch would: settings validated, a deadline over all of it. */
export async function probe(type: string, input: unknown, options: ProbeOptions = {}): Promise<Finding> {
  const { settings, run } = probes.find((known) => known.type === type)!;
  const deadline = new Deadline(options.timeoutMs ?? 20_000, options.signal);
  try {
    return await run({ ...webHost, ...options.host }, settings.parse(input), {
      deadline,
      transport,
      overrideCircuit: false,
      directory: options.directory ?? '/',
    });
  } finally {
    deadline.dispose();
  }
}

/** The error that a probe ends in. */
export async function probeError(type: string, input: unknown, options?: ProbeOptions): Promise<ErrorReport> {
  const finding = await probe(type, input, options).catch((error: unknown) => errorReport(error));
  if (!('code' in finding)) throw new Error(`found ${finding.status}: ${finding.message}`);
  return finding;
}

const servers = new Map<Server, Set<Socket>>();

/** Listens on a free port of 127.0.0.1 until the test ends. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  servers.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that does as it is told with each connection. */
export function rawServer(serve: (socket: Socket) => void): Promise<number> {
  return listen(
    createServer((socket) => {
      serve(socket);
      // What is not read keeps the end of the connection from being noticed.
      socket.resume();
    }),
  );
}

/** Sends `answer` once it was asked, and closes the connection. */
export function answering(answer: string | Buffer): Promise<number> {
  return rawServer((socket) => {
    socket.once('data', () => socket.end(answer));
  });
}

/** After each test: the client has closed what it opened, before any server closes its side. */
export function leaveNothingOpen(): void {
  afterEach(async () => {
    await until('every connection is closed by the probe', () =>
      [...servers.values()].every((sockets) => sockets.size === 0),
    );
    for (const server of servers.keys()) await new Promise((resolve) => server.close(resolve));
    servers.clear();
    await until(
      'no socket is left',
      () => !process.getActiveResourcesInfo().some((kind) => /^(TCP|TLS)/.test(kind)),
    );
    expect(process.getActiveResourcesInfo()).not.toContain('TCPSocketWrap');
  });
}

const dayMs = 24 * 60 * 60 * 1000;

export interface Certificates {
  /** The folder with ca.pem, client.pem, client.key, and stranger.pem, stranger.key of another authority. */
  directory: string;
  authority: Certificate;
  /** For `name` and 127.0.0.1, 30 days. */
  server: Certificate;
  /** Ended yesterday. */
  expired: Certificate;
  /** For another name and address. */
  otherName: Certificate;
  /** Signed by an intermediate authority that has 3 days left, the chain in one PEM. */
  chained: Certificate;
}

/** Makes an authority and certificates for the tests of a file. */
export function useCertificates(): Certificates {
  const made = {} as Certificates;
  beforeAll(async () => {
    const authority = await createAuthority();
    const issue = (certificateDays: number, host = name, address = '127.0.0.1', by = authority) =>
      issueServerCertificate(by, { name: host, address, certificateDays });
    const client = await clientCertificate(authority);
    const stranger = await createAuthority();
    const intermediate = await intermediateAuthority(authority);
    const leaf = await issue(30, name, '127.0.0.1', intermediate);
    Object.assign(made, {
      directory: await mkdtemp(join(tmpdir(), 'muster-checks-')),
      authority,
      server: await issue(30),
      expired: await issue(-0.5),
      otherName: await issue(30, 'other.test', '127.9.9.9'),
      chained: { key: leaf.key, cert: `${leaf.cert}\n${intermediate.cert}` },
    });
    const files = {
      'ca.pem': authority.cert,
      'stranger.pem': stranger.cert,
      'stranger.key': stranger.key,
      'client.pem': client.cert,
      'client.key': client.key,
      'empty.pem': '',
    };
    for (const [file, pem] of Object.entries(files)) await writeFile(join(made.directory, file), pem);
  });
  afterAll(() => rm(made.directory, { recursive: true, force: true }));
  return made;
}

async function clientCertificate(ca: Certificate): Promise<Certificate> {
  const pems = await generate([{ name: 'commonName', value: 'prober' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - dayMs),
    extensions: [{ name: 'extKeyUsage', clientAuth: true }],
    ca,
  });
  return { key: pems.private, cert: pems.cert };
}

async function intermediateAuthority(ca: Certificate): Promise<Certificate> {
  const pems = await generate([{ name: 'commonName', value: 'Intermediate' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + 3 * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
    ca,
  });
  return { key: pems.private, cert: pems.cert };
}
