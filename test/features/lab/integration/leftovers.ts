import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Lab } from '../../../../src/features/lab/core/startLab';

/** Ids of the processes whose environment or command line holds `text`. */
export async function processesWith(
  text: string,
  files: readonly ('environ' | 'cmdline')[] = ['environ', 'cmdline'],
): Promise<number[]> {
  const ids = (await readdir('/proc')).map(Number).filter((id) => id > 0 && id !== process.pid);
  const found = await Promise.all(
    ids.map(async (id) => {
      const contents = files.map((file) => readFile(`/proc/${id}/${file}`, 'latin1').catch(() => ''));
      return (await Promise.all(contents)).some((content) => content.includes(text));
    }),
  );
  return ids.filter((_, index) => found[index]);
}

/** Whether the process exists and is no zombie. */
export async function isRunning(id: number): Promise<boolean> {
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
  return /^State:\s+[^ZX]/m.test(status);
}

/** `address:port` of what still accepts connections. */
export async function openPorts(lab: Pick<Lab, 'hosts'>): Promise<string[]> {
  const places = lab.hosts.flatMap(({ address, ports }) =>
    Object.values(ports).map((port) => ({ address, port })),
  );
  const open = await Promise.all(places.map(({ address, port }) => accepts(address, port)));
  return places.filter((_, index) => open[index]).map(({ address, port }) => `${address}:${port}`);
}

export function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
