import type * as Grpc from '@grpc/grpc-js';
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import tls from 'node:tls';

export interface TlsTarget {
  context: tls.SecureContext;
  /** The name or the IP address that the certificate must be for. */
  name: string;
  /** Called with what OpenSSL or the check of the certificate says, which gRPC shortens to a text. */
  onError: (error: Error) => void;
}

/**
 * Connects gRPC with TLS. gRPC's own credentials would ask for IP addresses by name (SNI), which RFC 6066 forbids and
 * Node.js warns of, and hide why a handshake failed: with TLS 1.3 a refused client certificate is told after it.
 */
export function tlsCredentials(grpc: typeof Grpc, target: TlsTarget): Grpc.ChannelCredentials {
  class TlsCredentials extends grpc.ChannelCredentials {
    override _isSecure(): boolean {
      return true;
    }

    override _equals(other: Grpc.ChannelCredentials): boolean {
      return this === other;
    }

    override _createSecureConnector(...[, , callCredentials]: ConnectorArguments): Connector {
      return {
        connect: async (socket) => ({ socket: await handshake(socket, target), secure: true }),
        waitForReady: () => Promise.resolve(),
        getCallCredentials: () => callCredentials ?? grpc.CallCredentials.createEmpty(),
        destroy: () => {},
      };
    }
  }
  return new TlsCredentials();
}

type ConnectorArguments = Parameters<Grpc.ChannelCredentials['_createSecureConnector']>;
type Connector = ReturnType<Grpc.ChannelCredentials['_createSecureConnector']>;

function handshake(socket: Socket, { context, name, onError }: TlsTarget): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tls.connect({
      ...{ socket, secureContext: context, ALPNProtocols: ['h2'], minVersion: 'TLSv1.2' },
      servername: isIP(name) ? '' : name,
      checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
    });
    secure.once('secureConnect', () => resolve(secure));
    secure.once('close', () => reject(new Error('closed before secure TLS connection was established')));
    // After the handshake too.
    secure.on('error', (error: Error) => {
      onError(error);
      reject(error);
    });
  });
}
