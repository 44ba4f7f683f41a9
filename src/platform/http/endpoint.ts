import { once } from 'node:events';
import { ClientRequest, type IncomingMessage, maxHeaderSize } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { z } from 'zod';
import { addressOf } from '../text/addressOf';
import { tlsError } from '../tls/tlsError';
import { tlsOptions, type TlsSettings } from '../tls/tlsSettings';
import { MusterError, toMusterError } from '../errors/errors';
import type { Host } from '../inventory/model';
import { resolvePlaceholders } from '../inventory/yaml/placeholders';
import { t } from '../l10n/l10n';
import type { Deadline } from '../batch/deadline';
import type { HostTransport } from '../transport/hostTransport';
import { answerError, noAnswer } from './answerFaults';

/** From where a URL is connected to. */
export const throughSchema = z
  .enum(['ssh', 'direct'])
  .optional()
  .describe(
    'ssh: from the host itself, over its SSH connection; direct: from this machine. Default: ssh for addresses of loopback, else direct.',
  );

/** A service of a host that is asked over HTTP. */
export interface Endpoint {
  readonly host: Host;
  /** Without user and password. */
  readonly url: URL;
  readonly through: 'ssh' | 'direct';
  readonly tls: TlsSettings | undefined;
  /** The unix socket of the host that is connected to, whatever address the URL has. */
  readonly socket?: string;
}

/** How endpoints are reached, and until when. */
export interface EndpointAccess {
  readonly transport: Pick<HostTransport, 'connect'>;
  readonly deadline: Deadline;
  /** Where relative paths in the settings start. */
  readonly directory: string;
}

/** The endpoint of a host with its values in the URL. @throws MusterError INVENTORY */
export function endpointOf(
  host: Host,
  template: string,
  {
    through,
    tls,
    socket,
  }: {
    through?: Endpoint['through'] | undefined;
    tls?: TlsSettings | undefined;
    socket?: string | undefined;
  },
): Endpoint {
  const address = host.address.includes(':') ? `[${host.address}]` : host.address;
  const text = resolvePlaceholders(template, host, { address });
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new MusterError('INVENTORY', t('the url is not a URL once the placeholders are filled in'), {
      ...{ host: host.name, phase: 'inventory' },
      hint: t('Write it as http://ADDRESS:PORT, and check the address and labels of the host.'),
    });
  if (socket !== undefined)
    return { host, url, through: 'ssh', tls, socket: resolvePlaceholders(socket, host) };
  return { host, url, through: through ?? (isLoopback(url) ? 'ssh' : 'direct'), tls };
}

/** Whether it stays on the machine that connects. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(addressOf(url));
}

/** Connects, with TLS where the URL says so. @throws MusterError with its phase */
export async function connectTo(
  { host, url, through, tls: settings, socket }: Endpoint,
  { transport, deadline, directory }: EndpointAccess,
): Promise<Duplex> {
  const address = addressOf(url);
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const options = isSecure ? await tlsOptions(settings, address, host, directory) : undefined;
  const plain =
    through === 'ssh'
      ? await transport.connect(host, socket === undefined ? { address, port } : { path: socket }, {
          deadline,
        })
      : net.connect(port, address);
  const stream = options ? tls.connect({ ...options, socket: plain }) : plain;
  const unhear = deadline.onAbort(() => stream.destroy());
  stream.once('close', () => {
    unhear();
    plain.destroy();
  });
  try {
    if (options) await once(stream, 'secureConnect');
    else if (through === 'direct') await once(stream, 'connect');
    return stream;
  } catch (error) {
    stream.destroy();
    const phase = options ? 'tls' : 'connect';
    throw toMusterError(deadline.reason ?? tlsError(error, phase) ?? error, { host: host.name, phase });
  }
}

/** Whether it is the service that nothing listens for, and not the SSH server on the way to it. */
export function isServiceRefused({ through }: Endpoint, error: unknown): error is MusterError {
  if (!MusterError.is(error, 'REFUSED')) return false;
  // ssh2 gives the reason that the server has sent.
  return (
    through === 'direct' || typeof (error.cause as { reason?: unknown } | undefined)?.reason === 'number'
  );
}

/** Sends GET and resolves with the answer, whose body is the caller's to read. @throws MusterError with its phase */
export async function get(
  endpoint: Endpoint,
  path: string,
  context: EndpointAccess,
  headers: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  const stream = await connectTo(endpoint, context);
  const { deadline } = context;
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      // The first error is what happened; those of a destroyed socket follow from it, and are heard as well:
      // one that nobody hears would end the process.
      stream.on('error', reject);
      stream.once('close', () => reject(noAnswer()));
      // The editor’s own `request` would connect anew, by its settings for proxies.
      new ClientRequest({
        createConnection: () => stream,
        path,
        headers: { host: endpoint.url.host, 'user-agent': 'muster', connection: 'close', ...headers },
      })
        .on('error', reject)
        .once('response', resolve)
        .end();
    });
  } catch (error) {
    stream.destroy();
    throw brokenAnswer(endpoint.host, deadline.reason ?? error);
  }
}

/** What went wrong with an answer of `get`, or with its body. */
export function brokenAnswer(host: Host, error: unknown): MusterError {
  return answerError(error, { host: host.name, phase: 'request' }, maxHeaderSize);
}
