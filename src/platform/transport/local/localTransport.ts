import { stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Duplex } from 'node:stream';
import { MusterError, peerOf, toMusterError } from '../../errors/errors';
import type { SecretDestination } from '../../host/host';
import type { Host } from '../../inventory/model';
import { t } from '../../l10n/l10n';
import { traceEnvironment } from '../../operation/traceContext';
import type {
  Destination,
  ExecOptions,
  HostChannel,
  HostShell,
  HostTransport,
  OpenOptions,
  ShellRequest,
  SocketPath,
} from '../hostTransport';
import type { FileSession } from '../files/fileSession';
import { checkSocketPath, type SocketFault, unixSocketError } from '../unixSocketError';
import { LocalFiles } from './localFiles';
import { LocalProcess } from './localProcess';
import { LocalShell } from './localShell';

/** What Node's codes mean for a unix socket. */
const socketFaults: Readonly<Record<string, SocketFault>> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  ENOTSOCK: 'other',
  EPROTOTYPE: 'datagram',
  EACCES: 'denied',
  ECONNREFUSED: 'silent',
};

/** What is not a socket refuses connections as well. */
async function faultOf(path: string, { code = '' }: NodeJS.ErrnoException): Promise<SocketFault | undefined> {
  const fault = socketFaults[code];
  if (fault !== 'silent') return fault;
  const stats = await stat(path).catch(() => undefined);
  return !stats || stats.isSocket() ? fault : 'other';
}

/** This machine, without SSH: its own processes, files and sockets. */
export class LocalTransport implements HostTransport {
  private readonly processes = new Set<LocalProcess>();
  private readonly streams = new Set<Duplex>();
  private closing: MusterError | undefined;
  /** A program that is ended at once must not leave commands behind. */
  private readonly killAll = () => {
    for (const process of this.processes) process.kill();
  };

  constructor(private readonly platform: NodeJS.Platform = process.platform) {
    process.once('exit', this.killAll);
  }

  async exec(
    host: Host,
    command: string | undefined,
    { deadline, operation, onSent }: ExecOptions,
  ): Promise<HostChannel> {
    return this.opening(host, deadline, async () => {
      this.refuseWindows();
      const env = traceEnvironment(operation);
      const started = this.keep(
        command === undefined
          ? await LocalProcess.start(process.env['SHELL'] ?? '/bin/sh', ['-l'], { env })
          : await LocalProcess.start('/bin/sh', ['-c', command], { env }),
      );
      started.endWith(deadline);
      onSent?.(true);
      return started;
    });
  }

  async shell(host: Host, request: ShellRequest, { deadline }: OpenOptions): Promise<HostShell> {
    return this.opening(host, deadline, async () => {
      this.refuseWindows();
      const shell = await LocalShell.start(request);
      this.keep(shell.process);
      return shell;
    });
  }

  async files(host: Host, { deadline }: OpenOptions): Promise<FileSession> {
    return this.opening(host, deadline, () => {
      this.refuseWindows();
      return Promise.resolve(new LocalFiles(host.name));
    });
  }

  async connect(host: Host, to: Destination | SocketPath, { deadline }: OpenOptions): Promise<Duplex> {
    return this.opening(host, deadline, async () => {
      if ('path' in to) checkSocketPath(to.path);
      const socket = createConnection('path' in to ? to : { host: to.address, port: to.port, noDelay: true });
      try {
        await new Promise<void>((resolve, reject) => {
          const unhear = deadline.onAbort(() => reject(deadline.reason!));
          socket.once('connect', resolve).once('error', reject);
          socket.once('connect', unhear).once('error', unhear);
        });
      } catch (error) {
        socket.destroy();
        const fault = 'path' in to && (await faultOf(to.path, error as NodeJS.ErrnoException));
        if (fault) throw unixSocketError(fault, to.path, error);
        const peer = 'path' in to ? to.path : peerOf(to);
        throw toMusterError(error, { phase: 'connect', peer }, 'UNREACHABLE');
      }
      this.streams.add(socket);
      socket.once('close', () => this.streams.delete(socket));
      return socket;
    });
  }

  /** What is sent to this machine leaves nothing. */
  destinationThrough(): Promise<SecretDestination> {
    return Promise.resolve({ fingerprint: '', route: [], vouchedBy: 'user' });
  }

  async dispose(): Promise<void> {
    const reason = new MusterError('CANCELLED', t('the connections are being closed'));
    this.closing = reason;
    process.off('exit', this.killAll);
    for (const stream of this.streams) stream.destroy();
    const processes = [...this.processes];
    for (const process of processes) process.abort(reason);
    await Promise.all(processes.map(({ gone }) => gone));
  }

  private async opening<T>(
    host: Host,
    deadline: OpenOptions['deadline'],
    open: () => Promise<T>,
  ): Promise<T> {
    try {
      const refusal = this.closing ?? deadline.reason;
      if (refusal) throw refusal;
      return await open();
    } catch (error) {
      throw toMusterError(error, { host: host.name });
    }
  }

  private keep(process: LocalProcess): LocalProcess {
    this.processes.add(process);
    void process.gone.then(() => this.processes.delete(process));
    if (this.closing) process.abort(this.closing);
    return process;
  }

  /** @throws MusterError */
  private refuseWindows(): void {
    if (this.platform !== 'win32') return;
    throw new MusterError('PROTOCOL', t('Windows cannot be a host with “transport: local”: it has no sh'), {
      phase: 'channel',
      hint: t('Take out “transport: local”, and reach the machine over SSH or run Muster in WSL.'),
    });
  }
}
