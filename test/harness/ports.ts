import { once } from 'node:events';
import net from 'node:net';

/** A port that was free a moment ago. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = net.createServer().listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** That many different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** Whether a server takes connections there. */
export async function accepts(port: number, address = '127.0.0.1'): Promise<boolean> {
  const socket = net.connect(port, address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
