import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ScratchFolder } from '../../../harness/scratchFolder';
import { endOf, startMuster } from '../../../harness/musterCli';
import { freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';

export const token = 'correct-horse-battery-staple';

export interface RunningServe extends AsyncDisposable {
  readonly port: number;
  /** What it has said so far. */
  readonly said: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<{ status: number | null; stdout: string; stderr: string }>;
  /** Asks with the token. */
  get(
    path: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string; headers: Headers }>;
}

/** Starts `muster serve` on loopback in a folder with a muster.yaml, and waits until it serves. */
export async function startServe(folder: ScratchFolder, args: readonly string[] = []): Promise<RunningServe> {
  const file = join(folder.path, 'token');
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  const port = await freePort();
  const child = startMuster(
    ['serve', '--listen', `127.0.0.1:${port}`, '--token-file', 'token', '--state', 'state.json', ...args],
    { cwd: folder.path },
  );
  const ended = endOf(child);
  let text = '';
  child.stderr.on('data', (chunk: string) => (text += chunk));
  await until('muster serve is up', () => {
    if (child.exitCode !== null) throw new Error(`it has ended: ${text}`);
    return text.includes('served at');
  });
  return {
    ...{ port, ended, said: () => text, kill: (signal) => void child.kill(signal) },
    get: async (path, headers = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { Authorization: `Bearer ${token}`, ...headers },
      });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The value of a sample; undefined if it is not there. */
export function sample(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

export interface Sink extends AsyncDisposable {
  readonly url: string;
  /** What was asked, and when: path, body as JSON where there is one. */
  readonly asked: { path: string; body: unknown; headers: IncomingMessage['headers']; at: number }[];
  /** What it answers with. */
  status: number;
  /** Whether requests wait until they are released, as those of /hang do in any case. */
  holds: boolean;
  /** Requests that wait. */
  readonly held: number;
  /** Answers those that wait, and from now on at once. */
  release(): void;
}

/** A server that keeps what it is sent, and answers as it is told. */
export async function startSink(): Promise<Sink> {
  let held: (() => unknown)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      sink.asked.push({
        path: request.url!,
        body: text === '' ? undefined : JSON.parse(text),
        headers: request.headers,
        at: Date.now(),
      });
      const answer = () => response.writeHead(sink.status).end('{}');
      if (sink.holds || request.url === '/hang') held.push(answer);
      else answer();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sink: Sink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ asked: [], status: 200, holds: false },
    get held() {
      return held.length;
    },
    release: () => {
      const waiting = held;
      held = [];
      sink.holds = false;
      for (const answer of waiting) answer();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sink;
}

/** A request with exactly these headers, also ones that fetch does not let through. */
export function ask(options: {
  port?: number;
  socketPath?: string;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}): Promise<{ status: number; text: string; headers: IncomingMessage['headers'] }> {
  return new Promise((resolve, reject) => {
    const { body, ...rest } = options;
    const request = httpRequest({ host: '127.0.0.1', ...rest }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
