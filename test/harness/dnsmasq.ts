import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accepts, freePort } from './ports';
import { until } from './until';

/** A real name server on loopback that knows these records (options of dnsmasq, without the dashes) and no others. */
export async function startDnsmasq(
  records: readonly string[],
  onPort?: number,
): Promise<{ port: number } & AsyncDisposable> {
  const port = onPort ?? (await freePort());
  const child = spawn(
    // Not on the PATH of every user.
    '/usr/sbin/dnsmasq',
    [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user='],
      ...['--listen-address=127.0.0.1', '--bind-interfaces', `--port=${port}`, '--pid-file='],
      ...['--local=/test/', '--local-ttl=300', '--auth-ttl=300'],
      ...records.map((record) => `--${record}`),
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'close');
  await until('dnsmasq listens', () => accepts(port));
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
