import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../../../src/platform/inventory/model';
import { createLogs } from '../../../../src/features/logs/core/createLogs';
import type { LogOrigin } from '../../../../src/features/logs/core/logSource';
import type { LogRow } from '../../../../src/features/logs/core/logRow';
import type { LogSession, LogTarget } from '../../../../src/features/logs/core/logSession';
import type { Logs } from '../../../../src/features/logs/core/logs';
import { byHost } from '../../../../src/platform/transport/createTransport';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { LocalTransport } from '../../../../src/platform/transport/local/localTransport';
import type { Sshd, SshdFarm } from '../../../harness/sshd';
import type { TcpProxy } from '../../../harness/tcpProxy';
import { until } from '../../../harness/until';
import { hostOn } from '../../../platform/integration/ssh/sshFixture';

/** A folder that is removed with what is in it. */
export async function scratch(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-logs-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

export function logsOver(ssh: HostTransport, threadFile?: string): Logs & AsyncDisposable {
  const local = new LocalTransport();
  const transport = byHost({ ssh, local });
  const logs = createLogs({ transport, ...(threadFile !== undefined && { thread: { file: threadFile } }) });
  return Object.assign(logs, {
    [Symbol.asyncDispose]: async () => {
      await logs.dispose();
      await local.dispose();
    },
  });
}

/** A pool for what is followed on this machine only. */
export const noSsh = new Proxy({} as HostTransport, {
  get: () => () => Promise.reject(new Error('nothing goes over SSH here')),
});

export function targetOn(host: Host | undefined, origin: LogOrigin, settings: object = {}): LogTarget {
  return { host, source: { name: 'app', origin, format: 'auto', hosts: [], ...settings } };
}

/** A host whose link can be cut. */
export async function hostThrough(
  proxy: TcpProxy,
  farm: SshdFarm,
  daemon: Sshd,
  name?: string,
): Promise<Host> {
  const { port } = proxy;
  const known = await daemon.knownHostsLine(undefined, `[127.0.0.1]:${port}`);
  const knownHosts = [await farm.write(`known-${port}`, known)];
  return hostOn(farm, daemon, { port, knownHosts }, name);
}

/** Everything of a session, in its order. */
export async function allRows(session: LogSession): Promise<LogRow[]> {
  const view = await session.view();
  const rows: LogRow[] = [];
  let { first } = view.state;
  const { end } = view.state;
  while (first < end) {
    const part = await view.rows(first, end);
    rows.push(...part);
    first += part.length;
  }
  view.dispose();
  return rows;
}

/** Waits until the session holds a line with this text; all rows. */
export async function rowsWith(session: LogSession, text: string): Promise<LogRow[]> {
  return until(`a line with ${text}`, async () => {
    const rows = await allRows(session);
    return rows.some((row) => row.text.includes(text)) ? rows : undefined;
  });
}

export function linesOf(rows: readonly LogRow[]): string[] {
  return rows.filter(({ kind }) => kind === 'line').map(({ text }) => text);
}

export function eventsOf(rows: readonly LogRow[]): string[] {
  return rows.filter(({ kind }) => kind !== 'line').map(({ kind }) => kind);
}

/** Processes that follow logs on a host. */
export async function followersOn(daemon: Sshd): Promise<number[]> {
  const children = await daemon.children();
  const names = await Promise.all(
    children.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return children.filter((_, index) => names[index]!.includes('\0muster-logs\0'));
}

export function hasEnded(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return false;
  } catch {
    return true;
  }
}
