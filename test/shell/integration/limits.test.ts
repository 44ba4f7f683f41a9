import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf } from '../../harness/musterCli';

describe.runIf(process.platform === 'linux')('muster with few file descriptors', () => {
  const hosts = Array.from({ length: 300 }, (_, index) => `h${index}`);
  let folder: string;
  let server: Server;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-limits-'));
    // Slow enough that all would be in flight together.
    server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      setTimeout(() => socket.end('ready\n'), 50);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const entries = hosts.map((name) => `  ${name}: { address: localhost }\n`).join('');
    const check = `checks:\n  up: { type: tcp, port: ${port}, timeout: 20s, expect: { banner: ready } }\n`;
    await writeFile(join(folder, 'muster.yaml'), `hosts:\n${entries}${check}`);
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  it.each([40, 64])('finds every host healthy in the end (ulimit -n %d)', async (limit) => {
    const args = [inject('cli'), 'check', '--json', '--concurrency', '300'];
    const child = spawn('bash', ['-c', `ulimit -n ${limit}; exec "$0" "$@"`, process.execPath, ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
    const { status, stdout, stderr } = await endOf(child);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ summary: { total: 300, healthy: 300 } });
    expect(status).toBe(0);
  });
});
