import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueServerCertificate } from '../../../../src/features/lab/core/certificates';
import { type CliOptions, endOf, muster, startMuster, startOnTerminal } from '../../../harness/musterCli';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until } from '../../../harness/until';

let farm: SshdFarm;
let inventory: string;
const servers: Server[] = [];

beforeAll(async () => {
  farm = await SshdFarm.create();
  const daemon = await farm.start();
  const files = await sshdInventory(
    farm,
    ['web-1', 'web-2', 'web-3', 'locked'].map((name) => ({ name, daemon })),
    'groups:\n  frozen: { hosts: [locked], readOnly: true }\n',
  );
  await farm.write('known_hosts', files.known_hosts);
  inventory = await farm.write('muster.yaml', files['muster.yaml']);
});

afterAll(async () => {
  for (const server of servers) server.close();
  await farm[Symbol.asyncDispose]();
});

const http = (words: readonly string[], options?: CliOptions) =>
  muster(['http', '-i', inventory, ...words], options);

async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `localhost:${(server.address() as AddressInfo).port}`;
}

/** Where a server listens that hears of each request, and answers it. */
async function serve(answer: RequestListener): Promise<{ place: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const place = await listening(
    createServer((request, response) => {
      asked.push(request);
      answer(request, response);
    }),
  );
  return { place, asked };
}

const plain = (body: string) => (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'text/plain' }).end(body);

describe('a request from one host', () => {
  it('leaves from the host itself, and its body is written byte by byte', async () => {
    const bytes = Buffer.from([0, 255, 27, 91, 51, 49, 109, 10]);
    const { place, asked } = await serve((_, response) => response.end(bytes));
    const child = startMuster(['http', '-i', inventory, 'web-1', `http://${place}/a?b=c`]);
    child.stdin.end();
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [status] = (await once(child, 'close')) as [number];
    expect({ status, body: Buffer.concat(chunks) }).toEqual({ status: 0, body: bytes });
    expect(asked.map(({ method, url, headers }) => [method, url, headers.host, headers.accept])).toEqual([
      ['GET', '/a?b=c', place, '*/*'],
    ]);
  });

  it('understands one dash before long options, as programs of Go take them', async () => {
    const { place, asked } = await serve((request, response) => void request.pipe(response));
    const { stdout, status, stderr } = await http(['web-1', '-m', 'PUT', '-json', '{"a":1}', '-url', `http://${place}/`]);
    expect({ stdout, status, stderr }).toEqual({ stdout: '{"a":1}', status: 0, stderr: '' });
    expect(asked[0]).toMatchObject({ method: 'PUT', headers: { 'content-type': 'application/json' } });
  });
});
