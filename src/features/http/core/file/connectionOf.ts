import type { TlsSettings } from '../../../../platform/tls/tlsSettings';
import { literalText } from '../../../../platform/inventory/yaml/placeholders';
import type { HttpRequest } from '../httpRequest';
import { fileInside } from './fileInside';
import type { ConnectionKey, FileRequest } from './httpFile';

/** What is filled in of a request that does not depend on hosts. @throws MusterError USAGE naming the line */
type Fill = (text: string, line: number) => Promise<string>;

/**
 * How the server of a request is reached: as the file says, unless `given` does, which comes from who sends. Certificates and
 * keys are files in the folder of the file. @throws MusterError USAGE naming the line
 */
export async function connectionOf(
  { connection, isInsecure }: FileRequest,
  given: Pick<HttpRequest, 'socket' | 'tls'>,
  folder: string,
  fill: Fill,
): Promise<{ socket: string | undefined; tls: TlsSettings }> {
  const { tls } = given;
  const fileOf = async (key: Exclude<ConnectionKey, 'socket'>) => {
    const named = connection[key];
    if (!named) return undefined;
    const path = await fileInside(folder, await fill(named.text, named.line), named.line);
    // Elsewhere in it values of hosts could lead out of the folder.
    return literalText(path);
  };
  const { socket } = connection;
  const pair = tls?.cert === undefined ? { cert: await fileOf('cert'), key: await fileOf('key') } : tls;
  return {
    socket: given.socket ?? (socket && (await fill(socket.text, socket.line))),
    tls: {
      ca: tls?.ca ?? (await fileOf('ca')),
      ...{ cert: pair.cert, key: pair.key },
      insecure: (tls?.insecure ?? false) || isInsecure,
    },
  };
}

/** What is unusual about how a request goes to its server, as it is written; empty where nothing is. */
export function wayText({ connection: { socket, ca }, isInsecure }: FileRequest): string {
  const parts = [
    ...(socket ? [`unix-socket ${socket.text}`] : []),
    ...(ca ? [`cacert ${ca.text}`] : []),
    ...(isInsecure ? ['insecure'] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
