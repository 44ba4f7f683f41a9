import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * The address as it was written, and as OpenSSH's users write it: the same machine must not pass as another one by
 * another spelling of its address (`10.0.0.5` as `::ffff:10.0.0.5` or `0x0a000005`, `::1` as `::1%lo`, a dot behind a
 * name). Characters beyond ASCII are refused before, see `plainAddressProblem`.
 */
export function addressSpellings(address: string): string[] {
  const written = address.toLowerCase();
  return [...new Set([written, ...plainSpellings(written)])];
}

function plainSpellings(address: string): string[] {
  const [literal = '', zone] = address.split('%', 2);
  if (isIP(literal) === 6) {
    const short = new URL(`http://[${literal}]`).hostname.slice(1, -1);
    const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
    if (high === undefined || low === undefined) {
      const plain = orLoopback(short);
      return zone === undefined ? plain : [...zonesLike(zone).map((one) => `${short}%${one}`), ...plain];
    }
    const bytes = [high, low]
      .map((part) => Number.parseInt(part, 16))
      .flatMap((part) => [part >> 8, part & 255]);
    return orLoopback(bytes.join('.'));
  }
  const name = address.replace(/\.$/, '');
  // Numbers of other bases and shortened ones, which the system's resolver takes as well.
  if (!/^(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+)){0,3}$/.test(name)) return [name];
  return URL.canParse(`http://${name}`) ? orLoopback(new URL(`http://${name}`).hostname) : [name];
}

/** A connection to no address in particular leads to this machine. */
function orLoopback(address: string): string[] {
  const loopback = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address];
  return loopback === undefined ? [address] : [address, loopback];
}

/** A zone as it is written, and the name and the number of the network interface that it means. */
function zonesLike(zone: string): string[] {
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const number = addresses.find((one) => one.family === 'IPv6' && one.scopeid > 0)?.scopeid;
    if (number !== undefined && (name.toLowerCase() === zone || Number(zone) === number))
      return [zone, name.toLowerCase(), String(number)];
  }
  return [zone];
}
