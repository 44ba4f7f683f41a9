import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { Deadline } from '../../../platform/batch/deadline';
import { MusterError, toMusterError } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../platform/inventory/yaml/placeholders';
import type { PhaseRecorder } from '../../../platform/operation/phaseRecorder';
import { addressOf } from '../../../platform/text/addressOf';
import { brokenHandshake, tlsError } from '../../../platform/tls/tlsError';
import { tlsOptions } from '../../../platform/tls/tlsSettings';
import type { HostTransport } from '../../../platform/transport/hostTransport';
import type { HttpRequest } from './httpRequest';

/** How servers are reached, and until when. */
export interface HttpAccess {
  readonly transport: Pick<HostTransport, 'connect' | 'destinationThrough'>;
  readonly deadline: Deadline;
  readonly phases: PhaseRecorder;
  /** Where relative paths of certificates start. */
  readonly directory: string;
  /** Called when a request is about to be sent, from when on the server may act on it. */
  readonly onSent?: () => void;
}

/** A stream to a server, and what is spoken on it. */
export interface OpenWay {
  readonly stream: Duplex;
  readonly protocol: 'h2' | 'http/1.1';
}

/** Connects from the host to the server of the URL, whose name the host resolves. @throws MusterError with its phase */
export async function openWay(
  host: Host,
  url: URL,
  { socket, tls: settings, http2 }: Pick<HttpRequest, 'socket' | 'tls' | 'http2'>,
  { transport, deadline, phases, directory }: HttpAccess,
): Promise<OpenWay> {
  const address = addressOf(url);
  const isSecure = url.protocol === 'https:';
  // A certificate that cannot be read is found before anything is connected to.
  const options = isSecure ? await tlsOptions(settings, address, host, directory) : undefined;
  if (host.transport !== 'local') {
    phases.enter('ssh');
    await transport.destinationThrough(host, { deadline });
  }
  phases.enter('connect');
  const destination =
    socket === undefined
      ? { address, port: Number(url.port) || (isSecure ? 443 : 80) }
      : { path: resolvePlaceholders(socket, host) };
  const plain = await transport.connect(host, destination, { deadline });
  if (!options) return { stream: plain, protocol: 'http/1.1' };
  phases.enter('tls');
  return secured(
    plain,
    { ...options, ALPNProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'] },
    host,
    deadline,
  );
}

async function secured(
  plain: Duplex,
  options: tls.ConnectionOptions,
  host: Host,
  deadline: Deadline,
): Promise<OpenWay> {
  const stream = tls.connect({ ...options, socket: plain });
  const unhear = deadline.onAbort(() => stream.destroy(deadline.reason));
  plain.on('error', (error) => stream.destroy(error));
  // After the handshake whoever reads it hears of them as well.
  stream.on('error', () => {});
  stream.once('close', () => {
    plain.destroy();
    // Unread data would hold back its end.
    plain.resume();
  });
  try {
    await once(stream, 'secureConnect');
    return { stream, protocol: stream.alpnProtocol === 'h2' ? 'h2' : 'http/1.1' };
  } catch (error) {
    stream.destroy();
    const known = toMusterError(deadline.reason ?? tlsError(error, 'tls') ?? error, {
      host: host.name,
      phase: 'tls',
    });
    throw MusterError.is(known, 'RESET') ? brokenHandshake(error) : known;
  } finally {
    unhear();
  }
}
