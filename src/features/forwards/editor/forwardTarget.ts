/** What to forward: a port as the host sees it, and the local one; 0 is any that is free. */
export interface ForwardTarget {
  address: string;
  port: number;
  localPort: number;
}

/** The host's own. */
export const loopback = '127.0.0.1';
/** `8080`, `9000:8080`, `db.internal:5432`, `9000:db.internal:5432`, `9000:[fd00::1]:5432`: the order of `ssh -L`. */
const form =
  /^(?:(?<local>\d{1,5}):)?(?:(?:\[(?<v6>[\da-f:.%\w-]+)\]|(?<name>[^\s:[\]/?#@]*[^\s:[\]/?#@\d][^\s:[\]/?#@]*|\d{1,3}(?:\.\d{1,3}){3})):)?(?<port>\d{1,5})$/i;

/** undefined when the text makes no sense. */
export function readForwardTarget(text: string): ForwardTarget | undefined {
  const parts = form.exec(text.trim())?.groups;
  if (!parts) return undefined;
  const port = Number(parts['port']);
  const localPort = Number(parts['local'] ?? 0);
  if (port < 1 || port > 65_535 || localPort > 65_535) return undefined;
  return { address: parts['v6'] ?? parts['name'] ?? loopback, port, localPort };
}

/** As it is shown; the host's own loopback goes without saying. */
export function targetText({ address, port }: Pick<ForwardTarget, 'address' | 'port'>): string {
  if (address === loopback) return String(port);
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
